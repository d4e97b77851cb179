"""The agent as a process of its own: its log, what it tells its manager, and signals."""

import asyncio
import contextlib
import json
import os
import signal
import sys
from collections.abc import AsyncGenerator, Callable
from pathlib import Path
from typing import Any

from agent.control.client import ControlClient
from tests.cli.inprocess import in_text
from tests.integration.config import DeviceFile
from tests.service.notify import FakeManager

POLL_S = 0.01
PATIENCE_S = 20.0
FOREIGN = ("NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID", "JOURNAL_STREAM")


HANDED_OVER = """\
import os, sys
passed = int(sys.argv[1])
if passed != 3:
    os.dup2(passed, 3)
    os.close(passed)
os.environ["LISTEN_PID"] = str(os.getpid())
os.execv(sys.argv[2], sys.argv[2:])
"""
"""Puts a descriptor where a service manager puts the first that it has held (sd_listen_fds)."""


class News:
    """Wakes whoever waits until something has been seen."""

    def __init__(self) -> None:
        self._event = asyncio.Event()

    def tell(self) -> None:
        self._event.set()
        self._event = asyncio.Event()

    async def wait(self) -> None:
        await self._event.wait()


async def until(
    condition: Callable[[], Any], what: str = "", timeout_s: float = PATIENCE_S
) -> None:
    """Wait for *condition* of something that tells nobody when it changes, such as a file."""
    try:
        async with asyncio.timeout(timeout_s):
            while not condition():  # noqa: ASYNC110 - a file tells nobody that it has changed
                await asyncio.sleep(POLL_S)
    except TimeoutError:
        raise AssertionError(f"not within {timeout_s:g} s: {what or condition}") from None


class Agent:
    """One life of the process. `log` holds its log lines, `text` all that it wrote."""

    def __init__(
        self, process: asyncio.subprocess.Process, manager: FakeManager, socket_path: Path
    ) -> None:
        self.process = process
        self.manager = manager
        self.control = ControlClient(str(socket_path))
        self.log: list[dict[str, Any]] = []
        self.text = ""
        self._news = News()

    # ── what it tells ───────────────────────────────────────────────────────────────────────

    async def until(
        self, condition: Callable[[], Any], what: str = "", timeout_s: float = PATIENCE_S
    ) -> Any:
        """Wait until *condition* holds of its log, its notifications or its end; give its value."""
        try:
            async with asyncio.timeout(timeout_s):
                while not (found := condition()):
                    await self._news.wait()
                return found
        except TimeoutError:
            tail = self.text[-3000:]
            raise AssertionError(f"not within {timeout_s:g} s: {what}; it wrote:\n{tail}") from None

    async def logged(self, event: str, timeout_s: float = PATIENCE_S, **fields: object) -> Any:
        """Wait for a log line of that name with those fields."""

        def found() -> dict[str, Any] | None:
            return next(
                (line for line in self.entries(event) if fields.items() <= line.items()), None
            )

        return await self.until(found, f"log {event} {fields}", timeout_s)

    def entries(self, event: str) -> list[dict[str, Any]]:
        return [line for line in self.log if line["event"] == event]

    def told(self, key: str) -> list[str]:
        """What it told its manager under *key*, such as READY."""
        return [each.fields[key] for each in self.manager.seen if key in each.fields]

    async def ready(self, times: int = 1) -> "Agent":
        """Wait for READY=1, for the *times*-th time."""
        await self.until(
            lambda: len(self.told("READY")) >= times or self.process.returncode is not None, "READY"
        )
        assert len(self.told("READY")) >= times, f"it ended instead:\n{self.text}"
        return self

    def hear_manager(self) -> None:
        with contextlib.suppress(BlockingIOError):
            while True:
                self.manager.next(0)
                self._news.tell()

    async def read_log(self) -> None:
        assert self.process.stderr is not None
        async for line in self.process.stderr:
            self.text += line.decode()
            with contextlib.suppress(ValueError):
                self.log.append(json.loads(line))
            self._news.tell()
        await self.process.wait()
        self._news.tell()

    # ── what it is asked ────────────────────────────────────────────────────────────────────

    async def ask(self, method: str, **params: object) -> Any:
        """Ask over the control socket; raise `ControlError` with its reason."""
        return await asyncio.to_thread(self.control.call, method, params)

    async def switch(self, *, on: bool, device: str | None = None) -> Any:
        chosen = {} if device is None else {"device": device}
        return await self.ask("set", values={"power_switch": on}, **chosen)

    async def device(self, name: str | None = None) -> dict[str, Any]:
        """The status of one device."""
        answer = await self.ask("status", **({} if name is None else {"device": name}))
        (device,) = answer["devices"]
        return device

    async def device_until(
        self, condition: Callable[[dict[str, Any]], Any], timeout_s: float = PATIENCE_S
    ) -> dict[str, Any]:
        """Ask for the status until *condition* holds of it."""
        device: dict[str, Any] = {}
        try:
            async with asyncio.timeout(timeout_s):
                while True:
                    device = await self.device()
                    if condition(device):
                        return device
                    await asyncio.sleep(POLL_S)
        except TimeoutError:
            raise AssertionError(f"not within {timeout_s:g} s: {device}\n{self.text}") from None

    # ── signals ─────────────────────────────────────────────────────────────────────────────

    async def reload(self) -> None:
        """Send SIGHUP and wait until the reload has ended, whichever way."""
        before = len(self.told("READY"))
        self.process.send_signal(signal.SIGHUP)
        await self.ready(before + 1)

    async def kill(self) -> int:
        return await self.end(signal.SIGKILL)

    async def stop(self) -> int:
        return await self.end(signal.SIGTERM)

    async def end(self, number: signal.Signals) -> int:
        if self.process.returncode is None:
            self.process.send_signal(number)
        return await self.ended()

    async def ended(self) -> int:
        """Wait until it is gone, its log read to the end; give its exit status."""
        await self.until(lambda: self.process.returncode is not None, "the end")
        assert self.process.returncode is not None
        return self.process.returncode


def environment(**more: str) -> dict[str, str]:
    """This process's own environment, without what its own manager may have put there."""
    clean = {
        key: value
        for key, value in os.environ.items()
        if key not in FOREIGN and not key.startswith("POLYCLOUD_")
    }
    return {**clean, **more}


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "agent", *arguments]


@contextlib.asynccontextmanager
async def running(
    config: DeviceFile,
    path: Path | None = None,
    *,
    watchdog_s: float | None = None,
    held: tuple[str, int] | None = None,
    **environ: str,
) -> AsyncGenerator[Agent]:
    """Run the agent on *config*; what is left of it at the end is killed.

    *held* is the name and the descriptor of a line that its manager has held.
    """
    address = config.folder / "notify"
    address.unlink(missing_ok=True)
    manager = FakeManager(str(address), watchdog_s)
    env = environment(RUNTIME_DIRECTORY=str(config.folder), **manager.environ, **environ)
    program = command("run", "--config", str(path or config.path))
    if held is not None:
        name, descriptor = held
        env |= {"LISTEN_FDS": "1", "LISTEN_FDNAMES": name}
        program = [sys.executable, "-c", HANDED_OVER, str(descriptor), *program]
    process = await asyncio.create_subprocess_exec(
        *program,
        env=env,
        pass_fds=() if held is None else (held[1],),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )
    agent = Agent(process, manager, config.control_socket)
    loop = asyncio.get_running_loop()
    loop.add_reader(manager.fileno(), agent.hear_manager)
    reading = asyncio.create_task(agent.read_log())
    try:
        yield agent
    finally:
        loop.remove_reader(manager.fileno())
        if process.returncode is None:
            process.kill()
        await reading
        manager.close()


@contextlib.asynccontextmanager
async def ready(config: DeviceFile, path: Path | None = None, **more: Any) -> AsyncGenerator[Agent]:
    """Run the agent and wait until it is ready."""
    async with running(config, path, **more) as agent:
        yield await agent.ready()


async def run(*arguments: str, **environ: str) -> tuple[int, str, str]:
    """Run `polycloud` as a user does; give exit status, stdout and stderr."""
    return await finished(command(*arguments), environment(**environ))


async def typed(*arguments: str, **environ: str) -> tuple[int, str, str]:
    """Run `polycloud` like `run`, in this process: one of its own costs half a second."""
    done = await asyncio.to_thread(in_text, *arguments, environ=environ)
    return done.returncode, done.stdout, done.stderr


async def guard(config: DeviceFile, result: str, code: str, status: str) -> str:
    """Run the stop guard as systemd does after a death; give what it said."""
    ending = {"SERVICE_RESULT": result, "EXIT_CODE": code, "EXIT_STATUS": status}
    program = [sys.executable, "-m", "agent.guard", str(config.lines)]
    exit_status, _, said = await finished(program, environment(**ending))
    assert exit_status == 0, said
    return said


async def finished(program: list[str], env: dict[str, str]) -> tuple[int, str, str]:
    process = await asyncio.create_subprocess_exec(
        *program,
        env=env,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await process.communicate()
    assert process.returncode is not None
    return process.returncode, out.decode(), err.decode()

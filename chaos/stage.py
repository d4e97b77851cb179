"""What every part puts an agent on: a configuration, and lives of the process that end by force."""

import asyncio
import contextlib
import json
import os
import socket
import sys
import time
from collections.abc import AsyncGenerator, Generator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Final, cast

from agent.control.client import ControlClient

DEVICE: Final = "socket-1"
PATIENCE_S: Final = 20.0
STOP_S: Final = 12.0
ENVIRON: Final = {"PATH": os.defpath, "LANG": "C.UTF-8"}
"""As bare as a service's."""

NOTHING: Final[Mapping[str, str]] = MappingProxyType({})

Sections = dict[str, dict[str, object]]
ALWAYS: Final = dict.fromkeys(("restart", "crash", "update", "reboot", "power_loss"), "restore")
"""A contact that stands where it stood, whatever the start's cause."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """A folder with a device's file; the contact's level is a file that outlives the agent."""

    folder: Path
    state: Path

    @property
    def config(self) -> Path:
        """The device's file."""
        return self.folder / "socket.toml"

    @property
    def contact(self) -> Path:
        """The file with the contact's level."""
        return self.folder / "contact" / "level"

    @property
    def log(self) -> Path:
        """What every life wrote."""
        return self.folder / "agent.log"

    @property
    def control(self) -> Path:
        """The control socket."""
        return self.folder / "control.sock"

    def write(self, more: Mapping[str, Mapping[str, object]]) -> None:
        """Write the configuration; the sections of *more* are laid over the stage's own."""
        self.contact.parent.mkdir(parents=True, exist_ok=True)
        wanted: Sections = {
            "agent": {
                "state_dir": str(self.state),
                "control_socket": str(self.control),
                "clock": "system",
            },
            "device": {"id": DEVICE, "kind": "socket", "clouds": []},
            "device.meter": {"driver": "simulated"},
            "device.relay": {
                "driver": "simulated",
                "state_file": str(self.contact),
                "min_off_s": 0,
                "on_stop": "keep",
            },
            "device.relay.on_start": dict(ALWAYS),
            "device.button": {"driver": "none"},
            "device.indicator": {"driver": "none"},
        }
        for name, values in more.items():
            wanted[name] = {**wanted.get(name, {}), **values}
        self.config.write_text(toml(wanted), encoding="utf-8")
        self.config.chmod(0o600)

    def entries(self, *names: str) -> list[dict[str, object]]:
        """Read the log's lines, those of these events only if any are named."""
        text = self.log.read_text(encoding="utf-8") if self.log.exists() else ""
        lines = (line for line in text.splitlines() if line.startswith("{"))
        rows = [cast("dict[str, object]", json.loads(line)) for line in lines]
        return [row for row in rows if not names or row.get("event") in names]


def toml(sections: Mapping[str, Mapping[str, object]]) -> str:
    """Write sections as TOML: a JSON text, number or list is one of TOML's too."""
    lines: list[str] = []
    for name, values in sections.items():
        lines += [f"[{name}]", *(f"{key} = {json.dumps(value)}" for key, value in values.items())]
    return "\n".join([*lines, ""])


class Life:
    """One life of the process."""

    def __init__(self, process: asyncio.subprocess.Process, control: Path) -> None:
        self.process = process
        self.started_at = time.monotonic()
        self.is_ready = asyncio.Event()
        self._control = ControlClient(str(control))

    async def ready(self) -> None:
        """Wait until it supervises the relay; raise where it ends before."""
        ending = asyncio.ensure_future(self.process.wait())
        waiting = asyncio.ensure_future(self.is_ready.wait())
        try:
            async with asyncio.timeout(PATIENCE_S):
                await asyncio.wait([ending, waiting], return_when=asyncio.FIRST_COMPLETED)
        finally:
            ending.cancel()
            waiting.cancel()
        if not self.is_ready.is_set():
            raise RuntimeError(f"the agent ended with {self.process.returncode}; see its log")

    async def ask(self, method: str, **params: object) -> object:
        """Ask over the control socket."""
        return await asyncio.to_thread(self._control.call, method, params)

    async def switch(self, *, on: bool) -> None:
        """Switch, as a person does."""
        await self.ask("set", values={"power_switch": on})

    async def properties(self) -> Mapping[str, object]:
        """Ask for the device's properties."""
        status = cast("Mapping[str, Sequence[Mapping[str, object]]]", await self.ask("status"))
        return cast("Mapping[str, object]", status["devices"][0]["properties"])

    async def kill(self) -> None:
        """End it with SIGKILL."""
        with contextlib.suppress(ProcessLookupError):
            self.process.kill()
        await self.process.wait()

    async def stop(self) -> None:
        """End it with SIGTERM; raise where it does not obey."""
        self.process.terminate()
        async with asyncio.timeout(STOP_S):
            await self.process.wait()


@contextlib.asynccontextmanager
async def living(
    stage: Stage,
    prefix: Sequence[str] = (),
    *,
    program: Sequence[str] = ("-m", "agent"),
    environ: Mapping[str, str] = NOTHING,
) -> AsyncGenerator[Life, None]:
    """Start the agent, after *prefix* on its command line; what is left at the end is killed."""
    loop = asyncio.get_running_loop()
    with _listening(stage.folder / "notify") as manager, stage.log.open("ab") as log:
        command = [*prefix, sys.executable, *program, "run", "--json", "--config"]
        process = await asyncio.create_subprocess_exec(
            *command,
            str(stage.config),
            env={
                **ENVIRON,
                **environ,
                "NOTIFY_SOCKET": str(stage.folder / "notify"),
                "RUNTIME_DIRECTORY": str(stage.folder),
            },
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=log,
        )
        life = Life(process, stage.control)

        def hear() -> None:
            with contextlib.suppress(BlockingIOError):
                while True:
                    if b"READY=1" in manager.recv(4096):
                        life.is_ready.set()

        loop.add_reader(manager.fileno(), hear)
        try:
            yield life
        finally:
            loop.remove_reader(manager.fileno())
            await life.kill()


@contextlib.contextmanager
def _listening(address: Path) -> Generator[socket.socket]:
    """Stand in for the service manager."""
    address.unlink(missing_ok=True)
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(address))
        manager.setblocking(False)  # noqa: FBT003 - the library's own form
        yield manager

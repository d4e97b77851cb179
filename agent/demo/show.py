"""The two ways to see the demo: a tour of lines, and a live view that obeys keys."""

import asyncio
import contextlib
import json
import sys
import termios
import time
import tty
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Generator
from contextlib import asynccontextmanager
from typing import Any, Final

import structlog

from agent.demo.screen import Scene, draw
from agent.demo.stage import DemoError, Stage, open_stage
from agent.demo.tour import play
from agent.drivers.simulated.appliances import make

APPLIANCES: Final = {
    "l": "lamp",
    "k": "kettle",
    "p": "phone_charger",
    "m": "compressor",
    "o": "overload",
}
REFRESH_S: Final = 0.15
LOG_LINES: Final = 6
ENTER: Final = "\x1b[?1049h\x1b[?25l\x1b[2J"
LEAVE: Final = "\x1b[?25h\x1b[?1049l"


async def tour(*, as_json: bool) -> bool:
    """Play the tour, a line a step; tell whether every step really happened."""
    _log_to(deque(maxlen=1))
    begin = time.monotonic()
    async with open_stage() as stage:
        is_good = await report(play(stage), as_json=as_json)
    word = "everything happened" if is_good else "the tour ended early"
    print(f"{word} in {time.monotonic() - begin:.0f} s", file=sys.stderr)  # noqa: T201 - a message
    return is_good


async def report(steps: AsyncIterator[tuple[str, bool, str]], *, as_json: bool) -> bool:
    """Print a line for each step as it ends; tell whether all of them happened."""
    is_good = True
    async for name, happened, seen in steps:
        is_good = is_good and happened
        _print_step(name, happened, seen, as_json=as_json)
    return is_good


def _print_step(name: str, happened: bool, seen: str, *, as_json: bool) -> None:  # noqa: FBT001 - a step's result
    if as_json:
        line = json.dumps({"step": name, "ok": happened, "seen": seen})
    else:
        line = f"{'ok' if happened else 'FAILED'} {name}: {seen}"
    print(line, flush=True)  # noqa: T201 - the command's output


async def live(seconds: float | None) -> None:
    """Show the socket and its cloud until `q`, Ctrl-C or the time is over."""
    lines: deque[str] = deque(maxlen=LOG_LINES)
    _log_to(lines)
    async with open_stage() as stage, _Hands.of(stage) as hands:
        with _raw_terminal():
            try:
                async with asyncio.timeout(seconds):
                    await _show(stage, hands, lines)
            except TimeoutError:
                return


async def _show(stage: Stage, hands: "_Hands", lines: deque[str]) -> None:
    runtime = stage.service.devices["demo"].runtime
    links = stage.service.devices["demo"].links
    assert links is not None
    while not hands.is_done.is_set():
        link = links.links["tencent"]
        scene = Scene(
            snapshot=runtime.snapshot(),
            described=runtime.describe(),
            color=stage.light.color,
            plugged=hands.plugged,
            network_is_cut=hands.network_is_cut,
            link="online" if link.status.is_connected else f"offline, {link.pending} pending",
            device=await stage.cloud.device(),
            log=list(lines),
        )
        sys.stdout.write("\x1b[H" + draw(scene) + "\x1b[J")
        sys.stdout.flush()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(REFRESH_S):
                await hands.is_done.wait()


class _Hands:
    """What the keys do."""

    def __init__(self, stage: Stage, group: asyncio.TaskGroup) -> None:
        self._stage = stage
        self._group = group
        self.plugged = "lamp"
        self.network_is_cut = False
        self.is_done = asyncio.Event()

    @classmethod
    @asynccontextmanager
    async def of(cls, stage: Stage) -> AsyncGenerator["_Hands", None]:
        """Listen to the keyboard while the context is open."""
        loop = asyncio.get_running_loop()
        async with asyncio.TaskGroup() as group:
            hands = cls(stage, group)
            loop.add_reader(sys.stdin.fileno(), hands.on_key)
            try:
                yield hands
            finally:
                loop.remove_reader(sys.stdin.fileno())

    def on_key(self) -> None:
        """Take one key; an end of input ends the view."""
        key = sys.stdin.read(1)
        actions: dict[str, Callable[[], Awaitable[Any]]] = {
            " ": self._stage.click,
            "c": self._cloud_toggles,
            "d": lambda: self._stage.cloud.set({"count_down": 10}),
            "n": self._toggle_network,
        }
        if key in {"q", "", "\x03", "\x04"}:
            self.is_done.set()
        elif key in APPLIANCES:
            self.plugged = APPLIANCES[key]
            self._stage.meter.plug(make(self.plugged))
        elif key in actions:
            self._group.create_task(self._do(actions[key]), name=f"key {key!r}")

    async def _do(self, action: Callable[[], Awaitable[Any]]) -> None:
        try:
            await action()
        except DemoError as error:
            structlog.get_logger().warning("demo.failed", error=str(error))

    async def _cloud_toggles(self) -> None:
        is_on = self._stage.meter.plant.is_closed
        await self._stage.cloud.set({"power_switch": 0 if is_on else 1})

    async def _toggle_network(self) -> None:
        self.network_is_cut = not self.network_is_cut
        if self.network_is_cut:
            await self._stage.cloud.fault("drop")
        else:
            await self._stage.cloud.heal()


@contextlib.contextmanager
def _raw_terminal() -> Generator[None]:
    """Take keys one by one on a screen of our own, and give the terminal back as it was."""
    before = termios.tcgetattr(sys.stdin)
    tty.setcbreak(sys.stdin)
    sys.stdout.write(ENTER)
    try:
        yield
    finally:
        termios.tcsetattr(sys.stdin, termios.TCSADRAIN, before)
        sys.stdout.write(LEAVE)
        sys.stdout.flush()


def _log_to(lines: deque[str]) -> None:
    """Keep the log's last lines for the screen instead of printing them."""

    def keep(logger: object, method: str, event: Any) -> Any:  # noqa: ANN401 - structlog's own form
        del logger
        name = event.pop("event")
        details = " ".join(f"{key}={value}" for key, value in event.items())
        lines.append(f"{method:<8} {name} {details}")
        raise structlog.DropEvent

    structlog.configure(processors=[keep])

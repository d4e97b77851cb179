"""The two ways to see the demo: a tour of lines, and a live view that obeys keys."""

import asyncio
import contextlib
import json
import sys
import termios
import time
import tty
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Generator, Sequence
from typing import Any, Final

import structlog

from agent.demo.dialects import Dialect
from agent.demo.hands import Hands
from agent.demo.screen import CloudView, Scene, draw
from agent.demo.stage import Stage, open_stage
from agent.demo.tour import play

REFRESH_S: Final = 0.15
LOG_LINES: Final = 5
ENTER: Final = "\x1b[?1049h\x1b[?25l\x1b[2J"
LEAVE: Final = "\x1b[?25h\x1b[?1049l"


async def tour(dialects: Sequence[Dialect], *, as_json: bool) -> bool:
    """Play the tour, a line a step; tell whether every step really happened."""
    log_to(deque(maxlen=1))
    begin = time.monotonic()
    async with open_stage(dialects) as stage:
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


async def live(dialects: Sequence[Dialect], seconds: float | None) -> None:
    """Show the socket and its clouds until `q`, Ctrl-C or the time is over."""
    lines: deque[str] = deque(maxlen=LOG_LINES)
    log_to(lines)
    async with open_stage(dialects) as stage, Hands.of(stage) as hands:

        async def screen() -> str:
            return draw(await _scene(stage, hands, lines))

        await show_until(hands.is_done, screen, seconds)


async def show_until(
    is_done: asyncio.Event, screen: Callable[[], Awaitable[str]], seconds: float | None
) -> None:
    """Show what *screen* draws, again and again, on a screen of our own."""
    with _raw_terminal(), contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            while not is_done.is_set():
                sys.stdout.write("\x1b[H" + await screen() + "\x1b[J")
                sys.stdout.flush()
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(REFRESH_S):
                        await is_done.wait()


async def _scene(stage: Stage, hands: Hands, lines: Sequence[str]) -> Scene:
    devices = [await each.api.device() for each in stage.clouds]
    links = [stage.link(each) for each in stage.clouds]
    views = [
        CloudView(
            dialect=cloud.dialect,
            device=device,
            is_online=link.status.is_connected,
            pending=link.pending,
        )
        for cloud, device, link in zip(stage.clouds, devices, links, strict=True)
    ]
    runtime = stage.device.runtime
    return Scene(
        snapshot=runtime.snapshot(),
        described=runtime.describe(),
        color=stage.light.color,
        plugged=hands.plugged,
        network_is_cut=hands.network_is_cut,
        clouds=views,
        commanding=stage.clouds.index(hands.commanding),
        log=list(lines),
    )


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


def log_to(lines: deque[str]) -> None:
    """Keep the log's last lines for the screen instead of printing them."""

    def keep(logger: object, method: str, event: Any) -> Any:  # noqa: ANN401 - structlog's own form
        del logger
        name = event.pop("event")
        details = " ".join(f"{key}={value}" for key, value in event.items())
        lines.append(f"{method:<8} {name} {details}")
        raise structlog.DropEvent

    structlog.configure(processors=[keep])

"""Rules of buttons: every edge once, in order, on the loop, and none afterwards."""

import asyncio
import threading
from collections.abc import AsyncGenerator
from contextlib import AbstractAsyncContextManager
from functools import partial
from typing import Final

from agent.conformance.drivers.bench import Bench
from agent.conformance.drivers.rule import DriverRule
from agent.conformance.drivers.shared import Ways, shared_rules
from agent.conformance.drivers.stands import ButtonStand
from agent.conformance.rule import shown
from agent.ports import Button, ButtonDriver

PUSHES: Final = 2


def _are_heard(heard: list[bool], due: int) -> bool:
    return len(heard) >= due


async def _edges(bench: Bench[ButtonStand]) -> AsyncGenerator[str, None]:
    heard: list[bool] = []
    threads: set[int] = set()

    def hear(is_pressed: bool) -> None:  # noqa: FBT001 - the port's callback
        heard.append(is_pressed)
        threads.add(threading.get_ident())

    async with bench.stand.driver().open() as button:
        button.on_edge(hear)
        for _ in range(PUSHES):
            for move in (bench.stand.press, bench.stand.release):
                due = len(heard) + 1
                await asyncio.to_thread(move)
                await bench.eventually(partial(_are_heard, heard, due))
        await asyncio.sleep(bench.patience_s / 10)
    if heard != [True, False] * PUSHES:
        yield f"{PUSHES} pushes are told as {shown(heard)}"
    if threads - {threading.get_ident()}:
        yield "another thread than the loop's tells of an edge"


async def _quiet(bench: Bench[ButtonStand]) -> AsyncGenerator[str, None]:
    heard: list[bool] = []
    async with bench.stand.driver().open() as button:
        button.on_edge(heard.append)
    bench.stand.press()
    bench.stand.release()
    await asyncio.sleep(bench.patience_s / 10)
    if heard:
        yield f"it tells of edges when it is left: {shown(heard)}"


def _open(driver: ButtonDriver) -> AbstractAsyncContextManager[Button]:
    return driver.open()


async def _listen(button: Button) -> None:
    button.on_edge(lambda _is_pressed: None)


async def _needs_none(bench: Bench[ButtonStand], button: Button) -> bool:
    """Tell that a button which is gone is only one that nobody presses."""
    del bench, button
    return True


WAYS_OF_BUTTONS: Final[Ways[ButtonDriver, Button]] = Ways(
    role="button", enter=_open, use=_listen, tells=_needs_none
)
BUTTON_RULES: Final[tuple[DriverRule[ButtonStand], ...]] = (
    DriverRule(
        name="button-edges",
        statement="every push and every release is told once, in order, on the loop",
        check=_edges,
    ),
    DriverRule(
        name="button-quiet",
        statement="a button that was left tells nothing any more",
        check=_quiet,
    ),
    *shared_rules(WAYS_OF_BUTTONS),
)

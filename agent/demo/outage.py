"""The step that cuts the network: what happens meanwhile arrives afterwards, once."""

import asyncio
from collections.abc import Callable, Mapping
from typing import Final

from agent.clouds.link import Link
from agent.demo.app import DemoError
from agent.demo.stage import Stage
from agent.demo.steps import INRUSH_S, KETTLE_W, OFF, told_once, trip
from agent.demo.watch import everywhere, listed, look, until
from agent.drivers.simulated.appliances import make

NOTICED_S: Final = 5.0
RECONNECTS_S: Final = 30.0
"""Twice the longest of the platforms' shortest intervals between two connects, and a little."""

DRAINS_S: Final = 15.0


async def outage(stage: Stage) -> str:
    """Cut the network, trip meanwhile, and see what was pending arrive when it is back."""
    sessions = {each.name: stage.link(each).status.sessions for each in stage.clouds}
    before = {each.name: len(await each.trips()) for each in stage.clouds}
    await stage.first.api.fault("drop")
    cut_at = asyncio.get_running_loop().time()
    await _all_are_cut(stage)
    stage.outlet.plug(make("kettle", KETTLE_W))
    await asyncio.sleep(INRUSH_S)
    tripped = await trip(stage)
    waiting = _waiting(stage)
    await stage.first.api.heal()
    back = await _all_are_back(stage, sessions, cut_at)
    for cloud in stage.clouds:
        await until(_is_empty(stage.link(cloud)), DRAINS_S, f"the last for {cloud.name}")
    await told_once(stage, before)
    await everywhere(stage, "off", OFF)
    await told_once(stage, before)
    counts = ", ".join(f"{each.name} ({waiting[each.name]})" for each in stage.clouds)
    times = ", ".join(f"{name} {seconds:.1f} s" for name, seconds in back.items())
    return f"{tripped} offline; messages waited for {counts}, arrived once; back after {times}"


async def _all_are_cut(stage: Stage) -> None:
    deadline = asyncio.get_running_loop().time() + NOTICED_S
    for cloud in stage.clouds:
        what = f"the cut of {cloud.name}"
        await look(cloud.api.device, lambda found: not found["online"], deadline, what)
        await until(_is_down(stage.link(cloud)), NOTICED_S, what)


def _waiting(stage: Stage) -> Mapping[str, int]:
    waiting = {each.name: stage.link(each).pending for each in stage.clouds}
    for name, pending in waiting.items():
        if not pending:
            raise DemoError(f"nothing waits for {name}")
    return waiting


async def _all_are_back(
    stage: Stage, sessions: Mapping[str, int], cut_at: float
) -> Mapping[str, float]:
    """Wait for a new session with every cloud; return how long after the cut each came."""
    loop, back = asyncio.get_running_loop(), dict[str, float]()

    def is_whole() -> bool:
        for cloud in stage.clouds:
            if stage.link(cloud).status.sessions > sessions[cloud.name]:
                back.setdefault(cloud.name, loop.time() - cut_at)
        return len(back) == len(stage.clouds)

    try:
        await until(is_whole, RECONNECTS_S, "back")
    except DemoError as error:
        late = listed(each for each in stage.clouds if each.name not in back)
        raise DemoError(f"{late}: not online within {RECONNECTS_S:g} s") from error
    return back


def _is_empty(link: Link) -> Callable[[], bool]:
    return lambda: not link.pending


def _is_down(link: Link) -> Callable[[], bool]:
    return lambda: not link.status.is_connected

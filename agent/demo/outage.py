"""The step that cuts the network: what happens meanwhile arrives afterwards, once."""

import asyncio

from agent.demo.network import back, cut, drained, waiting
from agent.demo.stage import Stage
from agent.demo.steps import INRUSH_S, KETTLE_W, OFF, told_once, trip
from agent.demo.watch import everywhere
from agent.drivers.simulated.appliances import make


async def outage(stage: Stage) -> str:
    """Cut the network, trip meanwhile, and see what was pending arrive when it is back."""
    before = {each.name: len(await each.trips()) for each in stage.clouds}
    cut_at = asyncio.get_running_loop().time()
    sessions = await cut(stage)
    stage.outlet.plug(make("kettle", KETTLE_W))
    await asyncio.sleep(INRUSH_S)
    tripped = await trip(stage)
    waited = waiting(stage)
    await stage.first.api.heal()
    came = await back(stage, sessions, cut_at)
    await drained(stage)
    await told_once(stage, before)
    await everywhere(stage, "off", OFF)
    await told_once(stage, before)
    counts = ", ".join(f"{each.name} ({waited[each.name]})" for each in stage.clouds)
    times = ", ".join(f"{name} {seconds:.1f} s" for name, seconds in came.items())
    return f"{tripped} offline; messages waited for {counts}, arrived once; back after {times}"

"""An hour of virtual time with the platforms' own limits on: no ban, nothing dropped for rate."""

import asyncio
from bisect import bisect_left
from itertools import pairwise
from random import Random
from typing import Any

import pytest

from agent.rights import Rights
from tests.contract.dialects import SPEAKERS
from tests.contract.limited import LIMITED, ROUNDING_S, blamed_for_rate
from tests.contract.world import World, play

pytestmark = pytest.mark.unmeasured

HOUR_S = 3600.0
DELAYED = "uplink.delayed: more than 1 messages a second"
SWITCHING = Rights(commands="all")
FAULTS: tuple[dict[str, Any], ...] = (
    {"kind": "drop", "seconds": 30},
    {"kind": "drop", "count": 1},
    {"kind": "refuse", "count": 1},
    {"kind": "kick"},
    {"kind": "kick", "count": 4},
    {"kind": "silence", "seconds": 25},
    {"kind": "silence", "part": "acks", "seconds": 40},
    {"kind": "silence", "part": "replies", "seconds": 40},
    {"kind": "delay", "seconds": 2, "count": 20},
    {"kind": "garbage"},
)


class Wire:
    """Collects what went up, since the journal keeps only the newest."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._last = 0
        self.entries: list[Any] = []

    def look(self) -> None:
        found = self._world.emulator.messages(self._world.key, after=self._last)
        if found:
            assert found[0].number == self._last + 1, "the journal was too short"
            self._last = found[-1].number
        self.entries += [each for each in found if each.direction == "up"]

    def most_in(self, span_s: float) -> int:
        """Tell how many messages at QoS 1, which all can wait, were in one span at most."""
        times = [each.wall_time for each in self.entries if each.qos]
        return max(bisect_left(times, first + span_s) - index for index, first in enumerate(times))


async def use(world: World, random: Random) -> int:
    """Let an app and the device talk for a moment; tell how many requests were answered."""
    now = asyncio.get_running_loop().time()
    world.report(voltage=220 + random.random(), current=random.random())
    if random.random() < 0.2:
        world.event(voltage=180.5)
    if random.random() > 0.1:
        await asyncio.sleep(random.uniform(1, 9))
        return 0
    await asyncio.sleep(1.1)
    reply = await world.send(world.speaker.switch(on=int(now) % 2 == 0))
    return reply.outcome == "answered"


@pytest.mark.parametrize("seed", range(1))
@pytest.mark.parametrize("name", SPEAKERS)
def test_an_hour_with_faults_breaks_no_limit(name, seed):
    wires: list[Wire] = []
    answered: list[int] = []

    async def scenario(world: World) -> None:
        random, wire = Random(seed), Wire(world)
        wires.append(wire)
        await world.settled()
        began = next_fault = world.clock.now()
        while world.clock.now() < began + HOUR_S:
            if world.clock.now() >= next_fault:
                world.emulator.clear_faults()
                world.emulator.add_fault(random.choice(FAULTS))
                next_fault = world.clock.now() + random.expovariate(1 / 90)
            answered.append(await use(world, random))
            wire.look()
        world.emulator.clear_faults()
        await world.until(lambda: world.is_online, 1000)
        while world.link.pending:
            assert world.clock.now() < began + 2 * HOUR_S
            await asyncio.sleep(30)
            wire.look()
        assert world.link.counters.lost == 0

    world = play(name, scenario, rights=SWITCHING, options=LIMITED, jitter=0.0)
    limits = world.link._codec.limits
    waits = [later - sooner for sooner, later in pairwise(world.transport.connects)]
    assert min(waits) >= limits.connect_interval_s - ROUNDING_S
    assert len(waits) >= 5
    assert sum(answered) > 10
    assert wires[0].most_in(1.0) <= limits.messages_per_s
    # An answer waits for nothing: where the platform delays it, nothing is lost.
    harmless = {DELAYED} if name == "onenet" else set()
    assert set(blamed_for_rate(world.logs)) <= harmless


@pytest.mark.parametrize("name", SPEAKERS)
def test_what_has_piled_up_leaves_at_the_platforms_pace(name):
    wires: list[Wire] = []

    async def scenario(world: World) -> None:
        wire = Wire(world)
        wires.append(wire)
        for number in range(100):
            world.report(voltage=200.0 + number)
            world.event(voltage=180.5)
        while world.link.pending:
            await asyncio.sleep(5)
            wire.look()
        assert world.link.counters.delivered >= 201

    world = play(name, scenario, options=LIMITED)
    assert blamed_for_rate(world.logs) == []
    per_s = world.link._codec.limits.messages_per_s
    assert wires[0].most_in(1.0) <= per_s
    took_s = wires[0].entries[-1].wall_time - wires[0].entries[0].wall_time
    assert took_s <= 1.2 * len(wires[0].entries) / per_s + 2

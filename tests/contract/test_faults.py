"""A platform that misbehaves: the link lives, comes back, and nothing else happens."""

import asyncio
from typing import Any

import pytest

from agent.rights import Rights
from tests.contract.dialects import SPEAKERS
from tests.contract.limited import LIMITED
from tests.contract.world import World, play

SWITCHING = Rights(commands="all")
ACKNOWLEDGED = {"onenet-legacy"}
"""Where a report's PUBACK is all the answer, so that none waits when the silence begins."""

FAULTS: dict[str, dict[str, Any]] = {
    "drop": {"kind": "drop", "seconds": 40},
    "refuse": {"kind": "refuse", "code": 3, "count": 1},
    "refuse and kick": {"kind": "kick", "count": 2},
    "silence": {"kind": "silence", "seconds": 200},
    "no acks": {"kind": "silence", "part": "acks", "seconds": 60},
    "no replies": {"kind": "silence", "part": "replies", "seconds": 60},
    "kick": {"kind": "kick"},
    "half-open": {"kind": "half_open"},
    "delay": {"kind": "delay", "seconds": 3},
    "late": {"kind": "delay", "seconds": 12},
    "garbage": {"kind": "garbage"},
    "bytes": {"kind": "garbage", "raw_hex": "ffffffffff"},
    "bad topic": {"kind": "garbage", "raw_hex": "30050003ff61620a"},
}


async def works(world: World, *, on: bool) -> None:
    """Have one command obeyed and one report confirmed."""
    reply = await world.send(world.speaker.switch(on=on))
    assert (reply.outcome, reply.code) == ("answered", world.speaker.codes["done"])
    assert world.device.values["power_switch"] is on
    world.report(voltage=219.5 + on)
    await world.settled()
    assert world.shown["properties"][world.speaker.wire_id("voltage")] == 219.5 + on


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("name", SPEAKERS)
def test_after_a_fault_everything_goes_on(name, fault):
    async def scenario(world: World) -> None:
        await world.settled()
        await works(world, on=True)
        world.emulator.add_fault(FAULTS[fault])
        for number in range(60):
            world.report(voltage=200.0 + number)
            await asyncio.sleep(2)
        world.emulator.clear_faults()
        await asyncio.sleep(120)
        await world.until(lambda: world.is_online, 500)
        await world.settled()
        await works(world, on=False)
        assert len(world.device.done) == 2
        assert world.link.counters.lost == world.link.counters.refused == 0

    play(name, scenario, rights=SWITCHING, options=LIMITED)


@pytest.mark.parametrize("name", SPEAKERS)
def test_a_message_is_not_given_up_because_the_connection_is_dead(name):
    async def scenario(world: World) -> None:
        await world.settled()
        world.emulator.add_fault({"kind": "silence", "part": "replies", "seconds": 25})
        world.report(voltage=219.5)
        await asyncio.sleep(25)
        world.emulator.add_fault({"kind": "silence", "seconds": 100})
        await asyncio.sleep(100)
        await world.until(lambda: world.is_online, 500)
        await world.settled()
        counters = world.link.counters
        assert counters.unconfirmed == counters.lost == counters.refused == 0
        if name not in ACKNOWLEDGED:
            assert "not even to a ping" in world.said("cloud.down")[0]["error"]

    play(name, scenario, rights=SWITCHING, options=LIMITED)


@pytest.mark.parametrize("name", SPEAKERS)
def test_the_emulators_garbage_changes_nothing_and_is_not_told_more_than_once(name):
    async def scenario(world: World) -> None:
        await world.settled()
        for _ in range(20):
            world.emulator.add_fault({"kind": "garbage"})
            await asyncio.sleep(1)
        assert world.device.done == []
        assert world.is_online
        assert world.link.status.sessions == 1
        warnings = [
            each for each in world.said("message.dropped") if each["log_level"] == "warning"
        ]
        assert len(warnings) <= 1

    play(name, scenario, rights=SWITCHING)


def test_a_network_that_fails_again_and_again_is_not_taken_for_another_client():
    async def scenario(world: World) -> None:
        for _ in range(4):
            await world.until(lambda: world.is_online, 500)
            world.emulator.add_fault({"kind": "silence", "seconds": 21})
            world.report(voltage=219.5)
            await asyncio.sleep(22)
        assert len(world.said("cloud.down")) >= 2
        assert not world.link.status.is_kicked

    play("tencent", scenario, rights=SWITCHING)


@pytest.mark.parametrize("name", SPEAKERS)
def test_what_a_platform_acknowledges_and_refuses_is_counted_and_nothing_of_it_kept(name):
    has_replies = name != "onenet-legacy"

    async def scenario(world: World) -> None:
        await world.settled()
        await works(world, on=True)
        world.emulator.add_fault({"kind": "reject"})
        world.report(voltage=199.5)
        world.event(voltage=180.5)
        await world.settled()
        world.emulator.clear_faults()
        assert world.link.counters.refused == (2 if has_replies else 0)
        assert world.shown["properties"][world.speaker.wire_id("voltage")] == 220.5
        assert not world.shown.get("events")
        await works(world, on=False)
        assert world.link.status.sessions == 1

    play(name, scenario, rights=SWITCHING, options=LIMITED)

"""What a platform stored for the device: obeyed once, cleared, and not obeyed again."""

import asyncio
from typing import Any

import pytest

from agent.rights import Rights
from tests.contract.dialects import SPEAKERS
from tests.contract.world import World, play

STORING = [name for name, speaker in SPEAKERS.items() if speaker.stores]
NONSENSE: dict[str, dict[str, Any]] = {
    "tencent": {"nonsense": 1},
    "aliyun": {"CountDown": 60},
    "onenet": {"power_switch": [1]},
}


def is_stored(world: World) -> bool:
    return bool(world.shown.get("pending") or world.shown.get("desired"))


async def desire(world: World, values: dict[str, Any]) -> Any:
    return await world.emulator.desire(world.key, values, timeout_s=20)


async def reconnect(world: World) -> None:
    sessions = world.link.status.sessions
    world.emulator.add_fault({"kind": "kick"})
    await world.until(lambda: world.link.status.sessions > sessions, 60)
    await world.settled()


@pytest.mark.parametrize("name", STORING)
def test_what_was_stored_is_obeyed_once_and_cleared(name):
    async def scenario(world: World) -> None:
        kept = await desire(world, world.speaker.switch(on=True))
        assert (kept.outcome, is_stored(world)) == ("offline", True)
        await world.settled()
        assert world.device.sets == [{"power_switch": True}]
        assert not is_stored(world)
        (command,) = world.device.done
        assert not command.request.is_live
        await reconnect(world)
        await reconnect(world)
        assert len(world.device.done) == 1

    play(name, scenario)


@pytest.mark.parametrize("name", STORING)
def test_what_was_obeyed_as_the_connection_broke_is_cleared_later_and_not_obeyed_again(name):
    async def scenario(world: World) -> None:
        world.device.afterwards = lambda: world.emulator.add_fault({"kind": "kick"})
        await desire(world, world.speaker.switch(on=True))
        await world.until(lambda: world.device.done)
        assert is_stored(world)
        await world.settled()
        assert world.link.status.sessions == 2
        assert world.device.sets == [{"power_switch": True}]
        assert not is_stored(world)

    play(name, scenario)


@pytest.mark.parametrize("name", STORING)
def test_what_is_stored_and_means_nothing_is_cleared_too(name):
    async def scenario(world: World) -> None:
        await desire(world, NONSENSE[world.speaker.cloud])
        assert is_stored(world)
        await world.settled()
        assert not is_stored(world)
        assert world.device.done == []

    play(name, scenario)


@pytest.mark.parametrize("name", STORING)
def test_one_stored_value_that_is_out_of_range_leaves_nothing_half_done(name):
    async def scenario(world: World) -> None:
        wanted = {**world.speaker.switch(on=True), **world.speaker.countdown(-5)}
        await desire(world, wanted)
        await world.settled()
        assert world.device.done == []
        assert not is_stored(world)

    play(name, scenario)


@pytest.mark.parametrize("name", STORING)
def test_what_is_wanted_of_a_device_that_is_online_is_not_wanted_again(name):
    async def scenario(world: World) -> None:
        await world.settled()
        reply = await desire(world, world.speaker.switch(on=True))
        assert (reply.outcome, reply.code) == ("answered", world.speaker.codes["done"])
        await world.until(lambda: not is_stored(world), 10)
        world.device.values["power_switch"] = False
        await reconnect(world)
        assert world.device.sets == [{"power_switch": True}]

    play(name, scenario)


@pytest.mark.parametrize("name", STORING)
def test_what_a_cloud_has_no_right_to_stays_stored_and_is_not_done(name):
    async def scenario(world: World) -> None:
        await desire(world, world.speaker.switch(on=True))
        await world.settled()
        assert world.device.done == []
        assert len(world.said("stored.left")) == 1
        assert is_stored(world)

    play(name, scenario, rights=Rights(commands="off_only"))


@pytest.mark.parametrize("name", STORING)
def test_a_platform_that_does_not_answer_is_asked_again_and_holds_nothing_back(name):
    async def scenario(world: World) -> None:
        await desire(world, world.speaker.switch(on=True))
        world.emulator.add_fault({"kind": "silence", "part": "replies", "seconds": 40})
        await asyncio.sleep(39)
        assert world.device.done == []
        await world.until(lambda: world.device.done, 90)
        await world.settled()
        assert world.device.sets == [{"power_switch": True}]
        assert not is_stored(world)

    play(name, scenario)


def test_an_old_products_command_right_after_the_login_counts_as_stored():
    async def scenario(world: World) -> None:
        await world.until(lambda: world.is_online, 30)
        await world.send(world.speaker.switch(on=True))
        assert [command.request.is_live for command in world.device.done] == [False]
        reply = await world.emulator.command(world.key, b"toggle", timeout_s=20)
        assert (reply.code, world.device.values["power_switch"]) == (403, True)
        await asyncio.sleep(6)
        reply = await world.emulator.command(world.key, b"toggle", timeout_s=20)
        assert (reply.code, world.device.values["power_switch"]) == (200, False)

    play("onenet-legacy", scenario)

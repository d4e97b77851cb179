"""What an app asks for: done, or refused with the platform's code and a reason."""

import asyncio
from typing import Any

import pytest

from agent.messages import Refusal, RefusalKind
from agent.rights import Rights
from tests.contract.dialects import SPEAKERS
from tests.contract.world import TRIPPED, World, play

FREE = ["onenet-datastream", "onenet-legacy"]
MODELLED = [name for name in SPEAKERS if name not in FREE]
ASKING = [name for name in MODELLED if name != "tencent"]


async def act(world: World, action: str) -> Any:
    """Call an action in the way that the platform has."""
    if world.speaker.name in FREE:
        payload = f'{{"{action}":{{}}}}'.encode()
        return await world.emulator.command(world.key, payload, timeout_s=20)
    wire_id = world.speaker.wire_id(action)
    return await world.emulator.call_action(world.key, wire_id, {}, timeout_s=20)


@pytest.mark.parametrize("name", SPEAKERS)
def test_a_set_is_done_and_answered(name):
    async def scenario(world: World) -> None:
        await world.settled()
        for values, expected in (
            (world.speaker.switch(on=True), {"power_switch": True}),
            (world.speaker.countdown(60), {"count_down": 60}),
            (world.speaker.switch(on=False), {"power_switch": False}),
        ):
            reply = await world.send(values)
            assert (reply.outcome, reply.code) == ("answered", world.speaker.codes["done"])
            assert world.device.sets[-1] == expected
        assert len(world.device.done) == 3
        assert all(command.request.is_live for command in world.device.done)

    play(name, scenario)


BAD_VALUES = {
    "unknown_name": lambda _: {"nonsense": 1},
    "read_only": lambda speaker: {speaker.wire_id("voltage"): 230},
    "wrong_type": lambda speaker: {speaker.wire_id("power_switch"): "yes"},
    "out_of_range": lambda speaker: speaker.countdown(100_000),
    "malformed": lambda _: {},
}


@pytest.mark.parametrize("kind", BAD_VALUES)
@pytest.mark.parametrize("name", SPEAKERS)
def test_a_set_that_cannot_be_is_refused_whole_with_the_code_and_a_reason(name, kind):
    async def scenario(world: World) -> None:
        await world.settled()
        bad = BAD_VALUES[kind](world.speaker)
        reply = await world.send({**world.speaker.switch(on=True), **bad} if bad else bad)
        assert reply.outcome == "answered"
        assert reply.code == world.speaker.codes[kind]
        assert len(reply.message) > 8
        assert world.device.done == []

    play(name, scenario)


@pytest.mark.parametrize(
    "refusal", [TRIPPED, Refusal(kind=RefusalKind.FAILED, reason="the relay does not answer")]
)
@pytest.mark.parametrize("name", SPEAKERS)
def test_a_device_that_cannot_says_why(name, refusal):
    async def scenario(world: World) -> None:
        await world.settled()
        world.device.refusal = refusal
        for reply in (
            await world.send(world.speaker.switch(on=True)),
            await act(world, "reset_energy"),
        ):
            assert reply.code == world.speaker.codes[refusal.kind]
            assert reply.message == refusal.reason

    play(name, scenario)


@pytest.mark.parametrize("name", SPEAKERS)
def test_an_action_is_done_once_and_an_unknown_one_is_refused(name):
    async def scenario(world: World) -> None:
        await world.settled()
        reply = await act(world, "reset_energy")
        assert (reply.outcome, reply.code) == ("answered", world.speaker.codes["done"])
        assert world.device.values["total_energy"] == 0.0
        reply = await act(world, "explode")
        refused_as = {"unknown_name", "wrong_type"} if name in FREE else {"unknown_name"}
        assert reply.code in {world.speaker.codes[kind] for kind in refused_as}
        assert len(world.device.done) == 1

    play(name, scenario)


@pytest.mark.parametrize("name", FREE)
def test_bare_words_switch(name):
    async def scenario(world: World) -> None:
        await world.settled()
        for word, is_on in (
            (b"on", True),
            (b"toggle", False),
            (b" toggle\n", True),
            (b"off", False),
        ):
            reply = await world.emulator.command(world.key, word, timeout_s=20)
            assert (reply.code, world.device.values["power_switch"]) == (200, is_on)
        reply = await world.emulator.command(world.key, b"open sesame", timeout_s=20)
        assert reply.code == 400
        assert "on, off, toggle" in reply.message

    play(name, scenario)


@pytest.mark.parametrize("name", ASKING)
def test_values_are_told_when_they_are_asked_for(name):
    async def scenario(world: World) -> None:
        await world.settled()
        world.device.values.update(power_switch=True, voltage=221.3)
        ids = [world.speaker.wire_id(each) for each in ("power_switch", "voltage")]
        if world.speaker.section == "aliyun":
            request = world.console.fetch(world.key, ids)
        else:
            request = world.console.get(world.key, ids, world.emulator._now())
        reply = await world.emulator.clouds[world.speaker.cloud]._ask(request, 20)
        assert reply.code == 200
        assert reply.output == dict(zip(ids, (world.speaker.on, 221.3), strict=True))

    play(name, scenario)


@pytest.mark.parametrize("name", [name for name in SPEAKERS if SPEAKERS[name].own_topic])
def test_a_word_on_a_topic_of_the_users_own_switches_and_is_not_answered(name):
    async def scenario(world: World) -> None:
        await world.settled()
        last = world.uplinks()[-1].number
        message = world.console.message(world.key, world.speaker.own_topic, b"on")
        _, actions = world.emulator.clouds[world.speaker.cloud].broker.publish(
            message, world.emulator._now()
        )
        world.emulator.clouds[world.speaker.cloud].endpoint.perform(actions)
        await asyncio.sleep(5)
        assert world.device.sets == [{"power_switch": True}]
        assert world.uplinks(last) == []

    play(name, scenario)


# ── rights ──────────────────────────────────────────────────────────────────────────────────

RIGHTS = {
    "none": (Rights(commands="none", reset_energy=True), set()),
    "off_only": (Rights(commands="off_only", reset_energy=True), {"off"}),
    "all": (Rights(commands="all"), {"on", "off", "countdown"}),
    "all and reset_energy": (
        Rights(commands="all", reset_energy=True),
        {"on", "off", "countdown", "reset_energy"},
    ),
}


@pytest.mark.parametrize("rights", RIGHTS)
@pytest.mark.parametrize("name", SPEAKERS)
def test_a_cloud_may_ask_for_what_its_rights_allow(name, rights):
    granted, allowed = RIGHTS[rights]

    async def scenario(world: World) -> None:
        await world.settled()
        speaker, may = world.speaker, set()
        for what, values in (
            ("on", speaker.switch(on=True)),
            ("off", speaker.switch(on=False)),
            ("countdown", speaker.countdown(60)),
        ):
            reply = await world.send(values)
            assert reply.code in {speaker.codes["done"], speaker.codes["not_allowed"]}
            if reply.code == speaker.codes["done"]:
                may.add(what)
        if (await act(world, "reset_energy")).code == speaker.codes["done"]:
            may.add("reset_energy")
        assert may == allowed
        assert len(world.device.done) == len(allowed)

    play(name, scenario, rights=granted)


# ── repetitions ─────────────────────────────────────────────────────────────────────────────


def again(world: World, entry: Any) -> None:
    """Have the broker send a message once more."""
    fault = {"kind": "garbage", "topic": entry.topic, "payload_hex": entry.payload.hex()}
    assert world.emulator.add_fault(fault) == 1


@pytest.mark.parametrize("what", ["set", "refused set", "action"])
@pytest.mark.parametrize("name", SPEAKERS)
def test_a_request_that_comes_again_is_answered_alike_and_done_once(name, what):
    async def scenario(world: World) -> None:
        await world.settled()
        last = world.emulator.messages(world.key)[-1].number
        if what == "action":
            await act(world, "reset_energy")
        elif what == "set":
            await world.send(world.speaker.switch(on=True))
        else:
            await world.send(BAD_VALUES["read_only"](world.speaker))
        await asyncio.sleep(5)
        entries = world.emulator.messages(world.key, after=last)
        request = next(entry for entry in entries if entry.direction == "down")
        reply = next(entry for entry in entries if entry.direction == "up")
        done = len(world.device.done)
        for _ in range(3):
            last = entries[-1].number
            again(world, request)
            await asyncio.sleep(5)
            entries = world.emulator.messages(world.key, after=last)
            answer = next(entry for entry in entries if entry.direction == "up")
            assert (answer.topic, answer.payload) == (reply.topic, reply.payload)
        assert len(world.device.done) == done

    play(name, scenario)


@pytest.mark.parametrize("name", SPEAKERS)
def test_what_the_device_said_is_no_command_when_the_broker_sends_it_back(name):
    async def scenario(world: World) -> None:
        await world.settled()
        await world.send(world.speaker.switch(on=True))
        await world.send(BAD_VALUES["wrong_type"](world.speaker))
        await act(world, "reset_energy")
        world.event(voltage=180.5)
        await world.settled()
        said, done = world.uplinks(), len(world.device.done)
        assert len(said) >= 5
        for entry in said:
            again(world, entry)
        await asyncio.sleep(10)
        assert len(world.device.done) == done
        assert world.uplinks(said[-1].number) == []
        assert world.is_online

    play(name, scenario)

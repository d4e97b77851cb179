"""What goes up: confirmed, or refused and taken apart until everything else gets through."""

import asyncio
from typing import Any

import pytest

from agent.conformance.samples import plain_events
from agent.devices.socket.thing_table import SOCKET
from agent.emulator.aliyun.rules import AliyunRules, Quirks
from agent.outbox import Counters
from tests.contract.dialects import SPEAKERS
from tests.contract.models import model_without
from tests.contract.world import World, play

MODELLED = ["tencent", "aliyun", "aliyun-subscribe", "onenet"]
STRICT = {"aliyun": AliyunRules(refuses_unknown=True)}
NAMING = {"aliyun": AliyunRules(names_what_is_left_out=True)}
FACTORY = {"tencent": {"total_energy": "total_kwh"}}


def has_ended_well(world: World, told: int) -> bool:
    """Tell whether the greeting and *told* messages were confirmed, and nothing else happened."""
    has_facts = world.speaker.section in {"tencent", "aliyun"}
    return world.link.counters == Counters(delivered=1 + has_facts + told)


@pytest.mark.parametrize("off_s", [0.0, None])
@pytest.mark.parametrize("name", SPEAKERS)
def test_reports_events_and_facts_are_all_confirmed(name, off_s):
    async def scenario(world: World) -> None:
        await world.settled()
        assert has_ended_well(world, 0)
        world.report(voltage=219.5, power_switch=True, total_energy=2.5)
        raised = list(plain_events(SOCKET, world.clock.wall_time()))
        for event in raised:
            world.link.outbox.append(event)
        await world.settled()
        assert has_ended_well(world, 1 + len(raised))
        shown = world.shown
        for key, value in (("power_switch", world.speaker.on), ("voltage", 219.5)):
            assert shown["properties"][world.speaker.wire_id(key)] == value
        if world.speaker.has_events:
            assert len(shown["events"]) == len(raised)
        assert not world.said("uplink.refused")
        assert not world.said("uplink.dropped")
        assert not world.said("uplink.ignored")

    play(name, scenario, off_s=off_s)


@pytest.mark.parametrize("name", SPEAKERS)
def test_what_nobody_answers_is_sent_again_under_the_same_id(name):
    async def scenario(world: World) -> None:
        await world.settled()
        last = world.uplinks()[-1].number
        world.emulator.add_fault({"kind": "silence", "part": "replies", "seconds": 15})
        world.report(voltage=219.5)
        await world.settled()
        sent = [entry.payload for entry in world.uplinks(last)]
        is_answered = name != "onenet-legacy"
        assert len(sent) == (3 if is_answered else 1)
        assert len(set(sent)) == 1
        assert world.link.counters.unconfirmed == 0

    play(name, scenario)


async def forgotten(world: World) -> None:
    """Report with a property that the console lacks; count what comes of it."""
    await world.settled()
    first = list(world.uplinks())
    world.report(voltage=219.5, power_factor=0.5)
    world.event(voltage=180.5)
    await world.settled()
    reply = await world.send(world.speaker.switch(on=True))
    assert reply.code == world.speaker.codes["done"]
    properties = world.shown["properties"]
    assert world.speaker.wire_id("power_factor") not in properties
    for key in ("voltage", "current", "active_power", "apparent_power", "power_switch"):
        assert SHOWN[world.speaker.section].get(key, key) in properties
    assert properties[world.speaker.wire_id("voltage")] == 219.5
    assert len(world.shown["events"]) == 1
    assert world.link.counters.unconfirmed == world.link.counters.lost == 0
    world.logs.append({"event": "first", "count": len(first)})


SHOWN: dict[str, dict[str, str]] = {
    "tencent": {},
    "aliyun": {
        "voltage": "CurrentVoltage",
        "current": "Current",
        "active_power": "RealTimePower",
        "apparent_power": "ApparentPower",
        "power_switch": "PowerSwitch",
    },
    "onenet": {},
}


def mentions(world: World, entries: list[Any]) -> int:
    wire_id = world.speaker.wire_id("power_factor").encode()
    return sum(wire_id in entry.payload for entry in entries)


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("tencent", {}),
        ("onenet", {}),
        ("aliyun", STRICT),
        ("aliyun", NAMING),
        ("aliyun-subscribe", STRICT),
        ("aliyun-pasted", STRICT),
    ],
)
def test_a_property_that_the_console_lacks_is_found_left_out_and_said_once(name, options, tmp_path):
    model = model_without(SPEAKERS[name], tmp_path, "power_factor")
    world = play(name, forgotten, options={**options, **model})
    warnings = [each for each in world.said("report.left_out") if each["log_level"] == "warning"]
    assert [each["name"] for each in warnings] == ["power_factor"]
    assert "polycloud model diff" in warnings[0]["see"]
    # A full report of nine values is halved at most four times.
    assert 1 <= mentions(world, world.uplinks()) <= 5
    (first,) = world.said("first")
    assert mentions(world, world.uplinks()[first["count"] :]) == 0


def test_a_platform_that_takes_the_rest_without_a_word_gets_the_rest(tmp_path):
    model = model_without(SPEAKERS["aliyun"], tmp_path, "power_factor")
    world = play("aliyun", forgotten, options=model)
    assert not world.said("report.left_out")
    assert world.link.counters.refused == 0


@pytest.mark.parametrize("name", ["tencent", "onenet", "aliyun"])
def test_two_properties_that_the_console_lacks_are_both_found(name, tmp_path):
    model = model_without(SPEAKERS[name], tmp_path, "power_factor", "voltage")

    async def scenario(world: World) -> None:
        await world.settled()
        world.report(voltage=219.5, power_factor=0.5, power_switch=True)
        await world.settled()
        shown = world.shown["properties"]
        assert shown[world.speaker.wire_id("power_switch")] == world.speaker.on
        told = {each["name"] for each in world.said("report.left_out")}
        assert told == {"voltage", "power_factor"}

    play(name, scenario, options={**STRICT, **model})


@pytest.mark.parametrize("code", [500, 429])
def test_a_refusal_that_blames_no_value_is_not_taken_apart(code):
    async def scenario(world: World) -> None:
        await world.until(lambda: world.is_online)
        await asyncio.sleep(20)
        assert not world.said("report.left_out")
        assert len(world.said("report.refused")) == 2
        assert world.link.pending == 0

    rules = AliyunRules(quirks=Quirks(refuses_with=code))
    play("aliyun", scenario, options={"aliyun": rules})


@pytest.mark.parametrize(
    "quirks",
    [Quirks(duplicates_replies=True), Quirks(code_as_text=True), Quirks(id_as_number=True)],
)
@pytest.mark.parametrize("name", ["aliyun", "aliyun-subscribe"])
def test_replies_that_are_wrong_in_form_are_understood(name, quirks):
    async def scenario(world: World) -> None:
        kept = await world.emulator.desire(world.key, world.speaker.switch(on=True), timeout_s=1)
        assert kept.outcome == "offline"
        await world.settled()
        assert has_ended_well(world, 0)
        assert world.device.sets == [{"power_switch": True}]

    play(name, scenario, options={"aliyun": AliyunRules(quirks=quirks)})

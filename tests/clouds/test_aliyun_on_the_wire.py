"""The codec against the emulated platform, which shares no code with it, at its strictest."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import pytest

from agent.demo.dialects import DIALECTS
from agent.emulator.aliyun.rules import AliyunRules, Quirks
from agent.emulator.fields import Letter
from agent.emulator.options import EmulatorOptions
from agent.messages import EventReport, PropertyReport
from tests.clouds.aliyun_device import make_codec
from tests.clouds.support import run_virtually
from tests.day.house import House, open_house

STRICT = AliyunRules(
    enforces_securemode=True,
    refuses_unknown=True,
    checks_ranges=True,
    demands_decimal_point=True,
    names_what_is_left_out=True,
    connects_per_minute=5,
)
DEAF = AliyunRules(honours_ss=False, subscribe_takes_s=10)
SUBSCRIBED = AliyunRules(honours_ss=False, subscribe_takes_s=10, enforces_securemode=True)
ODD = AliyunRules(quirks=Quirks(duplicates_replies=True, code_as_text=True, id_as_number=True))
REPORTED = {
    "PowerSwitch",
    "CurrentVoltage",
    "PowerConsumption",
    "CountDown",
}


def live(
    scenario: Callable[[House], Awaitable[None]],
    rules: AliyunRules = STRICT,
    more: Mapping[str, Any] | None = None,
) -> None:
    async def main() -> None:
        options = EmulatorOptions(aliyun=rules)
        async with open_house(["aliyun"], more=more, options=options) as house:
            await scenario(house)

    run_virtually(main())


async def settled(house: House) -> None:
    """Wait until everything was delivered, and nothing of it refused or left without an answer."""
    links = house.app.links
    assert links is not None
    (link,) = links.links.values()
    await house.until(lambda: not link.pending, 60, "drained")
    counters = link.counters
    assert (counters.lost, counters.unconfirmed, counters.refused) == (0, 0, 0)


def value(house: House, name: str) -> Any:
    return house.shown("aliyun")["properties"].get(name)


@pytest.mark.parametrize(
    ("rules", "more"),
    [
        (STRICT, {}),
        (STRICT, {"tls": False, "method": "hmacmd5"}),
        (SUBSCRIBED, {"system_topics": "subscribe"}),
        (ODD, {"method": "hmacsha1"}),
    ],
)
def test_a_platform_of_every_kind_takes_reports_and_switches(rules, more):
    async def scenario(house: House) -> None:
        await house.until(lambda: house.shown("aliyun")["properties"].keys() >= REPORTED, 60, "all")
        reply = await house.send("aliyun", {"PowerSwitch": 1})
        assert (reply.outcome, reply.code, house.is_on) == ("answered", 200, True)
        await house.until(lambda: value(house, "PowerSwitch") == 1, 20, "on")
        await house.until(lambda: (value(house, "Current") or 0) > 0.1, 20, "the current")
        house.plug("kettle", 3500)
        await house.until(lambda: not house.is_on, 3, "the trip")
        await house.until(lambda: house.shown("aliyun")["events"], 20, "the event")
        (event,) = house.shown("aliyun")["events"]
        assert event["id"] == "OverCurrent"
        assert event["params"]["Current"] > event["params"]["Threshold"]
        assert house.shown("aliyun")["labels"]["hardware"] == "house"
        await settled(house)

    live(scenario, rules, more)


@pytest.mark.parametrize("topics", ["implicit", "subscribe"])
def test_actions_and_calls_are_answered_in_time(topics):
    call = (
        b'{"id":"5","version":"1.0","method":"thing.service.property.get","params":["CountDown"]}'
    )

    async def scenario(house: House) -> None:
        device = house.key("aliyun")
        await house.until(lambda: house.shown("aliyun")["properties"], 60, "the first report")
        reset = await house.emulator.call_action(device, "ResetEnergy", {}, timeout_s=5)
        assert (reset.outcome, reset.code) == ("answered", 200)
        asked = await house.emulator.command(device, call, timeout_s=5)
        assert asked.outcome == "answered"
        answer = json.loads(str(asked.output["payload"]))
        assert (answer["id"], answer["code"]) == ("5", 200)
        assert answer["data"]["CountDown"]["IsRunning"] == 0
        raw = await house.emulator.command(device, b"raw", timeout_s=5)
        assert raw.outcome == "no_reply"
        await settled(house)

    live(scenario, STRICT, {"system_topics": topics, "reset_energy": True})


def test_where_the_platform_brings_nothing_by_itself_commands_and_reports_still_work():
    async def scenario(house: House) -> None:
        device = house.key("aliyun")
        await house.emulator.desire(device, {"PowerSwitch": 1}, timeout_s=1)
        await house.until(lambda: house.is_on, 30, "the desired value")
        await house.until(lambda: not house.shown("aliyun")["desired"], 10, "cleared")
        reply = await house.send("aliyun", {"PowerSwitch": 0})
        assert (reply.outcome, house.is_on) == ("answered", False)
        await asyncio.sleep(60)
        assert house.app.links is not None
        (link,) = house.app.links.links.values()
        assert link.counters.unconfirmed <= 1  # the labels

    live(scenario, DEAF)


def test_what_is_subscribed_to_besides_is_not_needed():
    codec = make_codec(system_topics="subscribe")
    needed = {each.topic.rpartition("/")[2] for each in codec.subscriptions() if each.is_needed}
    assert needed == {"set", "post_reply", "get_reply"}


def test_a_backlog_leaves_as_fast_as_the_platform_takes_it_and_none_is_dropped():
    async def scenario(house: House) -> None:
        await house.until(lambda: house.shown("aliyun")["properties"], 60, "the first report")
        await settled(house)
        assert house.app.links is not None
        (link,) = house.app.links.links.values()
        for number in range(40):
            values = {"voltage": 200.0 + number}
            event = EventReport(name="low_voltage", values=values, wall_time=None)
            link.outbox.append(event)
            link.outbox.append(PropertyReport(values=values, wall_time=None))
        await house.until(lambda: not link.pending, 15, "drained")
        await settled(house)
        topics = [topic for topic, _ in house.uplinks("aliyun")]
        assert sum("LowVoltage" in topic for topic in topics) == 40

    live(scenario)


def test_texts_on_a_topic_of_the_users_own_switch():
    identity = DIALECTS["aliyun"].identity()
    topic = f"/{identity.product}/{identity.name}/user/get"

    async def scenario(house: House) -> None:
        await house.until(lambda: house.shown("aliyun")["properties"], 60, "the first report")
        for text, is_on in ((b"on", True), (b"toggle", False), (b'{"PowerSwitch":1}', True)):
            letter = Letter(topic=topic, payload=text)
            assert house.emulator.send_message(house.key("aliyun"), letter)
            await house.until(lambda is_on=is_on: house.is_on is is_on, 5, str(text))
        await settled(house)

    live(scenario, STRICT, {"custom_topics": (topic,)})


def test_what_was_desired_meanwhile_is_done_once_and_forgotten():
    async def scenario(house: House) -> None:
        await house.until(lambda: house.shown("aliyun")["properties"], 60, "the first report")
        house.emulator.add_fault({"kind": "drop"})
        await house.until(lambda: not house.shown("aliyun")["online"], 10, "offline")
        await house.emulator.desire(house.key("aliyun"), {"PowerSwitch": 1}, timeout_s=5)
        house.emulator.clear_faults()
        await house.until(lambda: house.is_on, 300, "the stored command")
        await house.until(lambda: not house.shown("aliyun")["desired"], 20, "cleared")
        await house.until(lambda: value(house, "PowerSwitch") == 1, 20, "told")
        reply = await house.emulator.desire(house.key("aliyun"), {"PowerSwitch": 0}, timeout_s=5)
        assert (reply.outcome, house.is_on) == ("answered", False)
        await house.until(lambda: not house.shown("aliyun")["desired"], 20, "cleared")
        await settled(house)

    live(scenario)

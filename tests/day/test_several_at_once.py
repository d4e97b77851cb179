"""Several clouds at once: one device truth, each cloud its own link and rights."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import pytest
from structlog.testing import capture_logs

from agent.demo.dialects import DIALECTS
from agent.emulator.fields import Letter
from tests.clouds.support import run_virtually
from tests.day.house import House, config, open_house, section

THREE = ("tencent", "aliyun", "onenet")
STORING = ("aliyun", "onenet")
TOPICS = {
    "tencent": "CS0SLTKSYA/dev1/control",
    "aliyun": "/k19g7hBjoOD/testdevice1/user/get",
    "onenet-legacy": "TurnipRobot",
}
SETTLED_S = 20.0
LASTED_S = 40.0
"""A session of that length is no sign of another client that fights for the identity."""


def at_home(
    scenario: Callable[[House], Awaitable[None]], names: Sequence[str] = THREE, **options: Any
) -> None:
    async def main() -> None:
        async with open_house(names, **options) as house:
            await online(house, options.get("starts_with", names))
            await scenario(house)

    run_virtually(main())


async def online(house: House, names: Sequence[str]) -> float:
    took_s = [
        await house.until(lambda name=name: house.shown(name)["online"], 120, f"{name} online")
        for name in names
    ]
    return sum(took_s)


async def everywhere(house: House, names: Sequence[str], **wanted: Any) -> None:
    for name in names:
        await house.until(
            lambda name=name: wanted.items() <= house.view(name).items(), SETTLED_S, f"{name}"
        )


# ── one device truth ────────────────────────────────────────────────────────────────────────


def test_what_one_cloud_switches_the_others_hear_and_none_takes_an_echo_for_a_command():
    async def scenario(house: House) -> None:
        on = False
        for name in THREE * 2:
            on = not on
            reply = await house.send(name, DIALECTS[name].switch(on=on))
            assert (reply.outcome, house.is_on) == ("answered", on)
            await everywhere(house, THREE, power_switch=on)
        await asyncio.sleep(60)
        assert len(house.movements) == 1 + 6

    at_home(scenario)


def test_every_movement_names_the_cloud_and_its_request():
    async def scenario(house: House) -> None:
        asked = []
        for name, on in zip(THREE, (True, False, True), strict=True):
            await house.send(name, DIALECTS[name].switch(on=on))
            rows = [row for row in house.rows if row.topic == "relay"]
            asked.append((rows[-1].details["by"], bool(rows[-1].details["request"])))
        assert asked == [(f"cloud {name}", True) for name in THREE]

    at_home(scenario)


def test_conflicting_commands_are_obeyed_as_they_arrive():
    async def scenario(house: House) -> None:
        switches = [
            house.send(name, DIALECTS[name].switch(on=on))
            for name, on in zip(THREE, (True, False, True), strict=True)
        ]
        replies = await asyncio.gather(*switches)
        assert [reply.outcome for reply in replies] == ["answered"] * 3
        assert [name for name, _ in house.movements[1:]] == ["on", "off", "on"]
        await everywhere(house, THREE, power_switch=True)

    at_home(scenario)


def test_each_cloud_has_the_rights_of_its_own_section():
    async def scenario(house: House) -> None:
        sections = {
            name: section(DIALECTS[name], house.devices[name], commands=rights)
            for name, rights in zip(THREE, ("all", "off_only", "none"), strict=True)
        }
        await house.app.apply(config(sections))
        await online(house, THREE)
        for name, on, obeyed in (
            ("aliyun", True, False),
            ("onenet", True, False),
            ("tencent", True, True),
            ("onenet", False, False),
            ("aliyun", False, True),
        ):
            before = house.is_on
            reply = await house.send(name, DIALECTS[name].switch(on=on))
            assert reply.outcome == "answered"
            assert (reply.code in {0, 200}) is obeyed, (name, reply)
            assert house.is_on is (on if obeyed else before)
        await everywhere(house, THREE, power_switch=False)

    at_home(scenario)


def test_a_cloud_that_is_down_holds_nothing_back_and_hears_everything_later():
    async def scenario(house: House) -> None:
        house.emulator.add_fault({"kind": "drop", "device": str(house.key("aliyun"))})
        await house.until(lambda: not house.shown("aliyun")["online"], 5, "aliyun is gone")
        await house.send("tencent", DIALECTS["tencent"].switch(on=True))
        await everywhere(house, ("tencent", "onenet"), power_switch=True)
        assert not house.view("aliyun")["power_switch"]
        house.emulator.clear_faults()
        await online(house, ["aliyun"])
        await everywhere(house, THREE, power_switch=True)

    at_home(scenario)


# ── stored commands ─────────────────────────────────────────────────────────────────────────


async def offline(house: House, name: str) -> None:
    house.emulator.add_fault({"kind": "drop", "device": str(house.key(name))})
    await house.until(lambda: not house.shown(name)["online"], 5, f"{name} is gone")


@pytest.mark.parametrize("name", STORING)
def test_a_desired_value_set_while_away_is_carried_out_once_and_cleared(name):
    async def scenario(house: House) -> None:
        await offline(house, name)
        wanted = DIALECTS[name].switch(on=True)
        await house.emulator.desire(house.key(name), wanted, timeout_s=1)
        assert house.shown(name)["desired"]
        house.emulator.clear_faults()
        await house.until(lambda: house.is_on, 120, "it is carried out")
        await house.until(lambda: not house.shown(name)["desired"], 10, "it is cleared")
        assert house.movements[-1] == ("on", "command")
        (row,) = [row for row in house.rows if row.topic == "relay" and row.name == "on"]
        assert (row.details["by"], row.details["live"]) == (f"cloud {name}", False)
        await house.send(name, DIALECTS[name].switch(on=False))
        for _ in range(2):
            await asyncio.sleep(LASTED_S)
            house.emulator.add_fault({"kind": "kick", "count": 1})
            await asyncio.sleep(1)
            await online(house, [name])
        await asyncio.sleep(SETTLED_S)
        assert not house.is_on

    at_home(scenario, [name])


@pytest.mark.parametrize("name", STORING)
def test_a_desired_value_set_while_online_does_not_come_again_after_the_next_connect(name):
    async def scenario(house: House) -> None:
        wanted = DIALECTS[name].switch(on=True)
        reply = await house.emulator.desire(house.key(name), wanted, timeout_s=5)
        assert (reply.outcome, house.is_on) == ("answered", True)
        await house.until(lambda: not house.shown(name)["desired"], 10, "it is cleared")
        await house.send(name, DIALECTS[name].switch(on=False))
        await asyncio.sleep(LASTED_S)
        house.emulator.add_fault({"kind": "kick", "count": 1})
        await asyncio.sleep(1)
        await online(house, [name])
        await asyncio.sleep(SETTLED_S)
        assert not house.is_on

    at_home(scenario, [name])


@pytest.mark.parametrize("name", STORING)
def test_a_desired_value_of_a_cloud_that_only_watches_stays_where_it_is(name):
    async def scenario(house: House) -> None:
        await offline(house, name)
        await house.emulator.desire(house.key(name), DIALECTS[name].switch(on=True), timeout_s=1)
        house.emulator.clear_faults()
        await online(house, [name])
        await asyncio.sleep(30)
        assert house.shown(name)["desired"]
        assert not house.is_on

    at_home(scenario, [name], more={"commands": "none"})


# ── topics of the user's own ────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("name", list(TOPICS))
def test_bare_words_on_a_topic_of_the_users_own_switch(name):
    topic = TOPICS[name]

    async def scenario(house: House) -> None:
        for word, on in (
            (b"on", True),
            (b"off", False),
            (b"toggle", True),
            (b"toggle", False),
            (b"toggle", True),
            (b"nonsense", True),
        ):
            letter = Letter(topic=topic, payload=word)
            assert house.emulator.send_message(house.key(name), letter)
            await asyncio.sleep(0.5)
            assert house.is_on is on, word
        await everywhere(house, [name], power_switch=True)

    at_home(scenario, [name], more={"custom_topics": (topic,)})


# ── another set of clouds, while it runs ────────────────────────────────────────────────────


def test_the_set_of_clouds_changes_without_a_movement_or_a_lost_event():
    """From Tencent to Aliyun to OneNET and back under load; the mains sag at each change."""

    async def scenario(house: House) -> None:
        runtime = house.app.runtime
        await house.send("tencent", DIALECTS["tencent"].switch(on=True))
        house.plug("kettle", 900)
        await asyncio.sleep(30)
        moved, counted, here = len(house.movements), [], "tencent"
        for name in ("aliyun", "onenet", "tencent"):
            before = runtime.state.energy.total_mj
            sags = house.events(here, "low_voltage")
            house.meter.set_mains(180)
            await house.until(lambda: runtime.state.voltage.told == "low_voltage", 8, "a sag")
            sections = {DIALECTS[name].section: section(DIALECTS[name], house.devices[name])}
            await house.app.apply(config(sections))
            house.meter.set_mains(230)
            assert await online(house, [name]) < 15
            await everywhere(house, [name], power_switch=True)
            await asyncio.sleep(20)
            assert house.events(here, "low_voltage") == sags + 1
            assert [each for each in THREE if house.shown(each)["online"]] == [name]
            counted.append(runtime.state.energy.total_mj - before)
            here = name
        assert len(house.movements) == moved
        assert all(900_000 * 20 * 0.9 < each < 900_000 * 60 for each in counted)
        links = house.app.links
        assert links is not None
        assert [(each.counters.lost, each.pending) for each in links.links.values()] == [(0, 0)]

    at_home(scenario, starts_with=["tencent"])


def test_a_link_whose_section_is_the_same_goes_on_when_others_come_and_go():
    async def scenario(house: House) -> None:
        links = house.app.links
        assert links is not None
        kept = links.links["tencent"]
        for names in (("tencent",), THREE, ("tencent", "onenet")):
            await house.app.apply(
                config({n: section(DIALECTS[n], house.devices[n]) for n in names})
            )
            await online(house, names)
            assert links.links["tencent"] is kept
            assert kept.status.sessions == 1
            assert set(links.links) == set(names)

    at_home(scenario)


def test_a_cloud_that_leaves_hears_its_last_words_and_one_that_is_gone_keeps_them():
    async def scenario(house: House) -> None:
        sections = {n: section(DIALECTS[n], house.devices[n]) for n in THREE}
        await offline(house, "aliyun")
        await house.send("tencent", DIALECTS["tencent"].switch(on=True))
        await asyncio.sleep(3)
        house.plug("overload", 3500)
        await house.until(lambda: not house.is_on, 2, "it trips")
        only = {"tencent": sections["tencent"]}
        await house.app.apply(config(only))
        await asyncio.sleep(10)
        assert DIALECTS["onenet"].trips(house.shown("onenet")) == ["overcurrent"]
        assert not house.shown("onenet")["online"]
        assert DIALECTS["aliyun"].trips(house.shown("aliyun")) == []
        house.emulator.clear_faults()
        await house.app.apply(config(sections))
        await online(house, THREE)
        await house.until(
            lambda: DIALECTS["aliyun"].trips(house.shown("aliyun")) == ["overcurrent"],
            60,
            "aliyun hears of the trip that came before it was named again",
        )

    at_home(scenario)


def test_what_is_left_of_another_identity_under_the_same_name_is_told():
    async def scenario(house: House) -> None:
        await offline(house, "aliyun")
        await house.send("tencent", DIALECTS["tencent"].switch(on=True))
        await asyncio.sleep(3)
        sections = {n: section(DIALECTS[n], house.devices[n]) for n in THREE}
        other = sections["aliyun"].model_copy(update={"device_name": "other-one"})
        with capture_logs() as logs:
            await house.app.apply(config({**sections, "aliyun": other}))
        (entry,) = [each for each in logs if each["event"] == "cloud.left"]
        assert (entry["cloud"], entry["pending"] > 0) == ("aliyun", True)

    at_home(scenario)

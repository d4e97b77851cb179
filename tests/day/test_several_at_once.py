"""Several clouds at once: one device truth, each cloud its own link and rights."""

import asyncio

import pytest

from agent.demo.dialects import DIALECTS
from tests.day.at_home import THREE, at_home, everywhere, online
from tests.day.house import House, config, section

pytestmark = pytest.mark.unmeasured


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

"""Commands that a cloud stored, and words on topics of the user's own."""

import asyncio

import pytest

from agent.demo.dialects import DIALECTS
from agent.emulator.fields import Letter
from tests.day.at_home import SETTLED_S, at_home, everywhere, offline, online
from tests.day.house import House

pytestmark = pytest.mark.unmeasured

STORING = ("aliyun", "onenet")


TOPICS = {
    "tencent": "CS0SLTKSYA/dev1/control",
    "aliyun": "/k19g7hBjoOD/testdevice1/user/get",
    "onenet-legacy": "TurnipRobot",
}


LASTED_S = 40.0
"""A session of that length is no sign of another client that fights for the identity."""


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

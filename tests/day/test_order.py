"""Orders that come close together, again and again, or twice; clouds that leave and come back."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import pytest

from agent.demo.dialects import DIALECTS
from agent.devices.inputs import Toggle
from agent.emulator.fields import Letter
from agent.messages import Command, PropertySet
from agent.model import Origin, OriginKind
from tests.clouds.support import run_virtually
from tests.day.house import House, config, open_house, section

pytestmark = pytest.mark.unmeasured

TOPIC = "CS0SLTKSYA/dev1/control"
THREE = ("tencent", "aliyun", "onenet")
STORING = ("aliyun", "onenet")
HAND = Toggle(origin=Origin(kind=OriginKind.LOCAL, name="anna"))
AUTOMATION = Origin(kind=OriginKind.CLOUD, name="tencent")


def at_home(
    scenario: Callable[[House], Awaitable[None]], names: Sequence[str], **options: Any
) -> None:
    async def main() -> None:
        async with open_house(names, **options) as house:
            await online(house, names)
            await asyncio.sleep(20)
            await scenario(house)

    run_virtually(main())


async def online(house: House, names: Sequence[str]) -> None:
    for name in names:
        await house.until(lambda name=name: house.shown(name)["online"], 120, f"{name} online")


@pytest.mark.parametrize(
    ("words", "moves"),
    [
        ((b"toggle", b"off"), ["on", "off"]),
        ((b"toggle", b"toggle", b"on", b"toggle", b"on"), ["on", "off", "on", "off", "on"]),
    ],
)
def test_words_in_one_turn_are_obeyed_in_their_order(words, moves):
    async def scenario(house: House) -> None:
        for word in words:
            letter = Letter(topic=TOPIC, payload=word)
            assert house.emulator.send_message(house.key("tencent"), letter)
        await asyncio.sleep(1)
        assert [to for to, _ in house.movements[1:]] == moves

    at_home(scenario, ["tencent"], more={"custom_topics": (TOPIC,)})


def test_a_toggle_takes_back_a_closing_that_waits_for_the_shortest_off_time():
    async def scenario(house: House) -> None:
        own = section(DIALECTS["tencent"], house.devices["tencent"], custom_topics=(TOPIC,))
        relay = {"driver": "simulated", "min_off_s": 100}
        await house.app.apply(config({"tencent": own}, {"relay": relay}))
        await online(house, ["tencent"])
        for _ in range(2):
            letter = Letter(topic=TOPIC, payload=b"toggle")
            assert house.emulator.send_message(house.key("tencent"), letter)
            await asyncio.sleep(1)
        await asyncio.sleep(200)
        assert not house.is_on

    at_home(scenario, ["tencent"], more={"custom_topics": (TOPIC,)})


def test_a_cloud_that_repeats_itself_fills_nobodys_outbox():
    async def scenario(house: House) -> None:
        assert house.app.links is not None
        for number in range(1000):
            request = PropertySet(request_id=str(number), values={"power_switch": False})
            house.app.runtime.execute(Command(origin=AUTOMATION, request=request))
            await asyncio.sleep(0.01)
        assert max(link.pending for link in house.app.links.links.values()) < 10

    at_home(scenario, THREE)


@pytest.mark.parametrize("turns", [0, 1, 20])
def test_a_cloud_that_is_named_again_while_it_leaves_has_one_link(turns):
    async def scenario(house: House) -> None:
        sections = {name: section(DIALECTS[name], house.devices[name]) for name in THREE}
        await house.app.apply(config({"tencent": sections["tencent"]}))
        for _ in range(turns):
            await asyncio.sleep(0)
        await house.app.apply(config(sections))
        await asyncio.sleep(20)
        await online(house, THREE)
        running = [task.get_name() for task in asyncio.all_tasks()]
        assert [running.count(f"socket-1.{name}.link") for name in THREE] == [1, 1, 1]

    at_home(scenario, THREE)


def test_a_stop_waits_for_nobodys_last_words():
    async def main() -> None:
        loop = asyncio.get_running_loop()
        async with open_house(THREE) as house:
            await online(house, THREE)
            house.emulator.add_fault({"kind": "silence", "part": "replies"})
            house.plug("lamp", 60)
            only = section(DIALECTS["tencent"], house.devices["tencent"])
            await house.app.apply(config({"tencent": only}))
            await asyncio.sleep(0.2)
            began = loop.time()
        assert loop.time() - began < 0.1

    run_virtually(main())


@pytest.mark.parametrize("name", STORING)
def test_a_desired_value_whose_clearing_is_lost_with_the_session_is_not_obeyed_twice(name):
    async def scenario(house: House) -> None:
        assert house.app.links is not None
        for _ in range(30):  # so many replies have gone out that the clearing must wait
            house.app.links.links[name]._pacer.count(0)
        wanted = DIALECTS[name].switch(on=True)
        reply = await house.emulator.desire(house.key(name), wanted, timeout_s=5)
        assert (reply.outcome, house.is_on) == ("answered", True)
        house.emulator.add_fault({"kind": "drop", "device": str(house.key(name)), "seconds": 1})
        await house.until(lambda: not house.shown(name)["online"], 5, "it is gone")
        assert house.shown(name)["desired"]
        house.app.runtime.dispatch(HAND)
        house.emulator.clear_faults()
        await online(house, [name])
        await house.until(lambda: not house.shown(name)["desired"], 20, "it is cleared")
        assert not house.is_on

    at_home(scenario, [name])

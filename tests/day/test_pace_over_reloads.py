"""A reload makes a new link, and neither a second pace nor a new count."""

import asyncio

import pytest

from agent.app.status import device_status
from agent.clouds.limits import LIMITS
from agent.demo.dialects import DIALECTS
from tests.day.at_home import at_home, online
from tests.day.house import House, config, section

RELOADS = 6


@pytest.mark.parametrize("name", ["tencent", "onenet"])
def test_a_link_that_is_replaced_goes_on_counting_in_the_same_window(name):
    async def scenario(house: House) -> None:
        links = house.app.links
        assert links is not None
        now = house.app.clock.now
        pacer, first = links.links[name]._pacer, links.links[name]
        for number in range(RELOADS):
            changed = section(
                DIALECTS[name], house.devices[name], commands=("all", "off_only")[number % 2]
            )
            await house.app.apply(config({name: changed}))
            await asyncio.sleep(1)
        await online(house, [name])
        link = links.links[name]
        assert link is not first
        assert link._pacer is pacer
        assert 1 <= link.pace.connects_last_minute <= 1 + 60 / LIMITS[name].connect_interval_s
        assert link.pace.observed_s >= now() - pacer._usage._began

    at_home(scenario, starts_with=[name])


def test_status_tells_the_pace_of_each_cloud_with_its_units():
    async def scenario(house: House) -> None:
        await asyncio.sleep(300)
        early = clouds(house)
        assert early["tencent"]["pace"]["messages_per_30_days"] is None
        await asyncio.sleep(400)
        for name, cloud in clouds(house).items():
            pace = cloud["pace"]
            assert pace.keys() == early[name]["pace"].keys()
            assert pace["observed_s"] >= 700
            assert pace["messages_per_30_days"] > 0
            assert 0 < pace["megabytes_per_30_days"] < 1000
            billed = pace["billed_messages_per_30_days"]
            assert (billed is None) is (LIMITS[name].billed_bytes is None)
            assert 0.5 < pace["publish_headroom"] <= 1
            assert 0 < pace["connect_headroom"] <= 1

    at_home(scenario, starts_with=["tencent", "aliyun", "onenet"])


def clouds(house: House) -> dict:
    return device_status(house.app)["clouds"]

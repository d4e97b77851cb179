"""Another set of clouds, while it runs."""

import asyncio

from structlog.testing import capture_logs

from agent.demo.dialects import DIALECTS
from tests.day.at_home import THREE, at_home, everywhere, offline, online
from tests.day.house import House, config, section
from tests.outbox.rows import event


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


def test_a_cloud_that_is_named_again_goes_on_with_the_outbox_that_it_had():
    """What the disk told when the process began is no account of what waits now."""

    async def scenario(house: House) -> None:
        links = house.app.links
        assert links is not None
        sections = {n: section(DIALECTS[n], house.devices[n]) for n in THREE}
        before = links.links["aliyun"].outbox
        last = before.append(event(180.0))
        await house.app.apply(config({"tencent": sections["tencent"]}))
        await asyncio.sleep(20)
        assert before.pending == 0
        await house.app.apply(config({"tencent": sections["tencent"]}))
        await house.app.apply(config(sections))
        again = links.links["aliyun"].outbox
        next_row = again.append(event(181.0))
        assert next_row.number > last.number
        assert again.counters.delivered >= before.counters.delivered > 0

    at_home(scenario)

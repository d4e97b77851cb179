"""What is kept of a long outage, and that it is told however much there is to tell of now."""

import asyncio

from agent.emulator.options import EmulatorOptions
from agent.messages import PropertyReport
from agent.outbox import Lane, Queue
from tests.contract.limited import LIMITED
from tests.day.at_home import at_home, offline, online
from tests.day.house import House

CHANGES = 3


def test_a_switch_that_nobody_moves_fills_no_outbox_and_is_told_at_the_next_connect():
    async def scenario(house: House) -> None:
        link = house.app.links.links["tencent"]
        await asyncio.sleep(100)
        await offline(house, "tencent")
        await asyncio.sleep(600)
        assert link.outbox.of_lane(Lane.CHANGES) <= CHANGES
        assert link.outbox.of_lane(Lane.TELEMETRY) > CHANGES
        house.emulator.clear_faults()
        await online(house, ["tencent"])
        await house.until(lambda: not link.pending, 60, "drained")
        assert house.view("tencent")["power_switch"] is False

    at_home(scenario, ["tencent"])


def test_news_leave_out_what_is_only_told_again():
    values = {"power_switch": True, "voltage": 230.0}
    report = PropertyReport(
        values=values, wall_time=1.0, is_change=True, retold=frozenset(["power_switch"])
    )
    news = PropertyReport(values={"voltage": 230.0}, wall_time=1.0)
    assert report.news() == news
    assert report.news().is_change is False
    assert PropertyReport(values=values, wall_time=1.0).news().values == values
    only = PropertyReport(values={"power_switch": True}, wall_time=1.0, retold=report.retold)
    assert only.news() is None


def test_the_past_is_told_though_what_is_of_now_takes_all_that_the_platform_allows():
    """OneNET takes one message a second; each second brings a new one."""

    async def scenario(house: House) -> None:
        link, clock = house.app.links.links["onenet"], house.app.clock

        async def measure(count: int) -> None:
            for number in range(count):
                stamp = clock.stamp()
                message = PropertyReport(
                    values={"voltage": 200.0 + number}, wall_time=stamp.wall_time, at=stamp.at
                )
                link.outbox.append(message)
                await asyncio.sleep(1)

        await offline(house, "onenet")
        await measure(100)
        house.emulator.clear_faults()
        await online(house, ["onenet"])
        await measure(60)
        assert not link.outbox.has_past(Queue.REPORTS)

    at_home(scenario, ["onenet"], options=EmulatorOptions(**LIMITED))

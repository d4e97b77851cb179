"""What is kept of a long outage."""

import asyncio

from agent.messages import PropertyReport
from agent.outbox import Lane
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
    switch = frozenset(["power_switch"])
    report = PropertyReport(values=values, wall_time=1.0, retold=switch)
    assert report.news() == PropertyReport(values={"voltage": 230.0}, wall_time=1.0)
    assert PropertyReport(values=values, wall_time=1.0).news().values == values
    only = PropertyReport(values={"power_switch": True}, wall_time=1.0, retold=switch)
    assert only.news() is None

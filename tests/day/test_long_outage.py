"""What is kept of a long outage."""

import asyncio

from agent.messages import PropertyReport
from agent.outbox import Lane
from tests.day.at_home import at_home, offline, online
from tests.day.house import House


def test_a_switch_that_nobody_moves_is_not_kept_and_told_at_the_next_connect():
    """Kept, it would be told as of a moment at which it was not so where reports are merged."""

    async def scenario(house: House) -> None:
        link = house.app.links.links["aliyun"]
        await asyncio.sleep(100)
        await offline(house, "aliyun")
        before = len(house.uplinks("aliyun"))
        await asyncio.sleep(600)
        assert link.outbox.of_lane(Lane.TELEMETRY)
        house.emulator.clear_faults()
        await online(house, ["aliyun"])
        await house.until(lambda: not link.pending, 60, "drained")
        told = house.uplinks("aliyun")[before:]
        past = [payload for topic, payload in told if topic.endswith("/history/post")]
        now = [payload for topic, payload in told if topic.endswith("/property/post")]
        assert past
        assert not any(b"PowerSwitch" in payload for payload in past)
        assert any(b"PowerSwitch" in payload for payload in now)

    at_home(scenario, ["aliyun"])


def test_news_leave_out_what_is_only_told_again():
    values = {"power_switch": True, "voltage": 230.0}
    switch = frozenset(["power_switch"])
    report = PropertyReport(values=values, wall_time=1.0, retold=switch)
    assert report.news() == PropertyReport(values={"voltage": 230.0}, wall_time=1.0)
    assert PropertyReport(values=values, wall_time=1.0).news().values == values
    only = PropertyReport(values={"power_switch": True}, wall_time=1.0, retold=switch)
    assert only.news() is None

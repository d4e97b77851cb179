"""The topics `journal` and `log`: only what was asked for, and always on the loop."""

import asyncio
import json
import threading
from types import SimpleNamespace

from agent.app.feed_journal import JournalFeed
from agent.app.feed_log import LogFeed
from agent.control.subscription import Subscription
from agent.log_ring import LogRing
from agent.store import Row


class Records:
    """A journal to which a test adds rows."""

    def __init__(self):
        self.heard = None

    def listen(self, heard):
        self.heard = heard

    def add(self, device, name):
        row = Row(
            number=None,
            device_id=device,
            topic="relay",
            name=name,
            wall_time=1.8e9,
            boot_id="b",
            at=1.0,
            details={},
        )
        self.heard(row)


class Channel:
    def __init__(self):
        self.told, self.threads = [], set()

    def tell(self, line, on_room):
        del on_room
        self.told.append(json.loads(line)["params"])
        self.threads.add(threading.current_thread())
        return True


def subscription(number, *devices):
    return Subscription(number, Channel(), frozenset(devices), 1.0)


def device():
    return SimpleNamespace(clock=SimpleNamespace(wall_time_at=lambda at: at))


def names(subscribed):
    return [each["row"]["name"] for each in subscribed.channel.told]


async def test_each_is_told_of_its_own_devices_in_order_and_in_the_next_turn():
    records = Records()
    feed = JournalFeed({"a": device(), "b": device()}, records)
    both, one = subscription(1, "a", "b"), subscription(2, "b")
    feed.add(both)
    feed.add(one)
    for name, of in (("on", "a"), ("off", "b"), ("lost", "no such device")):
        records.add(of, name)
    assert both.channel.told == [], "who has added the row is not kept waiting"
    await asyncio.sleep(0)
    assert names(both) == ["on", "off"]
    assert names(one) == ["off"]


async def test_the_journal_is_listened_to_until_the_last_one_has_gone():
    records = Records()
    feed = JournalFeed({"a": device()}, records)
    first, second = subscription(1, "a"), subscription(2, "a")
    feed.add(first)
    feed.add(second)
    feed.discard(first)
    records.add("a", "on")
    await asyncio.sleep(0)
    assert (names(first), names(second)) == ([], ["on"])
    records.add("a", "off")
    feed.discard(second)
    assert records.heard is None
    await asyncio.sleep(0)
    assert names(second) == ["on"]


async def test_lines_of_any_thread_are_told_on_the_loop():
    ring = LogRing()
    feed = LogFeed(ring)
    subscribed = subscription(1)
    feed.add(subscribed)
    event = {"event": "a.b", "level": "info"}
    await asyncio.to_thread(ring.keep, None, "", event)
    ring.keep(None, "", event)
    async with asyncio.timeout(10):
        while len(subscribed.channel.told) < 2:  # noqa: ASYNC110 - a thread tells nobody
            await asyncio.sleep(0)
    assert subscribed.channel.threads == {threading.current_thread()}
    feed.discard(subscribed)
    assert ring.heard is None

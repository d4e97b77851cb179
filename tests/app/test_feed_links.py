"""The topic `links`: how the clouds stand first, then each that comes or goes."""

import asyncio
import json
from types import SimpleNamespace

from agent.app.feed_links import LinksFeed
from agent.app.watchers import Watchers
from agent.control.subscription import Subscription
from agent.devices.inputs import LinkChanged


class Device:
    """What the feed asks of a device."""

    name = "socket-1"

    def __init__(self, **clouds):
        self.watchers = Watchers()
        self.dispatched = []
        self.change = self.watchers.of_links(self.dispatched.append)
        self.clock = SimpleNamespace(wall_time=lambda: 1.8e9)
        links = {
            name: SimpleNamespace(status=SimpleNamespace(is_connected=is_up))
            for name, is_up in clouds.items()
        }
        self.links = SimpleNamespace(links=links)


class Channel:
    def __init__(self):
        self.told = []

    def tell(self, line, on_room):
        del on_room
        self.told.append(json.loads(line)["params"])
        return True


def subscribe(feed, *devices):
    channel = Channel()
    subscription = Subscription(1, channel, frozenset(devices), 1.0)
    feed.add(subscription)
    return subscription, channel.told


async def turn():
    """Let what was put off for the next turn of the loop happen."""
    await asyncio.sleep(0)


def shown(told):
    return [(each["cloud"], each["connected"]) for each in told]


async def test_first_every_link_is_told_as_it_stands_then_each_change():
    device = Device(tencent=True, aliyun=False)
    _, told = subscribe(LinksFeed({"socket-1": device}), "socket-1")
    assert told == [], "the answer to the request goes first"
    await turn()
    assert shown(told) == [("tencent", True), ("aliyun", False)]
    device.change(LinkChanged(cloud="aliyun", is_up=True))
    assert len(device.dispatched) == 1
    assert len(told) == 2, "the device decides first, and is not kept waiting"
    await turn()
    assert told[-1] == {
        "subscription": 1,
        "topic": "links",
        "device": "socket-1",
        "wall_time": 1.8e9,
        "cloud": "aliyun",
        "connected": True,
    }


async def test_how_they_stand_is_told_anew_to_one_that_has_missed_something():
    subscription, told = subscribe(LinksFeed({"socket-1": Device(tencent=True)}), "socket-1")
    await turn()
    for call in subscription.on_caught_up:
        call()
    assert shown(told) == [("tencent", True)] * 2


async def test_only_the_devices_that_were_asked_for_are_told_of():
    devices = {"socket-1": Device(tencent=True), "other": Device(tencent=True)}
    _, told = subscribe(LinksFeed(devices), "socket-1")
    await turn()
    devices["other"].change(LinkChanged(cloud="tencent", is_up=False))
    await turn()
    assert shown(told) == [("tencent", True)]
    assert devices["other"].watchers.linking == set()


async def test_nothing_is_told_after_the_end_not_even_what_was_put_off():
    device = Device(tencent=True)
    feed = LinksFeed({"socket-1": device})
    subscription, told = subscribe(feed, "socket-1")
    feed.discard(subscription)
    await turn()
    device.change(LinkChanged(cloud="tencent", is_up=False))
    await turn()
    assert told == []


async def test_a_device_that_still_starts_has_no_links_yet():
    device = Device()
    device.links = None
    _, told = subscribe(LinksFeed({"socket-1": device}), "socket-1")
    await turn()
    assert told == []

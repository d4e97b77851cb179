"""The topic `values`: how often, what differs, and in which order it is asked for."""

import asyncio
import json
from itertools import pairwise
from types import SimpleNamespace

from hypothesis import given
from hypothesis import strategies as st

from agent.app.feed_values import ValuesFeed
from agent.app.watchers import Watchers
from agent.control.subscription import Subscription
from tests.clouds.support import run_virtually

ROW = SimpleNamespace(field=SimpleNamespace(name="power_switch"))


class Device:
    """A device whose values a test sets; reading them is counted."""

    name, is_open = "socket-1", True

    def __init__(self):
        self.watchers = Watchers()
        self.values = {"power_switch": False, "active_power": 0.0}
        self.reads = 0
        self.thing = SimpleNamespace(switch="power_switch", properties=[ROW])
        self.clock = SimpleNamespace(wall_time=lambda: None)
        self.runtime = self

    def snapshot(self):
        self.reads += 1
        return dict(self.values)

    def position(self, name):
        return self.values[name]

    def decide(self, **values):
        self.values.update(values)
        for watcher in self.watchers.deciding:
            watcher()


class Channel:
    def __init__(self):
        self.told, self.has_room, self.missing = [], True, []

    def tell(self, line, on_room):
        if self.has_room:
            params = json.loads(line)["params"]
            self.told.append((asyncio.get_running_loop().time(), params))
        else:
            self.missing.append(on_room)
        return self.has_room


def subscribe(device, interval_s=1.0):
    channel = Channel()
    feed = ValuesFeed({device.name: device})
    subscription = Subscription(1, channel, frozenset({device.name}), interval_s)
    feed.add(subscription)
    return feed, subscription, channel


def power(told):
    return [params["values"].get("active_power") for _, params in told]


def test_measured_values_are_told_once_in_their_interval_and_the_last_is_not_lost():
    async def play():
        device = Device()
        _, _, channel = subscribe(device)
        await asyncio.sleep(0)
        begin = asyncio.get_running_loop().time()
        await asyncio.sleep(0.05)
        for number in range(1, 26):
            await asyncio.sleep(0.1)
            device.decide(active_power=float(number))
        await asyncio.sleep(5)
        return device, [(at - begin, params) for at, params in channel.told]

    device, told = run_virtually(play())
    assert power(told) == [0.0, 9.0, 19.0, 25.0]
    assert device.reads <= 6, "a decision between reads nothing"
    times = [at for at, _ in told]
    assert all(later - before >= 0.99 for before, later in pairwise(times))


def test_a_switch_does_not_wait_and_is_not_told_inside_the_decision():
    async def play():
        device = Device()
        _, _, channel = subscribe(device, 3600.0)
        await asyncio.sleep(0)
        device.decide(active_power=5.0)
        device.decide(power_switch=True)
        during = len(channel.told)
        await asyncio.sleep(0)
        return during, channel.told

    during, told = run_virtually(play())
    assert during == 1
    assert told[1][1]["values"] == {"power_switch": True, "active_power": 5.0}
    assert told[0][0] == told[1][0]


def test_what_goes_back_before_it_is_told_is_not_told():
    async def play():
        device = Device()
        _, _, channel = subscribe(device)
        await asyncio.sleep(0)
        device.decide(active_power=5.0)
        device.decide(active_power=0.0)
        await asyncio.sleep(5)
        return channel.told

    assert len(run_virtually(play())) == 1


def test_one_that_has_missed_something_gets_the_whole_snapshot():
    async def play():
        device = Device()
        _, subscription, channel = subscribe(device, 0.1)
        await asyncio.sleep(0)
        channel.has_room = False
        for number in range(3):
            device.decide(active_power=float(number + 1))
            await asyncio.sleep(0.2)
        missed = subscription.missed
        channel.has_room = True
        for call in channel.missing:
            call()
        await asyncio.sleep(0)
        return missed, [params for _, params in channel.told]

    missed, told = run_virtually(play())
    assert told[1] == {"subscription": 1, "missed": missed}
    assert told[2]["is_whole"]
    assert told[2]["values"] == {"power_switch": False, "active_power": 3.0}


def test_a_device_that_still_starts_is_told_as_unknown():
    async def play():
        device = Device()
        device.is_open = False
        feed, subscription, channel = subscribe(device)
        await asyncio.sleep(0)
        feed.discard(subscription)
        return channel.told, device.watchers.deciding

    told, watchers = run_virtually(play())
    assert told[0][1]["values"] == {"power_switch": None}
    assert watchers == set()


def test_one_that_ends_at_once_is_told_nothing():
    async def play():
        feed, subscription, channel = subscribe(Device())
        feed.discard(subscription)
        await asyncio.sleep(1)
        return channel.told

    assert run_virtually(play()) == []


moves = st.lists(
    st.tuples(st.sampled_from([0.0, 0.03, 0.4, 2.0]), st.booleans(), st.integers(0, 3)), max_size=30
)


@given(moves)
def test_whatever_happens_what_was_told_adds_up_to_how_it_stands(steps):
    async def play():
        device = Device()
        _, _, channel = subscribe(device, 0.5)
        for pause_s, is_on, watts in steps:
            await asyncio.sleep(pause_s)
            device.decide(power_switch=is_on, active_power=float(watts))
        await asyncio.sleep(1)
        return device.values, [params for _, params in channel.told]

    values, told = run_virtually(play())
    assert [each["is_whole"] for each in told] == [True] + [False] * (len(told) - 1)
    shown = {}
    for each in told:
        assert each["values"]
        shown |= each["values"]
    assert shown == values

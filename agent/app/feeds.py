"""`subscribe` and `unsubscribe`: a client is told what happens, until it goes."""

from collections.abc import Callable, Mapping, Sequence
from itertools import count
from typing import Final, Protocol, cast, runtime_checkable

from agent.app.device import DeviceApp
from agent.app.feed_journal import JournalFeed, Listened
from agent.app.feed_links import LinksFeed
from agent.app.feed_log import LogFeed
from agent.app.feed_values import ValuesFeed
from agent.control.methods import DEVICE, Channel, Param, ParamKind, Params, Streamed
from agent.control.subscription import Subscription
from agent.errors import ControlError, ParamsError
from agent.log_ring import LogRing

FEEDS: Final = ("values", "journal", "links", "log")
MOST: Final = 16
"""So many subscriptions of one client."""

DEFAULT_INTERVAL_S: Final = 1.0
TOPICS: Final = Param(
    name="topics",
    kind=ParamKind.TEXTS,
    summary="what to be told of",
    is_needed=True,
    maximum=len(FEEDS),
    choices=FEEDS,
)
INTERVAL: Final = Param(
    name="min_interval_s",
    kind=ParamKind.NUMBER,
    summary="how often at most a device's values are told; 1 where it is left out",
    minimum=0.1,
    maximum=3600,
)
NUMBER: Final = Param(
    name="subscription",
    kind=ParamKind.WHOLE,
    summary="the number that `subscribe` has given",
    is_needed=True,
    minimum=1,
    maximum=2**53,
)


class Feed(Protocol):
    """One topic. Nothing is done while nobody is subscribed."""

    def add(self, subscription: Subscription) -> None:
        """Tell *subscription* from now on."""
        ...

    def discard(self, subscription: Subscription) -> None:
        """Tell it no more."""
        ...


@runtime_checkable
class DeviceFeed(Feed, Protocol):
    """One topic that watches each device by itself."""

    def join(self, subscription: Subscription, device: DeviceApp) -> None:
        """Tell *subscription* of one more device."""
        ...

    def leave(self, device: DeviceApp) -> None:
        """Tell nobody of a device any more."""
        ...


class Feeds:
    """All subscriptions, each with the feeds that it is told by."""

    def __init__(
        self,
        devices: Mapping[str, DeviceApp],
        find: Callable[[Params], DeviceApp],
        records: Listened,
        ring: LogRing,
    ) -> None:
        self._devices = devices
        self._find = find
        self._feeds: Mapping[str, Feed] = {
            "values": ValuesFeed(devices),
            "journal": JournalFeed(devices, records),
            "links": LinksFeed(devices),
            "log": LogFeed(ring),
        }
        self._numbers = count(1)
        self._of_all: set[int] = set()
        self._open: dict[int, tuple[Subscription, Sequence[str], Callable[[], None]]] = {}

    @property
    def methods(self) -> tuple[Streamed, ...]:
        """The methods, described."""
        return (
            Streamed(
                name="subscribe",
                summary="be told of topics as things happen, by notifications named `told`",
                run=self._subscribe,
                params=(TOPICS, DEVICE, INTERVAL),
            ),
            Streamed(
                name="unsubscribe",
                summary="be told no more",
                run=self._unsubscribe,
                params=(NUMBER,),
            ),
        )

    def close(self) -> None:
        """End every subscription."""
        for number in tuple(self._open):
            self._end(number)

    def _subscribe(self, channel: Channel, params: Params) -> object:
        topics = tuple(dict.fromkeys(cast("list[str]", params["topics"])))
        if not topics:
            raise ParamsError(f"topics is empty; allowed: {', '.join(FEEDS)}", key="topics")
        if sum(each.channel is channel for each, _, _ in self._open.values()) >= MOST:
            raise ControlError(f"{MOST} subscriptions are open on this connection: end one")
        wanted = self._devices if params.get("device") is None else (self._find(params).name,)
        given = cast("float | None", params.get("min_interval_s"))
        subscription = Subscription(
            next(self._numbers),
            channel,
            frozenset(wanted),
            DEFAULT_INTERVAL_S if given is None else given,
        )
        number = subscription.number

        def end() -> None:
            self._end(number)

        self._open[number] = subscription, topics, end
        channel.add_end(end)
        for topic in topics:
            self._feeds[topic].add(subscription)
        if params.get("device") is None:
            self._of_all.add(number)
        return {"subscription": number, "topics": list(topics), "devices": sorted(wanted)}

    def joined(self, device: DeviceApp) -> None:
        """Tell those of a device who are told of all."""
        for number in self._of_all:
            subscription, topics, _ = self._open[number]
            subscription.devices |= {device.name}
            for feed in self._watching(topics):
                feed.join(subscription, device)

    def left(self, device: DeviceApp) -> None:
        """Tell nobody of a device any more."""
        for subscription, _, _ in self._open.values():
            subscription.devices -= {device.name}
        for feed in self._watching(FEEDS):
            feed.leave(device)

    def _watching(self, topics: Sequence[str]) -> list[DeviceFeed]:
        feeds = [self._feeds[topic] for topic in topics]
        return [feed for feed in feeds if isinstance(feed, DeviceFeed)]

    def _unsubscribe(self, channel: Channel, params: Params) -> object:
        number = cast("int", params["subscription"])
        found = self._open.get(number)
        if found is None or found[0].channel is not channel:
            raise ControlError(
                f"there is no subscription {number} on this connection", key="subscription"
            )
        self._end(number)
        return {"subscription": number}

    def _end(self, number: int) -> None:
        subscription, topics, end = self._open.pop(number)
        self._of_all.discard(number)
        for topic in topics:
            self._feeds[topic].discard(subscription)
        subscription.channel.discard_end(end)

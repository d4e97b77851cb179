"""The topics of one device, and what it may do with each."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final, NamedTuple

from agent.emulator import topics
from agent.emulator.values import DeviceKey

MAX_CUSTOM_SLASHES: Final = 7


class Channel(StrEnum):
    """What an uplink topic is for."""

    PROPERTY_POST = "property post"
    BATCH_POST = "batch post"
    HISTORY_POST = "history post"
    EVENT_POST = "event post"
    DESIRED_GET = "desired get"
    DESIRED_DELETE = "desired delete"
    LABELS_UPDATE = "labels update"
    LABELS_DELETE = "labels delete"
    CONFIG_GET = "config get"
    LOG_CONFIG_GET = "log config get"
    LOG_POST = "log post"
    TSL_GET = "tsl get"
    NTP = "ntp"
    REPLY = "reply"
    RRPC = "rrpc"
    CUSTOM = "custom"
    SILENT = "silent"
    """The device may publish there; the emulator does not know what to answer."""


class Route(NamedTuple):
    """A channel, and the one level of the topic that varies: an event, a service or an id."""

    channel: Channel
    name: str = ""


class _Pattern(NamedTuple):
    pattern: str
    channel: Channel
    level: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceTopics:
    """The topics that belong to one device."""

    root: str
    """The beginning of its system topics, with the slash."""
    user: str
    """The beginning of the topics of its own, with the slash."""
    ntp: str
    """Where the time is told."""
    _exact: dict[str, Channel]
    _patterns: tuple[_Pattern, ...]
    _down: tuple[str, ...]

    def route(self, topic: str) -> Route | None:
        """Tell what an uplink topic is for; None where the device may not publish."""
        exact = self._exact.get(topic)
        if exact is not None:
            return Route(exact)
        for pattern, channel, level in self._patterns:
            if topics.covers(pattern, topic):
                return _refine(channel, topic, topic.split("/")[level])
        return None

    def may_subscribe(self, topic_filter: str) -> bool:
        """Tell whether the device may subscribe to *topic_filter*."""
        return any(topics.covers(each, topic_filter) for each in self._down)

    def is_custom(self, topic: str) -> bool:
        """Tell whether a topic is of the user's own, and within the limit of its levels."""
        return topic.startswith(self.user) and topic.count("/") <= MAX_CUSTOM_SLASHES


def _refine(channel: Channel, topic: str, name: str) -> Route | None:
    if channel is Channel.REPLY and not name.endswith("_reply"):
        return None
    if channel is Channel.CUSTOM and topic.count("/") > MAX_CUSTOM_SLASHES:
        return None
    return Route(channel, name)


def topics_of(device: DeviceKey) -> DeviceTopics:
    """List the topics of one device."""
    own = f"{device.product}/{device.name}"
    thing = f"/sys/{own}/thing"
    return DeviceTopics(
        root=f"/sys/{own}/",
        user=f"/{own}/user/",
        ntp=f"/ext/ntp/{own}/response",
        _exact={
            **{f"{thing}/{path}": channel for path, channel in _THING.items()},
            f"/ext/ntp/{own}/request": Channel.NTP,
        },
        _patterns=(
            _Pattern(f"{thing}/event/+/post", Channel.EVENT_POST, 6),
            _Pattern(f"{thing}/service/+", Channel.REPLY, 6),
            _Pattern(f"/sys/{own}/rrpc/response/+", Channel.RRPC, 6),
            _Pattern(f"/ext/rrpc/+/sys/{own}/thing/service/+", Channel.RRPC, 3),
            _Pattern(f"/ext/rrpc/+/{own}/user/#", Channel.RRPC, 3),
            _Pattern(f"/{own}/user/#", Channel.CUSTOM),
            *(_Pattern(f"{thing}/{path}", Channel.SILENT) for path in _SILENT),
            _Pattern(f"/ota/device/+/{own}", Channel.SILENT),
            _Pattern(f"/shadow/update/{own}", Channel.SILENT),
            _Pattern(f"/ext/session/{own}/combine/+", Channel.SILENT),
        ),
        _down=(
            f"/sys/{own}/#",
            f"/ext/ntp/{own}/response",
            f"/ext/rrpc/+/sys/{own}/#",
            f"/ext/rrpc/+/{own}/user/#",
            f"/ext/error/{own}",
            f"/ext/session/{own}/#",
            f"/ota/device/+/{own}",
            f"/shadow/get/{own}",
            f"/broadcast/{device.product}/+",
            f"/{own}/user/#",
        ),
    )


_THING: Final = {
    "event/property/post": Channel.PROPERTY_POST,
    "event/property/batch/post": Channel.BATCH_POST,
    "event/property/history/post": Channel.HISTORY_POST,
    "property/desired/get": Channel.DESIRED_GET,
    "property/desired/delete": Channel.DESIRED_DELETE,
    "deviceinfo/update": Channel.LABELS_UPDATE,
    "deviceinfo/delete": Channel.LABELS_DELETE,
    "config/get": Channel.CONFIG_GET,
    "config/log/get": Channel.LOG_CONFIG_GET,
    "log/post": Channel.LOG_POST,
    "dsltemplate/get": Channel.TSL_GET,
    "service/property/set_reply": Channel.REPLY,
    "service/property/get_reply": Channel.REPLY,
    "disable_reply": Channel.REPLY,
    "enable_reply": Channel.REPLY,
    "delete_reply": Channel.REPLY,
}
"""Below `/sys/{pk}/{dn}/thing/`."""

_SILENT: Final = (
    "event/property/pack/post",
    "model/up_raw",
    "model/down_raw_reply",
    "config/push_reply",
    "deviceinfo/get",
    "ota/firmware/get",
    "job/+",
    "file/#",
    "list/found",
    "sub/+",
    "topo/#",
    "proxy/#",
    "bootstrap/notify_reply",
)

"""The topics below `$sys/{product}/{device}/`, and what a device may do with each."""

import re
from dataclasses import dataclass
from itertools import zip_longest
from typing import Final

from agent.emulator import topics
from agent.emulator.values import DeviceKey

MAX_BYTES: Final = 512
MAX_LEVELS: Final = 8

_FILTER: Final = re.compile(r"[A-Za-z0-9/_$+#-]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicTree:
    """One generation's topics, as filters below the device's own prefix."""

    up: tuple[str, ...]
    down: tuple[str, ...]

    def uplink(self, device: DeviceKey, topic: str) -> str | None:
        """Return the part of an uplink topic after the prefix; None where none may go."""
        prefix = own(device)
        if not topic.startswith(prefix) or len(topic.encode()) > MAX_BYTES:
            return None
        rest = topic[len(prefix) :]
        return rest if any(topics.covers(each, rest) for each in self.up) else None

    def may_subscribe(self, device: DeviceKey, topic_filter: str) -> bool:
        """Permit filters that take at least one downlink and nothing of another device."""
        prefix = own(device)
        if not topic_filter.startswith(prefix) or not _FILTER.fullmatch(topic_filter):
            return False
        if len(topic_filter) > MAX_BYTES or topic_filter.count("/") >= MAX_LEVELS:
            return False
        rest = topic_filter[len(prefix) :]
        return any(overlaps(rest, each) for each in self.down)


def own(device: DeviceKey) -> str:
    """Return the prefix of a device's topics."""
    return f"$sys/{device.product}/{device.name}/"


def overlaps(left: str, right: str) -> bool:
    """Tell whether some topic lies within both filters."""
    for one, other in zip_longest(left.split("/"), right.split("/")):
        if "#" in {one, other}:
            return True
        if one is None or other is None or (one != other and "+" not in {one, other}):
            return False
    return True


THING: Final = TopicTree(
    up=(
        "thing/property/post",
        "thing/property/set_reply",
        "thing/property/get_reply",
        "thing/property/desired/get",
        "thing/property/desired/delete",
        "thing/event/post",
        "thing/service/+/invoke_reply",
        "thing/pack/post",
        "thing/history/post",
        "thing/sub/login",
        "thing/sub/logout",
        "thing/sub/topo/add",
        "thing/sub/topo/delete",
        "thing/sub/topo/get",
        "thing/sub/topo/get/result",
        "thing/sub/topo/change_reply",
        "thing/sub/property/get_reply",
        "thing/sub/property/set_reply",
        "thing/sub/service/invoke_reply",
        "ota/inform_reply",
    ),
    down=(
        "thing/property/post/reply",
        "thing/property/set",
        "thing/property/get",
        "thing/property/desired/get/reply",
        "thing/property/desired/delete/reply",
        "thing/event/post/reply",
        "thing/service/+/invoke",
        "thing/pack/post/reply",
        "thing/history/post/reply",
        "thing/sub/login/reply",
        "thing/sub/logout/reply",
        "thing/sub/topo/add/reply",
        "thing/sub/topo/delete/reply",
        "thing/sub/topo/get/reply",
        "thing/sub/topo/change",
        "thing/sub/property/get",
        "thing/sub/property/set",
        "thing/sub/service/invoke",
        "ota/inform",
    ),
)

DATASTREAM: Final = TopicTree(
    up=(
        "dp/post/json",
        "cmd/response/+",
        "image/update",
        "image/get",
    ),
    down=(
        "dp/post/json/accepted",
        "dp/post/json/rejected",
        "cmd/request/+",
        "cmd/response/+/accepted",
        "cmd/response/+/rejected",
        "image/update/accepted",
        "image/update/rejected",
        "image/update/delta",
        "image/delta",
        "image/get/accepted",
        "image/get/rejected",
    ),
)

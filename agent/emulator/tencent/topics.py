"""The topics of one device, and what it may do with each."""

from dataclasses import dataclass
from enum import StrEnum

from agent.emulator import topics
from agent.emulator.values import DeviceKey


class Channel(StrEnum):
    """The dialogue that an uplink topic belongs to."""

    PROPERTY = "property"
    EVENT = "event"
    ACTION = "action"
    SERVICE = "service"
    OTA = "ota"
    SYSTEM = "sys"
    LOG = "log"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceTopics:
    """The topics that belong to one device."""

    channels: dict[str, Channel]
    """Uplink topics that are answered."""
    up: tuple[str, ...]
    """Filters of what else it may publish to."""
    down: tuple[str, ...]
    """Filters that a subscription must lie within."""

    def channel(self, topic: str) -> Channel | None:
        """Return the dialogue of an uplink topic; None where the device may not publish."""
        known = self.channels.get(topic)
        if known is not None:
            return known
        return Channel.OTHER if any(topics.covers(each, topic) for each in self.up) else None

    def may_subscribe(self, topic_filter: str) -> bool:
        """Tell whether the device may subscribe to *topic_filter*."""
        return any(topics.covers(each, topic_filter) for each in self.down)


def topics_of(device: DeviceKey) -> DeviceTopics:
    """List the topics of one device."""
    own = f"{device.product}/{device.name}"
    return DeviceTopics(
        channels={
            f"$thing/up/property/{own}": Channel.PROPERTY,
            f"$thing/up/event/{own}": Channel.EVENT,
            f"$thing/up/action/{own}": Channel.ACTION,
            f"$thing/up/service/{own}": Channel.SERVICE,
            f"$ota/report/{own}": Channel.OTA,
            f"$sys/operation/{own}": Channel.SYSTEM,
            f"$log/operation/{own}": Channel.LOG,
        },
        up=(
            f"{own}/#",
            f"$thing/up/raw/{own}",
            f"$rrpc/txd/{own}/+",
            f"$gateway/operation/{own}",
            f"$shadow/operation/{own}",
            f"$config/report/{own}",
            f"$resource/up/service/{own}",
        ),
        down=(
            f"{own}/#",
            f"$thing/down/+/{own}",
            f"$ota/update/{own}",
            f"$sys/operation/result/{own}",
            f"$log/operation/result/{own}",
            f"$rrpc/rxd/{own}/+",
            f"$broadcast/rxd/{own}",
            f"$gateway/operation/result/{own}",
            f"$shadow/operation/result/{own}",
            f"$config/update/{own}",
            f"$resource/down/service/{own}",
        ),
    )

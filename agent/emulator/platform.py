"""What the MQTT core asks a platform: who may come in, what is allowed, what it answers."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from agent.emulator.packets import Connect, Publish
from agent.emulator.values import Answered, DeviceKey, Instant, Json, Noted, Publication


class Reaction(StrEnum):
    """What happens to a feature of MQTT that a platform does not support."""

    CLOSE = "close"
    IGNORE = "ignore"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """How a platform's MQTT differs from the standard; None means 'no limit'."""

    max_packet: int = 256 * 1024
    max_payload: int | None = None
    max_topic_bytes: int = 0xFFFF
    max_topic_slashes: int | None = None
    max_filters: int | None = None
    uplinks_per_s: int | None = None
    on_will: Reaction = Reaction.IGNORE
    on_retain: Reaction = Reaction.IGNORE
    connect_within_s: float = 10.0
    max_unacknowledged: int = 150
    stored_for_s: float = 86_400.0
    resend_interval_s: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Admitted:
    """The client may come in as this device."""

    device: DeviceKey


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """The client is refused with this CONNACK code."""

    code: int
    reason: str
    device: DeviceKey | None = None


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a platform makes of one uplink."""

    publications: tuple[Publication, ...] = ()
    answers: tuple[Answered, ...] = ()
    note: Noted | None = None


class Platform(Protocol):
    """One cloud's rules and dialogues, free of sockets and clocks."""

    @property
    def rules(self) -> Rules:
        """Tell how its MQTT differs from the standard."""
        ...

    def authenticate(self, connect: Connect, at: Instant) -> Admitted | Refused:
        """Judge a CONNECT."""
        ...

    def may_publish(self, device: DeviceKey, topic: str) -> bool:
        """Tell whether *device* may publish to *topic*."""
        ...

    def may_subscribe(self, device: DeviceKey, topic_filter: str) -> bool:
        """Tell whether *device* may subscribe to *topic_filter*."""
        ...

    def receive(self, device: DeviceKey, message: Publish, at: Instant) -> Receipt:
        """Take one uplink that was permitted; payloads may hold anything."""
        ...

    def garbage(self, device: DeviceKey) -> Sequence[Publication]:
        """Make malformed downlinks, as the fault `garbage` sends them."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A request to a device: the id that its reply will carry, and the message."""

    request_id: str
    publication: Publication


class Console(Platform, Protocol):
    """A platform's other side: what its app and its cloud API do with a device."""

    @property
    def offline_code(self) -> int:
        """Return the platform's own code for a device that is offline or not subscribed."""
        ...

    def devices(self) -> Sequence[DeviceKey]:
        """List the devices that the platform knows."""
        ...

    def describe(self, device: DeviceKey) -> dict[str, Json]:
        """Tell what a device reported, without its secret."""
        ...

    def control(self, device: DeviceKey, values: dict[str, Json], at: Instant) -> Request:
        """Ask a device to set *values*, in wire form; kept until it answers."""
        ...

    def invoke(
        self, device: DeviceKey, action: str, values: dict[str, Json], at: Instant
    ) -> Request:
        """Ask a device to perform an action."""
        ...

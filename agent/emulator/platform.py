"""What the MQTT core asks a platform: who may come in, what is allowed, what it answers."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from agent.emulator.packets import Connect, Publish
from agent.emulator.values import Answered, DeviceKey, Instant, Json, Noted, Publication
from agent.errors import AgentError


class RequestError(AgentError):
    """A platform cannot make the request that the control API wants; the text says why."""


class NotSupportedError(RequestError):
    """A platform has nothing of the kind at all."""


class Reaction(StrEnum):
    """What happens to what a platform does not support or permit: the session ends, or not."""

    CLOSE = "close"
    IGNORE = "ignore"


class Excess(StrEnum):
    """What happens to a message above a platform's limit."""

    DROP = "drop"
    DELAY = "delay"
    """It is taken, and only then acknowledged, in the next second."""
    CLOSE = "close"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """How a platform's MQTT differs from the standard; None means 'no limit'."""

    protocol_levels: frozenset[int] = frozenset({3, 4})
    answers_other_protocols: bool = True
    """Whether a CONNECT of another level is answered (CONNACK 1), not just closed."""
    max_packet: int = 256 * 1024
    max_payload: int | None = None
    max_topic_bytes: int = 0xFFFF
    max_topic_slashes: int | None = None
    max_filters: int | None = None
    """In one SUBSCRIBE."""
    max_subscriptions: int | None = None
    """Of one session."""
    subscribe_takes_s: float = 0.0
    """How long after its SUBACK a new filter begins to work."""
    max_granted_qos: int = 1
    uses_publisher_qos: bool = False
    """Whether a message comes at the QoS it was sent with, whatever was granted."""
    uplinks_per_s: int | None = None
    qos1_uplinks_per_s: int | None = None
    """A pace of their own for messages at QoS 1; None: `uplinks_per_s` counts them too."""
    on_excess: Excess = Excess.DROP
    on_oversize: Reaction = Reaction.IGNORE
    on_forbidden: Reaction = Reaction.IGNORE
    """What a message to a topic without permission leads to."""
    on_will: Reaction = Reaction.IGNORE
    on_retain: Reaction = Reaction.IGNORE
    keeps_retained: bool = False
    """Whether the last retained message of a topic comes to who subscribes later."""
    connect_within_s: float = 10.0
    max_unacknowledged: int = 150
    keeps_messages: int | None = None
    """How many of the newest wait for a client that is away."""
    stored_for_s: float = 86_400.0
    resend_interval_s: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Admitted:
    """The client may come in as this device."""

    device: DeviceKey
    client_id: str = ""
    """The name of its session, where that is not the client id of its CONNECT."""
    warning: str = ""
    """What was wrong with its CONNECT, and yet let through."""
    keepalive_s: int | None = None
    """What counts as its keepalive, where that is not what its CONNECT says."""
    until: float | None = None
    """Unix seconds at which the session is cut, where its credentials' end is one; None: never."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """The client is refused with this CONNACK code; None: closed without a CONNACK."""

    code: int | None
    reason: str
    device: DeviceKey | None = None
    ends_session: bool = False
    """Whether the connection that the device has is closed too."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a platform makes of one uplink."""

    publications: tuple[Publication, ...] = ()
    answers: tuple[Answered, ...] = ()
    note: Noted | None = None
    cut: str | None = None
    """Why the connection is closed now; None: it goes on."""


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

    def refuse(self, device: DeviceKey, message: Publish, at: Instant) -> Receipt:
        """Refuse a report or event and keep nothing of it, as the fault `reject` asks."""
        ...

    def garbage(self, device: DeviceKey) -> Sequence[Publication]:
        """Make malformed downlinks, as the fault `garbage` sends them."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A request to a device: the id that its reply will carry, and the message."""

    request_id: str
    publication: Publication
    is_kept: bool = False
    """Whether the platform keeps it for a device that is offline."""


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
        """Ask a device to set *values*, in wire form; raise RequestError."""
        ...

    def desire(self, device: DeviceKey, values: dict[str, Json], at: Instant) -> Request | None:
        """Keep *values* as desired; None: nothing is sent; raise RequestError."""
        ...

    def command(self, device: DeviceKey, payload: bytes, at: Instant) -> Request:
        """Send a device a raw command that it answers; raise RequestError."""
        ...

    def message(self, device: DeviceKey, topic: str, payload: bytes) -> Publication:
        """Send a message on a topic of the user's own; raise RequestError."""
        ...

    def invoke(
        self, device: DeviceKey, action: str, values: dict[str, Json], at: Instant
    ) -> Request:
        """Ask a device to perform an action; raise RequestError."""
        ...

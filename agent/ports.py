"""The doors to the outside: what drivers, transports and codecs look like to the agent.

Each has a fake shipped in the product. A driver's lifetime is an `async with`.
"""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Protocol, TypeVar

from agent.devices.effects import Effect
from agent.devices.inputs import Found, Input
from agent.messages import Downlink, Outcome, PropertySet, Request, Uplink
from agent.model import Color, Light, Reading
from agent.thing import Thing

S = TypeVar("S")

# ── drivers ─────────────────────────────────────────────────────────────────────────────────


class Meter(Protocol):
    """A source of readings."""

    def readings(self) -> AsyncIterator[Reading]:
        """Open the meter and yield readings until it is lost; raise `DriverError` then."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """How to reach a relay's contact from outside the process: for the stop guard's file."""

    driver: str
    address: str
    """A chip path and offset, a pin name, or a path: whatever *driver* needs to find it."""
    active_high: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldLine:
    """What a descriptor that was held through a restart turned out to be."""

    line: Line
    is_on: bool


class Relay(Protocol):
    """A contact. Opening the driver puts the line at a level without a blip."""

    @property
    def line(self) -> Line | None:
        """The line that is driven, or None where nothing outlives the process."""
        ...

    @property
    def descriptor(self) -> int | None:
        """The descriptor whose last close releases the line; None where there is none."""
        ...

    def set(self, *, on: bool) -> None:
        """Drive the contact at once; never block, never await; raise `DriverError`."""
        ...


class Button(Protocol):
    """A push button."""

    def on_edge(self, callback: Callable[[bool], None]) -> None:
        """Call *callback* on the loop with True when pressed and False when released."""
        ...


class Thermometer(Protocol):
    """A temperature sensor."""

    async def celsius(self) -> float:
        """Measure now, without holding the loop; raise `DriverError`."""
        ...


class Indicator(Protocol):
    """A light of one colour at a time."""

    def show(self, color: Color) -> None:
        """Show *color*; the latest wins; raise `DriverError`."""
        ...


class RelayDriver(Protocol):
    """Opens a relay: the contact stands at *on* when the context is entered."""

    def probe(self, held: int) -> HeldLine | None:
        """Tell what *held* is; None where it is not a claim on this relay's line. Moves nothing."""
        ...

    def open(self, *, on: bool, held: int | None = None) -> AbstractAsyncContextManager[Relay]:
        """Claim the line with its level in one step where the kernel can.

        *held*, which `probe` has accepted, is the claim itself: it is taken over, and the contact
        moves only if it does not stand at *on*. A line in use raises `LineBusyError`.
        """
        ...


class ButtonDriver(Protocol):
    """Opens a button."""

    def open(self) -> AbstractAsyncContextManager[Button]:
        """Claim the line."""
        ...


class IndicatorDriver(Protocol):
    """Opens an indicator."""

    def open(self) -> AbstractAsyncContextManager[Indicator]:
        """Claim the light, dark."""
        ...


# ── devices ─────────────────────────────────────────────────────────────────────────────────


class Device(Protocol[S]):
    """A device kind: a table of what it has, and pure decisions over its state."""

    @property
    def thing(self) -> Thing[S]:
        """The thing table."""
        ...

    def start(self, found: Found, now: float) -> tuple[S, Sequence[Effect]]:
        """Make the first state from what was kept; the relay's policy is in the effects."""
        ...

    def handle(self, state: S, event: Input, now: float) -> tuple[S, Sequence[Effect]]:
        """Decide. A `Command` always yields exactly one `Answer`."""
        ...

    def next_deadline(self, state: S, now: float) -> float | None:
        """When a `Tick` is needed next, if no input comes before."""
        ...

    def light(self, state: S, now: float) -> Light:
        """Tell what the indicator shows."""
        ...

    def describe(self, state: S, now: float) -> Mapping[str, object]:
        """Tell what the properties do not: `trip`, `countdown` and more, as JSON holds it."""
        ...

    def stop(self, state: S, now: float) -> tuple[S, Sequence[Effect]]:
        """Put the relay at its stop policy and keep the last of the state."""
        ...


# ── clouds ──────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True, kw_only=True)
class Tls:
    """How to trust a broker. `anchors` names PEM files shipped in `agent/trust`."""

    anchors: tuple[str, ...] = ()
    ca_file: str | None = None
    server_name: str | None = None
    verifies_host: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectParams:
    """All that a CONNECT needs."""

    host: str
    port: int
    tls: Tls | None
    client_id: str
    username: str
    password: str = field(repr=False)
    keepalive_s: int = 60
    clean_session: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """One topic filter."""

    topic: str
    qos: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Publish:
    """One message to the broker."""

    topic: str
    payload: bytes
    qos: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One message from the broker."""

    topic: str
    payload: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class PlatformLimits:
    """What a platform takes (figures and sources: each codec).

    `connect_interval_s`: shortest time between two CONNECTs of one identity.
    `rejected_interval_s`: the same after a refusal or a kick. `messages_per_s`: publishes.
    `payload_bytes`: largest payload.
    """

    connect_interval_s: float
    rejected_interval_s: float
    messages_per_s: float
    payload_bytes: int


class Codec(Protocol):
    """One cloud's dialect: pure, knows topics, JSON and credentials, and nothing else."""

    @property
    def name(self) -> str:
        """The cloud's name."""
        ...

    @property
    def limits(self) -> PlatformLimits:
        """The platform's published limits."""
        ...

    def connect_params(self, wall_time: float | None, nonce: str) -> ConnectParams:
        """Sign anew; *wall_time* is None while the clock is not trusted."""
        ...

    def subscriptions(self) -> Sequence[Subscription]:
        """List the topic filters, one SUBSCRIBE each."""
        ...

    def on_connected(self, message_id: str) -> Sequence[Publish]:
        """Begin the resync dialogue; its `ResyncAnswer` or `Ack` carries *message_id*."""
        ...

    def encode(self, message: Uplink, message_id: str) -> Publish | None:
        """Put a message into wire form; None where this platform has no form for it."""
        ...

    def encode_reply(self, request: Request, outcome: Outcome) -> Sequence[Publish]:
        """Answer a request with the request's own id."""
        ...

    def encode_refusal(self, request_id: str, method: str, outcome: Outcome) -> Sequence[Publish]:
        """Answer a request that could not be understood (`BadRequest`)."""
        ...

    def encode_cleared(self, stored: PropertySet) -> Sequence[Publish]:
        """Tell the platform that a stored command was taken and must not come again."""
        ...

    def ask_time(self) -> Publish | None:
        """Ask the platform for the time; None where it has no such message."""
        ...

    def decode(self, topic: str, payload: bytes) -> Downlink | None:
        """Understand a message; None for one that is not meant for us; raise `CodecError`."""
        ...


class Session(Protocol):
    """One open connection."""

    async def subscribe(self, subscription: Subscription) -> None:
        """Subscribe and wait for the grant; raise `TransportError` when it is refused."""
        ...

    async def publish(self, message: Publish) -> None:
        """Send; return when it has left (QoS 0) or is acknowledged (QoS 1)."""
        ...

    def messages(self) -> AsyncIterator[Message]:
        """Yield messages until the connection ends; raise `TransportError` then."""
        ...


class Transport(Protocol):
    """An opener of connections."""

    def connect(self, params: ConnectParams) -> AbstractAsyncContextManager[Session]:
        """Connect; raise `AuthRejectedError` or `TransportError`."""
        ...


class Clock(Protocol):
    """Time, as an argument to everything that needs it."""

    def now(self) -> float:
        """Monotonic seconds, the loop's own."""
        ...

    def wall_time(self) -> float | None:
        """Unix seconds, or None while the clock is not trusted."""
        ...

    def tls_is_possible(self) -> bool:
        """Tell whether the clock can check a certificate (it is not before the build date)."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        ...

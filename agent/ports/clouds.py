"""Clouds: dialects, and connections that speak them."""

from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Final, Protocol

from agent.messages import Answerable, Downlink, Outcome, PropertySet, Report, Uplink


@dataclass(frozen=True, slots=True, kw_only=True)
class Tls:
    """How to trust a broker. `anchors` names PEM files shipped in `agent/trust`.

    `fingerprints` are the SHA-256 sums (hex) that a certificate of `ca_file` must have to be
    trusted; none: any.
    """

    anchors: tuple[str, ...] = ()
    ca_file: str | None = None
    fingerprints: tuple[str, ...] = ()
    server_name: str | None = None
    verifies_host: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Publish:
    """One message to the broker; `is_answered`: the platform replies to it, not just PUBACK.

    `replied_on` names the subscription that brings the reply, where the cloud may have refused
    it and still be used: without it PUBACK is all that will be heard. `is_retained`: the broker
    keeps it for whoever subscribes later.
    """

    topic: str
    payload: bytes
    qos: int = 1
    is_answered: bool = True
    replied_on: str | None = None
    is_retained: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectParams:
    """All that a CONNECT needs; `advice` is for a person whom the platform refuses.

    `valid_until`: Unix seconds at which the signature ends; None: never, or nobody knows when.
    `will`: what the broker says for us once we are gone, however that happens. `birth`: what is
    said once the subscriptions are granted, before anything else, to take the will's word back.
    """

    host: str
    port: int
    tls: Tls | None
    client_id: str
    username: str
    password: str = field(repr=False)
    keepalive_s: int = 60
    clean_session: bool = True
    valid_until: float | None = None
    will: Publish | None = None
    birth: Publish | None = None
    advice: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """One topic filter; `is_needed`: without it the connection is worth nothing."""

    topic: str
    qos: int = 1
    is_needed: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """One message that carries the first `taken` of several, at least one, and nothing else.

    `publish` is None where the first of them has no form there: it is left to us.
    """

    publish: Publish | None
    taken: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One message from the broker.

    `is_retained`: the broker had kept it for whoever subscribes. `is_repeat`: it was sent before,
    and may have arrived then (MQTT's DUP).
    """

    topic: str
    payload: bytes
    is_retained: bool = False
    is_repeat: bool = False


STAMP_MARGIN_S: Final = 300.0
"""How far our clock may be from the platform's, and how long a message may be on its way."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlatformLimits:
    """What a platform takes (figures and sources: each codec).

    `connect_interval_s`: shortest time between two CONNECTs of one identity.
    `rejected_interval_s`: the same after a refusal or a kick. `messages_per_s`: publishes.
    `payload_bytes`: largest payload. `replays_s`: so long after a connect a command may be one
    that was sent before, to another session: it counts as stored. `oldest_s`: what is stamped
    older is not taken. `batch_…`: how much one message about the past may hold, in values, in
    values of one property, and in events; 0: no bound of its own. `billed_bytes`: one message
    counts as one for each so many bytes that are begun. `shows_last`: whatever is reported is
    shown as what is so now, so that no report may follow a full one that was made later.
    """

    connect_interval_s: float
    rejected_interval_s: float
    messages_per_s: float
    payload_bytes: int
    replays_s: float = 0.0
    oldest_s: float | None = None
    batch_values: int = 0
    batch_values_of_one: int = 0
    batch_events: int = 0
    billed_bytes: int | None = None
    shows_last: bool = False

    def takes_stamp(self, measured: float, wall_time: float) -> bool:
        """Tell whether what was measured then may be told with its time, a little later too."""
        if self.oldest_s is None:
            return True
        return abs(wall_time - measured) <= self.oldest_s - STAMP_MARGIN_S


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
        """Begin the resync dialogue; its `ResyncAnswer` or `Ack` carries *message_id*.

        Empty where the platform stores no commands.
        """
        ...

    def encode(
        self, message: Uplink, message_id: str, wall_time: float | None = None
    ) -> Publish | None:
        """Put a message into wire form at *wall_time*; None where the platform has no form for it.

        Message ids are decimal texts of 31 bits, so that every platform's field takes them.
        """
        ...

    def encode_past(
        self, messages: Sequence[Report], message_id: str, wall_time: float | None = None
    ) -> Batch:
        """Put as many of what is over as one message takes into the platform's form for the past.

        *messages* are the oldest first, at least one, each with its own wall time. What was
        measured at a time that nobody knows has no such form.
        """
        ...

    def encode_together(
        self, messages: Sequence[Report], message_id: str, wall_time: float | None = None
    ) -> Batch:
        """Put as many of what is of now, and had to wait, as one message takes into wire form.

        Where a platform has none for several, it is the first alone.
        """
        ...

    def encode_sum(self, kwh: float, wall_time: float | None, message_id: str) -> Publish | None:
        """Tell energy that the platform adds to what it was told before; *wall_time* is its time.

        None where the platform has no such quantity, or is not to be told. It is a message of
        its own, of now: whoever sends it twice has it counted twice.
        """
        ...

    def encode_reply(self, request: Answerable, outcome: Outcome) -> Sequence[Publish]:
        """Answer a request with the request's own id; empty where no answer is wanted.

        For a `PropertyGet` the outcome's values are the answer. For a refused `PropertySet` they
        are what still stands, for a platform that `shows_last`.
        """
        ...

    def encode_cleared(self, stored: PropertySet) -> Sequence[Publish]:
        """Tell the platform that a stored command was taken and must not come again."""
        ...

    def encode_taken(self, live: PropertySet) -> Sequence[Publish]:
        """Have the platform forget what it stored of a live request that has been answered.

        Empty where it forgets by itself, or never stores what it has sent.
        """
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

    async def heard(self) -> None:
        """Wait for a sign of life, where none has come since something was sent.

        Who gives a message up asks for this first: it may be the connection that is dead.
        """
        ...


class Transport(Protocol):
    """An opener of connections."""

    def connect(self, params: ConnectParams) -> AbstractAsyncContextManager[Session]:
        """Connect; raise `AuthRejectedError` or `TransportError`."""
        ...

"""A plug-in's codec, whose bugs are its cloud's alone: the device goes on, and so do the others."""

from collections.abc import Callable, Sequence
from typing import Final, TypeVar, cast

import structlog

from agent.attempt import place_of, tried
from agent.errors import CodecError, TransportError
from agent.messages import Answerable, Downlink, Outcome, PropertySet, Report, Uplink
from agent.ports import Batch, Codec, ConnectParams, PlatformLimits, Publish, Subscription

log: Final = structlog.get_logger()

T = TypeVar("T")


class PluggedCodec:
    """Asks a codec that may raise anything: what it cannot decode is dropped, and said once.

    What it cannot encode has no form on its cloud; where it cannot connect the link backs off.
    """

    def __init__(self, codec: Codec, name: str) -> None:
        self._codec = codec
        self._told: set[str] = set()
        self.name = name

    @property
    def limits(self) -> PlatformLimits:
        """The platform's published limits, as the codec says them."""
        return self._codec.limits

    def connect_params(self, wall_time: float | None, nonce: str) -> ConnectParams:
        """Sign anew; raise `TransportError` where that fails."""
        return self._needed("connect_params", lambda: self._codec.connect_params(wall_time, nonce))

    def subscriptions(self) -> Sequence[Subscription]:
        """List the topic filters; raise `TransportError` where that fails."""
        return self._needed("subscriptions", self._codec.subscriptions)

    def on_connected(self, message_id: str) -> Sequence[Publish]:
        """Begin the resync dialogue."""
        return self._or("on_connected", lambda: self._codec.on_connected(message_id), ())

    def encode(
        self, message: Uplink, message_id: str, wall_time: float | None = None
    ) -> Publish | None:
        """Put a message into wire form."""
        call = self._codec.encode
        return self._or("encode", lambda: call(message, message_id, wall_time), None)

    def encode_past(
        self, messages: Sequence[Report], message_id: str, wall_time: float | None = None
    ) -> Batch:
        """Put what is over into wire form."""
        call = self._codec.encode_past
        return self._or("encode_past", lambda: call(messages, message_id, wall_time), NOTHING)

    def encode_together(
        self, messages: Sequence[Report], message_id: str, wall_time: float | None = None
    ) -> Batch:
        """Put what is of now, and had to wait, into wire form."""
        call = self._codec.encode_together
        return self._or("encode_together", lambda: call(messages, message_id, wall_time), NOTHING)

    def encode_sum(self, kwh: float, wall_time: float | None, message_id: str) -> Publish | None:
        """Tell energy that the platform adds up."""
        call = self._codec.encode_sum
        return self._or("encode_sum", lambda: call(kwh, wall_time, message_id), None)

    def encode_reply(self, request: Answerable, outcome: Outcome) -> Sequence[Publish]:
        """Answer a request."""
        return self._or("encode_reply", lambda: self._codec.encode_reply(request, outcome), ())

    def encode_cleared(self, stored: PropertySet) -> Sequence[Publish]:
        """Tell that a stored command was taken."""
        return self._or("encode_cleared", lambda: self._codec.encode_cleared(stored), ())

    def encode_taken(self, live: PropertySet) -> Sequence[Publish]:
        """Have the platform forget what it stored of a live request."""
        return self._or("encode_taken", lambda: self._codec.encode_taken(live), ())

    def ask_time(self) -> Publish | None:
        """Ask the platform for the time."""
        return self._or("ask_time", self._codec.ask_time, None)

    def decode(self, topic: str, payload: bytes) -> Downlink | None:
        """Understand a message; raise `CodecError`."""
        downlink, error = tried(lambda: self._codec.decode(topic, payload))
        if isinstance(error, CodecError):
            raise error
        if error is not None:
            self._tell("decode", error)
            raise CodecError(f"the plug-in failed: {type(error).__name__}") from error
        return downlink

    def _needed(self, method: str, call: Callable[[], T]) -> T:
        found, error = tried(call)
        if found is None or error is not None:
            reason = error or ValueError("nothing")
            self._tell(method, reason)
            raise TransportError(f"the plug-in {self.name} failed at {method}") from error
        return found

    def _or(self, method: str, call: Callable[[], T], otherwise: T) -> T:
        found, error = tried(call)
        if error is None:
            return cast("T", found)
        self._tell(method, error)
        return otherwise

    def _tell(self, method: str, error: Exception) -> None:
        """Log a method's first failure; not what the error says, which may hold a secret."""
        facts = {"cloud": self.name, "method": method, "at": place_of(error)}
        kind = type(error).__name__
        if method in self._told:
            log.debug("plugin.failed", **facts, error=kind)
        else:
            log.warning("plugin.failed", **facts, error=kind)
        self._told.add(method)


NOTHING: Final = Batch(publish=None)

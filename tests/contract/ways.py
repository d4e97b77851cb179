"""Ways in which a codec's methods go wrong."""

import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from agent.errors import CodecError
from agent.messages import Ack, EventReport, PropertyReport, PropertySet, ResyncAnswer


def throw(error: BaseException) -> Any:
    raise error


def throws(error: Exception) -> Any:
    return lambda *_: throw(error)


def no_nan(values: Any) -> dict[str, Any]:
    return {
        key: 0.0 if isinstance(value, float) and not math.isfinite(value) else value
        for key, value in values.items()
    }


def numbers_as_zero(inner: Any, message: Any, *rest: Any) -> Any:
    if hasattr(message, "values"):
        message = replace(message, values=no_nan(message.values))
    return inner(message, *rest)


def event_numbers_as_zero(inner: Any, message: Any, *rest: Any) -> Any:
    is_event = isinstance(message, EventReport)
    return numbers_as_zero(inner, message, *rest) if is_event else inner(message, *rest)


def at(wall_time: Any) -> Callable[..., Any]:
    """Measure everything at another time."""

    def way(inner: Any, message: Any, message_id: str, now: Any) -> Any:
        if hasattr(message, "wall_time"):
            message = replace(message, wall_time=wall_time(message.wall_time, now))
        return inner(message, message_id, now)

    return way


def limit_as_voltage(inner: Any, message: Any, *rest: Any) -> Any:
    if isinstance(message, PropertyReport) and "current_limit" in message.values:
        message = replace(message, values={"voltage": 5.0})
    return inner(message, *rest)


class Sulking:
    """Hears nothing any more after the first garbage."""

    def __init__(self) -> None:
        self.sulks = False

    def __call__(self, inner: Any, topic: str, payload: bytes) -> Any:
        try:
            return None if self.sulks else inner(topic, payload)
        except CodecError:
            self.sulks = True
            raise


def echoes(inner: Any, topic: str, payload: bytes) -> Any:
    if "/up/" in topic:
        return PropertySet(request_id="1", values={"power_switch": True})
    return inner(topic, payload)


def accepting(inner: Any, topic: str, payload: bytes) -> Any:
    heard = inner(topic, payload)
    return replace(heard, is_accepted=True) if isinstance(heard, Ack) else heard


def live(inner: Any, topic: str, payload: bytes) -> Any:
    heard = inner(topic, payload)
    if isinstance(heard, ResyncAnswer) and heard.stored is not None:
        return replace(heard, stored=replace(heard.stored, is_live=True))
    return heard


def forgets_stored(inner: Any, topic: str, payload: bytes) -> Any:
    heard = inner(topic, payload)
    return replace(heard, stored=None) if isinstance(heard, ResyncAnswer) else heard


def late_clock(inner: Any, topic: str, payload: bytes) -> Any:
    heard = inner(topic, payload)
    is_time = hasattr(heard, "server_received")
    return replace(heard, server_received=heard.server_received * 1000) if is_time else heard


def edit_code(heard: Any) -> Any:
    return replace(heard, code=0) if isinstance(heard, Ack) else heard


def curt(outcome: Any, longest: int) -> Any:
    """Say nothing where the reason is longer."""
    refusal = outcome.refusal
    if refusal is None or len(refusal.reason) <= longest:
        return outcome
    return replace(outcome, refusal=replace(refusal, reason="no"))

"""Neutral messages as JSON that a person reads, and back where a replay needs them."""

from collections.abc import Mapping
from dataclasses import MISSING, Field, fields, is_dataclass, replace
from enum import Enum
from typing import Any, Final, cast

from agent.errors import AgentError, CodecError
from agent.messages import (
    Downlink,
    EventReport,
    InfoReport,
    Outcome,
    PropertyReport,
    Refusal,
    RefusalKind,
    Uplink,
)
from agent.model import Values
from agent.ports import Codec

Json = Mapping[str, object]

NOTHING: Final = "nothing"
"""What a message means that is not for this device."""

_DIGITS: Final = 7
"""So many decimals are finer than a clock's 64 bits: reading gives back the very same time."""
_REPORTS: Final = "PropertyReport, EventReport or InfoReport"


class DialogueError(AgentError):
    """A recording cannot be read, or what happens is not what it holds."""


def written(value: object) -> Json:
    """Write a message or an outcome as `{type: fields}`, without what has its default."""
    return {type(value).__name__: plain(value)}


def plain(value: object) -> object:
    """Write the fields that make a value what it is, however deep."""
    if is_dataclass(value) and not isinstance(value, type):
        known = {each.name: (each, getattr(value, each.name)) for each in fields(value)}
        return {
            name: plain(found)
            for name, (each, found) in known.items()
            if each.compare and found != _default(each)
        }
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Mapping):
        inner = cast("Mapping[str, object]", value)
        return {name: plain(item) for name, item in inner.items()}
    if isinstance(value, tuple):
        items = cast("tuple[object, ...]", value)
        return [plain(item) for item in items]
    return value


def _default(each: Field[Any]) -> object:
    return each.default if each.default_factory is MISSING else each.default_factory()


def meaning(codec: Codec, topic: str, payload: bytes) -> object:
    """Tell what *codec* makes of a downlink."""
    try:
        downlink: Downlink | None = codec.decode(topic, payload)
    except CodecError as error:
        return {CodecError.__name__: str(error)}
    return NOTHING if downlink is None else written(downlink)


# ── times ───────────────────────────────────────────────────────────────────────────────────


def since(message: Uplink, wall: float | None) -> Uplink:
    """Count the message's time from *wall*, the clock at connect."""
    if isinstance(message, InfoReport) or message.wall_time is None:
        return message
    return replace(message, wall_time=round(message.wall_time - (wall or 0.0), _DIGITS))


def at(message: Uplink, wall: float | None) -> Uplink:
    """Put back what `since` took away."""
    if isinstance(message, InfoReport) or message.wall_time is None:
        return message
    return replace(message, wall_time=message.wall_time + (wall or 0.0))


# ── reading ─────────────────────────────────────────────────────────────────────────────────


def read_uplink(value: object) -> Uplink:
    """Read what `written` wrote of a report, an event or the facts; raise `DialogueError`."""
    body = _object(value, _REPORTS)
    name, inner = next(iter(body.items()), ("", None))
    known = _object(inner, f"{_REPORTS} with its fields")
    match name:
        case "PropertyReport":
            return PropertyReport(values=_values(known), wall_time=_wall_time(known))
        case "EventReport":
            event = _text(known, "name")
            return EventReport(name=event, values=_values(known), wall_time=_wall_time(known))
        case "InfoReport":
            facts = _object(known.get("facts", {}), "facts by name")
            return InfoReport(facts={key: _text(facts, key) for key in facts})
        case _:
            raise DialogueError(f"found {name!r:.40}; allowed: {_REPORTS}")


def read_outcome(value: object) -> Outcome:
    """Read what `plain` wrote of an outcome; raise `DialogueError`."""
    body = _object(value, "an outcome's fields")
    said = body.get("refusal")
    return Outcome(
        refusal=None if said is None else _refusal(_object(said, "a refusal's fields")),
        values=_values(body),
        is_repeat=body.get("is_repeat") is True,
        is_forbidden=body.get("is_forbidden") is True,
    )


def _refusal(body: Json) -> Refusal:
    kind = body.get("kind")
    if kind not in set(RefusalKind):
        raise DialogueError(f"kind: found {kind!r:.40}; allowed: {', '.join(RefusalKind)}")
    return Refusal(kind=RefusalKind(str(kind)), reason=_text(body, "reason"))


def _values(body: Json) -> Values:
    values = _object(body.get("values", {}), "values by name")
    for name, value in values.items():
        if not isinstance(value, bool | int | float | str):
            allowed = "true, false, a number or a text"
            raise DialogueError(f"{name}: found {value!r:.40}; allowed: {allowed}")
    return cast("Values", values)


def _wall_time(body: Json) -> float | None:
    value = body.get("wall_time")
    if value is not None and (isinstance(value, bool) or not isinstance(value, int | float)):
        raise DialogueError(f"wall_time: found {value!r:.40}; allowed: seconds or null")
    return value


def _text(body: Json, name: str) -> str:
    value = body.get(name)
    if not isinstance(value, str):
        raise DialogueError(f"{name}: found {value!r:.40}; allowed: a text")
    return value


def _object(value: object, what: str) -> Json:
    if not isinstance(value, dict):
        raise DialogueError(f"found {value!r:.40}; allowed: {what}")
    return cast("Json", value)

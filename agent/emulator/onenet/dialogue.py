"""What every dialogue of the thing model shares: its codes, its one error, wrapped values."""

from collections.abc import Mapping
from typing import Final, NamedTuple

from agent.emulator.json_text import as_object
from agent.emulator.onenet.rules import Codes
from agent.emulator.onenet.twin import Twin
from agent.emulator.values import Instant, Json
from agent.emulator.wiretypes import WireType, is_integer, shown
from agent.errors import CodecError

SUCCESS: Final = 200
PARAMETER_COUNT: Final = 2308
BAD_FORMAT: Final = 2402
SERVER_ERROR: Final = 500
BAD_ID: Final = 2405
VALUE_MISSING: Final = 2409

MAX_ID_DIGITS: Final = 13


class UplinkError(CodecError):
    """A message of a device is refused as a whole; `code` goes into the reply."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code


class Point(NamedTuple):
    """A wrapped value."""

    value: Json
    time_ms: int | None


class Context(NamedTuple):
    """What a dialogue needs beside the message."""

    twin: Twin
    codes: Codes
    at: Instant


def check_id(message: Mapping[str, Json]) -> None:
    """Demand an id that is a text of at most 13 digits; raise UplinkError."""
    given = message.get("id")
    is_good = isinstance(given, str) and given.isascii() and given.isdigit()
    if not is_good or len(str(given)) > MAX_ID_DIGITS:
        reason = f"id is a text of 1 to {MAX_ID_DIGITS} digits, not {shown(given)}"
        raise UplinkError(BAD_ID, reason)


def demand_object(value: Json, where: str) -> dict[str, Json]:
    """Return a JSON object; raise UplinkError for anything else."""
    found = as_object(value)
    if found is None:
        raise UplinkError(BAD_FORMAT, f"{where} is an object, not {shown(value)}")
    return found


def read_point(name: str, given: Json, kind: WireType, codes: Codes) -> Point:
    """Unwrap `{"value": …, "time": ms}` and judge the value; raise UplinkError."""
    point = unwrap(name, given)
    reason = kind.fault(point.value)
    if reason is not None:
        raise UplinkError(codes.wrong_value, f"{name}: {reason}")
    return point


def unwrap(name: str, given: Json) -> Point:
    """Unwrap `{"value": …, "time": ms}`; raise UplinkError."""
    wrapped = demand_object(given, f"{name!r:.60}")
    if "value" not in wrapped:
        raise UplinkError(VALUE_MISSING, f"{name!r:.60} has no 'value'")
    time_ms = wrapped.get("time")
    if time_ms is None:
        return Point(wrapped["value"], None)
    if not is_integer(time_ms) or not isinstance(time_ms, int) or not 0 <= time_ms < 2**63:
        raise UplinkError(BAD_FORMAT, f"{name!r:.60}: time is milliseconds, not {shown(time_ms)}")
    return Point(wrapped["value"], time_ms)


def kind_of(name: str, kinds: Mapping[str, WireType], codes: Codes) -> WireType:
    """Find the type of an identifier; raise UplinkError for one that the model lacks."""
    kind = kinds.get(name)
    if kind is None:
        raise UplinkError(codes.unknown_identifier, f"{name!r:.60} is not in the model")
    return kind

"""`dp/post/json`: what a message of data points must look like."""

import re
from typing import Final

from agent.emulator.json_text import JsonError, as_list, as_object, decode
from agent.emulator.onenet.streams import DataPoint
from agent.emulator.values import Instant, Json
from agent.emulator.wiretypes import is_integer, is_number, shown
from agent.errors import CodecError

MAX_ID: Final = 2**31 - 1
MAX_DEPTH: Final = 5
MAX_AHEAD_S: Final = 100 * 366 * 86_400
"""Further in the future than this, `t` is no time in seconds."""

_STREAM: Final = re.compile(r"(?=.{1,30}\Z)\$?[A-Za-z0-9_.]+")


class IllegalDataError(CodecError):
    """A message of data points is refused as a whole; `id` is its own, or -1."""

    def __init__(self, reason: str, number: int = -1) -> None:
        super().__init__(reason)
        self.id = number


def read_points(payload: bytes, at: Instant) -> tuple[int, list[DataPoint]]:
    """Read a message's id and its data points; raise IllegalDataError."""
    try:
        message = _object(decode(payload), "the payload")
    except JsonError as error:
        raise IllegalDataError(str(error)) from error
    number = _id(message.get("id"))
    try:
        return number, _streams(message.get("dp"), at)
    except IllegalDataError as error:
        raise IllegalDataError(str(error), number) from error


def _streams(given: Json, at: Instant) -> list[DataPoint]:
    streams = _object(given, "dp")
    if not streams:
        raise IllegalDataError("dp names no stream")
    return [
        _point(name, point, at)
        for name, points in streams.items()
        for point in _points(name, points)
    ]


def _id(given: Json) -> int:
    if is_integer(given) and isinstance(given, int) and 0 <= given <= MAX_ID:
        return given
    raise IllegalDataError(f"id is an integer of 0 to {MAX_ID}, not {shown(given)}")


def _points(name: str, points: Json) -> list[Json]:
    if not _STREAM.fullmatch(name):
        reason = f"a stream is 1 to 30 letters, digits, '_' and '.', not {name!r:.60}"
        raise IllegalDataError(reason)
    found = as_list(points)
    if not found:
        raise IllegalDataError(f"{name} is an array of points, not {shown(points)}")
    return found


def _point(name: str, given: Json, at: Instant) -> DataPoint:
    point = _object(given, f"a point of {name}")
    value, time = point.get("v"), point.get("t")
    if not (is_number(value) or isinstance(value, str) or as_object(value) is not None):
        reason = f"{name}: v is a number, a text or an object, not {shown(value)}"
        raise IllegalDataError(reason)
    if _depth(value) > MAX_DEPTH:
        raise IllegalDataError(f"{name}: v is nested more than {MAX_DEPTH} levels")
    if time is None:
        return DataPoint(stream=name, value=value)
    is_good = is_integer(time) and isinstance(time, int)
    if not is_good or not isinstance(time, int) or not 0 <= time < at.wall_time + MAX_AHEAD_S:
        raise IllegalDataError(f"{name}: t is Unix time in seconds, not {shown(time)}")
    return DataPoint(stream=name, value=value, time=float(time))


def _depth(value: Json) -> int:
    members = as_object(value)
    inner = list(members.values()) if members is not None else as_list(value)
    if inner is None:
        return 0
    return 1 + max((_depth(each) for each in inner), default=0)


def _object(value: Json, where: str) -> dict[str, Json]:
    found = as_object(value)
    if found is None:
        raise IllegalDataError(f"{where} is an object, not {shown(value)}")
    return found

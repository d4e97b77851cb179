"""Frames of `$dp`: data points of the first generation in seven types."""

import math
import struct
from collections.abc import Callable
from typing import Final

from agent.emulator.json_text import as_list, as_object, decode
from agent.emulator.onenet import dp_text, dp_time
from agent.emulator.onenet.streams import DataPoint
from agent.emulator.values import Json
from agent.emulator.wiretypes import shown
from agent.errors import CodecError

MAX_BINARY: Final = 3 * 1024 * 1024
MAX_FLOATS: Final = 500
_TIMED: Final = 0x80


class DpError(CodecError):
    """A frame is broken; the platform ends the session."""


class _Frame:
    """A frame's bytes after the first, read from front to back; raises ValueError."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    @property
    def is_empty(self) -> bool:
        return self._at >= len(self._data)

    def take(self, size: int) -> bytes:
        taken = self._data[self._at : self._at + size]
        if len(taken) < size:
            raise ValueError(f"{size} bytes were announced, and {len(taken)} are there")
        self._at += size
        return taken

    def number(self, size: int = 2) -> int:
        return int.from_bytes(self.take(size), "big")

    def json(self) -> dict[str, Json]:
        return _object(decode(self.take(self.number())), "the JSON")

    def text(self) -> str:
        return self.take(self.number()).decode()

    def end(self) -> None:
        if not self.is_empty:
            raise ValueError(f"{len(self._data) - self._at} bytes are left over")


def read_frame(payload: bytes) -> list[DataPoint]:
    """Read one frame; raise DpError and nothing else."""
    if not payload:
        raise DpError("an empty frame")
    head = payload[0]
    reader = _READERS.get(head)
    if reader is None:
        raise DpError(f"a frame begins with 01 to 07, 86 or 87, not {head:02x}")
    frame = _Frame(payload[1:])
    try:
        time = dp_time.read_bytes(frame.take(6)) if head & _TIMED else None
        points = reader(frame, time)
        frame.end()
    except (ValueError, CodecError) as error:
        raise DpError(f"type {head & 0x3F}: {error}") from error
    return points


def _points(frame: _Frame, time: float | None) -> list[DataPoint]:
    """Read type 1: streams with lists of points."""
    del time
    found: list[DataPoint] = []
    for stream in _objects(frame.json(), "datastreams"):
        name = stream.get("id")
        if not isinstance(name, str) or not name:
            raise ValueError(f"the id of a stream is a text, not {shown(name)}")
        for point in _objects(stream, "datapoints"):
            if "value" not in point:
                raise ValueError(f"a point of {name!r:.60} has no value")
            found.append(DataPoint(stream=name, value=point["value"], time=_time(point)))
    return found


def _binary(frame: _Frame, time: float | None) -> list[DataPoint]:
    """Read type 2: a head in JSON, then bytes, of which only the number is kept."""
    del time
    head = frame.json()
    name = head.get("ds_id")
    if not isinstance(name, str) or not name:
        raise ValueError(f"ds_id is a text, not {shown(name)}")
    size = frame.number(4)
    if size > MAX_BINARY:
        raise ValueError(f"{size} bytes; at most {MAX_BINARY} are taken")
    value: Json = {"bytes": len(frame.take(size)), "desc": head.get("desc", "")}
    return [DataPoint(stream=name, value=value, time=_time(head))]


def _values(frame: _Frame, time: float | None) -> list[DataPoint]:
    """Read type 3: values by stream."""
    del time
    return [DataPoint(stream=name, value=value) for name, value in frame.json().items()]


def _timed_values(frame: _Frame, time: float | None) -> list[DataPoint]:
    """Read type 4: values by stream and time."""
    del time
    return [
        DataPoint(stream=name, value=value, time=dp_time.read_text(stamp))
        for name, stamped in frame.json().items()
        for stamp, value in _object(stamped, repr(name)).items()
    ]


def _text(frame: _Frame, time: float | None) -> list[DataPoint]:
    """Read types 5 and 6; the SDK sends the latter without time bytes too."""
    return dp_text.read_fields(frame.text(), time=time)


def _floats(frame: _Frame, time: float | None) -> list[DataPoint]:
    """Read type 7: groups of floats, taken as repeated points of one stream."""
    found: list[DataPoint] = []
    while not frame.is_empty:
        name, count = frame.number(), frame.number()
        if not 1 <= count <= MAX_FLOATS - len(found):
            raise ValueError(f"a group of {count} floats; 1 to {MAX_FLOATS} are taken in all")
        values = struct.unpack(f"<{count}f", frame.take(4 * count))
        if not all(map(math.isfinite, values)):
            raise ValueError("a float is no number")
        found += [DataPoint(stream=str(name), value=value, time=time) for value in values]
    if not found:
        raise ValueError("there are no groups")
    return found


def _time(found: dict[str, Json]) -> float | None:
    stamp = found.get("at")
    if stamp is None:
        return None
    if not isinstance(stamp, str):
        raise DpError(f"at is a text, not {shown(stamp)}")
    return dp_time.read_text(stamp)


def _objects(parent: dict[str, Json], key: str) -> list[dict[str, Json]]:
    found = as_list(parent.get(key))
    if found is None:
        raise ValueError(f"{key} is an array")
    return [_object(each, f"an element of {key}") for each in found]


def _object(value: Json, where: str) -> dict[str, Json]:
    found = as_object(value)
    if found is None:
        raise ValueError(f"{where:.60} is an object, not {shown(value)}")
    return found


_READERS: Final[dict[int, Callable[[_Frame, float | None], list[DataPoint]]]] = {
    1: _points,
    2: _binary,
    3: _values,
    4: _timed_values,
    5: _text,
    6: _text,
    6 | _TIMED: _text,
    7: _floats,
    7 | _TIMED: _floats,
}

"""Text of `$dp` types 5 and 6: `id,datetime,value;id,value;value` with separators of its own."""

import math

from agent.emulator.onenet import dp_time
from agent.emulator.onenet.streams import DataPoint
from agent.emulator.values import Json


def read_fields(text: str, *, time: float | None = None) -> list[DataPoint]:
    """Read the fields; *time* is for those without one of their own; raise ValueError."""
    if len(text) < 2 or text[0] == text[1]:
        raise ValueError("the text begins with two different separators")
    inner, outer = text[0], text[1]
    fields = [field.split(inner) for field in text[2:].split(outer)]
    return [_point(parts, position, time) for position, parts in enumerate(fields)]


def _point(parts: list[str], position: int, time: float | None) -> DataPoint:
    match parts:
        case [value]:
            return DataPoint(stream=str(position), value=_value(value), time=time)
        case [stream, value] if stream:
            return DataPoint(stream=stream, value=_value(value), time=time)
        case [stream, stamp, value] if stream:
            own_time = dp_time.read_text(stamp)
            return DataPoint(stream=stream, value=_value(value), time=own_time)
        case _:
            raise ValueError(f"field {position} is not id,datetime,value or id,value or value")


def _value(text: str) -> Json:
    """Read a number where there is one."""
    if not text.isascii() or "_" in text:
        return text
    try:
        return int(text)
    except ValueError:
        return _real(text)


def _real(text: str) -> Json:
    try:
        value = float(text)
    except ValueError:
        return text
    return value if math.isfinite(value) else text

"""Hours, days and months of a time zone, by the Unix seconds of their beginnings."""

from datetime import datetime, timedelta, tzinfo
from enum import IntEnum
from typing import Final, assert_never

MINUTE_S: Final = 60
HOUR_S: Final = 3_600
LAST: Final = 253_370_764_800
"""The beginning of the year 9999: no later time is told apart."""


class Level(IntEnum):
    """How long a period is; a longer one is made of those before it."""

    MINUTE = 0
    HOUR = 1
    DAY = 2
    MONTH = 3


LEVELS: Final = {level.name.lower(): level for level in Level}
"""By the names that people use."""


def is_time(wall_time: float) -> bool:
    """Tell whether a calendar has it."""
    return 0 <= wall_time < LAST


def start_of(level: Level, wall_time: float, zone: tzinfo) -> int:
    """Tell when the period began that *wall_time* belongs to.

    Every moment belongs to exactly one period of a level. When clocks go back an hour comes
    twice, and each time is a period of its own.
    """
    match level:
        case Level.MINUTE:
            return int(wall_time // MINUTE_S) * MINUTE_S
        case Level.HOUR:
            offset_s = _offset_s(datetime.fromtimestamp(wall_time, zone))
            return int((wall_time + offset_s) // HOUR_S) * HOUR_S - offset_s
        case Level.DAY:
            local = datetime.fromtimestamp(wall_time, zone)
            return _midnight(local)
        case Level.MONTH:
            local = datetime.fromtimestamp(wall_time, zone)
            return _midnight(local.replace(day=1))
        case _:
            assert_never(level)


def end_of(level: Level, start: int, zone: tzinfo) -> int:
    """Tell when the period that began at *start* is over."""
    match level:
        case Level.MINUTE:
            return start + MINUTE_S
        case Level.HOUR:
            return start + HOUR_S
        case Level.DAY:
            return _midnight(datetime.fromtimestamp(start, zone) + timedelta(days=1))
        case Level.MONTH:
            in_next = datetime.fromtimestamp(start, zone) + timedelta(days=32)
            return _midnight(in_next.replace(day=1))
        case _:
            assert_never(level)


def _midnight(local: datetime) -> int:
    return int(datetime(local.year, local.month, local.day, tzinfo=local.tzinfo).timestamp())


def _offset_s(local: datetime) -> int:
    offset = local.utcoffset()
    assert offset is not None, "it has a zone"
    return round(offset.total_seconds())

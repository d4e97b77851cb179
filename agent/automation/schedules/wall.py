"""Local days and minutes as Unix seconds, right about daylight saving time."""

from datetime import date, datetime, time, tzinfo


def local_day(at: int, zone: tzinfo) -> date:
    """Tell the local date of a moment."""
    return datetime.fromtimestamp(at, zone).date()


def unix_of(day: date, minute: int, zone: tzinfo) -> int:
    """Find a local time: the first of two; where there is none, the end of the gap."""
    first = datetime.combine(day, time(minute // 60, minute % 60), tzinfo=zone)
    at = int(first.timestamp())
    second = int(first.replace(fold=1).timestamp())
    return at if second >= at else _end_of_gap(second, at, zone)


def _end_of_gap(before: int, after: int, zone: tzinfo) -> int:
    """Find the moment between two at which the clocks go forward."""
    offset = datetime.fromtimestamp(after, zone).utcoffset()
    while after - before > 1:
        middle = (before + after) // 2
        if datetime.fromtimestamp(middle, zone).utcoffset() == offset:
            after = middle
        else:
            before = middle
    return after

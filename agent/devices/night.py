"""Whether it is night, by local time: from one time of day to another, over midnight too."""

from datetime import datetime, time, timedelta
from functools import lru_cache
from typing import Final, NamedTuple

from agent.automation.local_time import LocalTime, zone

MINUTE_S: Final = 60


class Span(NamedTuple):
    """Whether it is night, and until when that holds (None: while the time is not known)."""

    is_night: bool
    until: float | None


def night(local: LocalTime, begins: str, ends: str, now: float) -> Span:
    """Tell whether *now* is between the times of day *begins* and *ends*; unknown: day."""
    wall_time = local.wall_time(now)
    if wall_time is None:
        return Span(is_night=False, until=None)
    is_night, changes_at = _minute(local.zone, begins, ends, int(wall_time // MINUTE_S))
    return Span(is_night=is_night, until=local.monotonic(changes_at))


@lru_cache(maxsize=64)
def _minute(zone_name: str, begins: str, ends: str, minute: int) -> tuple[bool, float]:
    """Tell whether that minute is in the night, and the Unix seconds of the next change.

    A time that the day of a clock change lacks comes an hour later; of one that comes twice the
    first counts.
    """
    wall_time = minute * MINUTE_S
    local = zone(zone_name)
    today = datetime.fromtimestamp(wall_time, local).date()
    first, last = time.fromisoformat(begins), time.fromisoformat(ends)
    spans = [
        (
            datetime.combine(day, first, local).timestamp(),
            datetime.combine(day + timedelta(days=last < first), last, local).timestamp(),
        )
        for day in (today + timedelta(days=ahead) for ahead in range(-1, 3))
    ]
    ending = next((end for begin, end in spans if begin <= wall_time < end), None)
    if ending is not None:
        return True, ending
    return False, next(begin for begin, end in spans if wall_time < begin < end)

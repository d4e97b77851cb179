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
    today = datetime.fromtimestamp(wall_time, zone(zone_name)).date()
    changes = sorted(
        (
            datetime.combine(
                today + timedelta(days=days), time.fromisoformat(text), zone(zone_name)
            ).timestamp(),
            is_begin,
        )
        for days in (-1, 0, 1)
        for text, is_begin in ((begins, True), (ends, False))
    )
    last = max(change for change in changes if change[0] <= wall_time)
    following = min(change for change in changes if change[0] > wall_time)
    return last[1], following[0]

"""Local time as a value: what a device that sees only monotonic seconds knows of the wall."""

from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalTime:
    """The wall clock beside the monotonic one: Unix seconds are monotonic ones and `offset`.

    `offset` is None while the time is not trusted. `zone`: an IANA name.
    """

    offset: float | None = None
    zone: str = "UTC"

    def wall_time(self, now: float) -> float | None:
        """Tell the Unix seconds of *now*; None while they are not known."""
        return None if self.offset is None else now + self.offset

    def monotonic(self, wall_time: float) -> float | None:
        """Tell when *wall_time* is; None while that is not known."""
        return None if self.offset is None else wall_time - self.offset

    def moment(self, now: float) -> datetime | None:
        """Tell the local date and time of *now*; None while they are not known."""
        wall_time = self.wall_time(now)
        return None if wall_time is None else datetime.fromtimestamp(wall_time, zone(self.zone))


UNKNOWN = LocalTime()


@lru_cache(maxsize=64)
def zone(name: str) -> tzinfo:
    """Find a time zone by its IANA name; UTC for one that is not known."""
    return UTC if not is_zone(name) else ZoneInfo(name)


def is_zone(name: str) -> bool:
    """Tell whether *name* is a time zone's, such as 'Asia/Shanghai'."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True

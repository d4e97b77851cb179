"""One boot is one timeline: what is known of its wall time, and what changes that."""

from dataclasses import dataclass, replace
from typing import Final

from agent.model import Stamp, Trust

STEP_S: Final = 1.0
"""A clock that is further off than this was set; less is how clocks run."""

HELD_FROM: Final = Trust.PLATFORM
"""What was known so well stays known in this boot: the seconds since boot go on by themselves."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeline:
    """The wall time of a boot: seconds since boot and `offset`, which is None while unknown.

    `shown` is the offset of the machine's own clock since it was set last, right or wrong.
    """

    trust: Trust = Trust.UNKNOWN
    offset: float | None = None
    shown: float | None = None

    def wall_time_at(self, at: float) -> float | None:
        """Tell the wall time of a moment of this boot."""
        return None if self.offset is None else at + self.offset

    def stamp(self, at: float) -> Stamp:
        """Stamp a moment of this boot."""
        return Stamp(at=at, wall_time=self.wall_time_at(at), trust=self.trust)


def stamp_of(at: float, wall_time: float | None) -> Stamp:
    """Stamp by a clock that is right where it tells anything."""
    trust = Trust.UNKNOWN if wall_time is None else Trust.SYNCHRONISED
    return Stamp(at=at, wall_time=wall_time, trust=trust)


def carried(stamp: Stamp, at: float) -> float | None:
    """Tell the wall time of another moment of the same boot."""
    return None if stamp.wall_time is None else stamp.wall_time + (at - stamp.at)


def watched(line: Timeline, shown: float) -> tuple[Timeline, float | None]:
    """Look at the machine's clock; tell by how much it has been set, or None.

    Small changes count together: they are compared with where it stood when it was set last.
    """
    if line.shown is None:
        return replace(line, shown=shown), None
    by_s = shown - line.shown
    if abs(by_s) <= STEP_S:
        return line, None
    return replace(line, shown=shown), by_s


def told(line: Timeline, offset: float, trust: Trust) -> tuple[Timeline, bool]:
    """Take an offset that somebody vouches for, unless better is known.

    Tell whether what this boot has stamped so far, with no more trust, is to be stamped anew.
    """
    if trust < line.trust and line.trust >= HELD_FROM:
        return line, False
    if trust is Trust.UNKNOWN:
        return replace(line, trust=trust, offset=None), False
    has_moved = line.offset is None or abs(offset - line.offset) > STEP_S
    return replace(line, trust=trust, offset=offset), has_moved or trust > line.trust


def earliest(*times: float | None) -> float | None:
    """Give the first of those times that there are."""
    first: float | None = None
    for at in times:
        if at is not None and (first is None or at < first):
            first = at
    return first

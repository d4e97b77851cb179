"""When to try again: waits that grow, with full jitter above the platform's floor."""

import json
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from typing import Final, assert_never, cast

LASTED_S: Final = 30.0
"""A session that held this long has lasted: what went before is forgotten."""

KICK_SESSIONS: Final = 3
"""So many sessions in a row that did not last mean that someone else uses the identity."""


MOST_AFTER_BOOT_S: Final = 120.0
"""Whoever reboots a machine that reaches no cloud waits longer than this before the next time."""

MOST_COUNTED: Final = 2**31 - 1
"""No streak is longer; what was kept may be damaged."""


class Setback(StrEnum):
    """Why a connection is not there."""

    FAILED = "failed"
    """It could not be opened."""
    CLOSED = "closed"
    """It was open, and ended."""
    DIED = "died"
    """It was open, and the network failed: nobody has closed it."""
    REJECTED = "rejected"
    """The platform refused who we are, or what we asked for."""
    PLANNED = "planned"
    """It was ended here, to be opened again at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """The bounds of the waits, in seconds."""

    floor_s: float
    rejected_s: float
    cap_s: float = 120.0
    rejected_cap_s: float = 900.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Streak:
    """What has gone wrong in a row since a session lasted."""

    failures: int = 0
    short_sessions: int = 0
    rejections: int = 0

    @property
    def is_kicked(self) -> bool:
        """Tell whether the sessions look as if another client took the identity each time."""
        return self.short_sessions >= KICK_SESSIONS


CALM: Final = Streak()


def under_way(streak: Streak) -> Streak:
    """Count an attempt as failed before it ends: the process may not be there to see the end."""
    return replace(streak, failures=streak.failures + 1)


def over_boot(streak: Streak) -> Streak:
    """Forget what a boot may have cured, keep what the platform itself did."""
    return replace(streak, failures=0)


def write_streak(streak: Streak) -> str:
    """Write a streak as text; none at all is none."""
    return "" if streak == CALM else json.dumps(asdict(streak))


def read_streak(text: str) -> Streak:
    """Read what `write_streak` wrote; what is damaged counts as no streak."""
    try:
        told: object = json.loads(text or "{}")
    except (ValueError, RecursionError):
        return CALM
    counts = cast("dict[str, object]", told) if isinstance(told, dict) else {}
    if not counts.keys() <= asdict(CALM).keys():
        return CALM
    known: dict[str, int] = {}
    for name, count in counts.items():
        if type(count) is not int or not 0 <= count <= MOST_COUNTED:
            return CALM
        known[name] = count
    return Streak(**known)


def after(streak: Streak, setback: Setback, session_s: float = 0.0) -> Streak:
    """Count one setback; *session_s* is how long the session was open that has ended."""
    if session_s >= LASTED_S:
        streak = CALM
    match setback:
        case Setback.REJECTED:
            return replace(streak, rejections=streak.rejections + 1)
        case Setback.FAILED | Setback.DIED:
            return replace(streak, failures=streak.failures + 1, rejections=0)
        case Setback.CLOSED:
            is_short = session_s < LASTED_S
            return replace(
                streak,
                failures=streak.failures + 1,
                short_sessions=streak.short_sessions + is_short,
                rejections=0,
            )
        case Setback.PLANNED:
            return streak
        case _:
            assert_never(setback)


def wait_s(streak: Streak, pace: Pace, jitter: float) -> float:
    """Tell how long to wait now; *jitter* is drawn from [0, 1).

    After a single drop it is between the floor and twice the floor.
    """
    if streak.rejections:
        return _grown(pace.rejected_s, pace.rejected_cap_s, streak.rejections, jitter)
    if streak.is_kicked:
        kicks = streak.short_sessions - KICK_SESSIONS + 1
        return _grown(pace.rejected_s, pace.rejected_cap_s, kicks, jitter)
    return _grown(pace.floor_s, pace.cap_s, max(1, streak.failures), jitter)


def after_boot_s(streak: Streak, pace: Pace) -> float:
    """Tell how long after a boot the first attempt waits, with a streak of an earlier boot.

    When that went wrong nobody knows, but it was before this boot began.
    """
    if streak.rejections or streak.is_kicked:
        return min(pace.rejected_s, MOST_AFTER_BOOT_S)
    return pace.floor_s


_SPREAD: Final = 0.9
"""Leaves the connect itself a tenth of the floor, so that it too comes within twice the floor."""


def _grown(floor_s: float, cap_s: float, times: int, jitter: float) -> float:
    widest_s = _SPREAD * floor_s * 2.0 ** min(times - 1, 30)
    return floor_s + jitter * max(0.0, min(widest_s, cap_s - floor_s))

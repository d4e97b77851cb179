"""Periods of one level out of what is kept: periods that are made, and what is in none yet."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import tzinfo
from typing import Final

from agent.history.periods import MINUTE_S, Level, end_of, is_time, start_of
from agent.history.stats import Stats, merged

MIDDLE_S: Final = MINUTE_S / 2
"""A minute belongs to the period that its middle is in: its stamp may be a little off."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """What was kept of some time within one period; `wall_time` is a moment well inside it."""

    wall_time: float
    stats: Stats


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """One period; `is_over` is False while it goes on."""

    start: int
    end: int
    is_over: bool
    stats: Stats


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """Which periods: of a level and a zone, begun from *since* to *until*, the newest *limit*."""

    level: Level
    zone: tzinfo
    since: float | None = None
    until: float | None = None
    limit: int = 10_000

    def has(self, start: int) -> bool:
        """Tell whether a period that began at *start* is among them."""
        is_late = self.until is not None and start > self.until
        return not is_late and (self.since is None or start >= self.since)


def assembled(
    frame: Frame, made: Mapping[int, Stats], pieces: Iterable[Piece], now: float | None
) -> list[Period]:
    """Put the periods together, the oldest first."""
    found = dict(made)
    for start, stats in grouped(frame.level, frame.zone, pieces).items():
        found[start] = merged(found.get(start, {}), stats)
    starts = sorted(start for start in found if frame.has(start))[-frame.limit :]
    periods: list[Period] = []
    for start in starts:
        end = end_of(frame.level, start, frame.zone)
        is_over = now is not None and end <= now
        periods.append(Period(start=start, end=end, is_over=is_over, stats=found[start]))
    return periods


def grouped(level: Level, zone: tzinfo, pieces: Iterable[Piece]) -> dict[int, Stats]:
    """Merge the pieces of each period; one that no calendar has is left out."""
    found: dict[int, Stats] = {}
    for piece in sorted(pieces, key=lambda each: each.wall_time):
        if is_time(piece.wall_time):
            start = start_of(level, piece.wall_time, zone)
            found[start] = merged(found.get(start, {}), piece.stats)
    return found

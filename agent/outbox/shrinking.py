"""Which rows make room when an outbox is full: telemetry first, events last."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

from agent.outbox.row import Lane, Row
from agent.outbox.thinning import thinned

ORDER: Final = (Lane.TELEMETRY, Lane.CHANGES, Lane.EVENTS)
"""What goes first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """The rows of a lane with a number above `after` and up to `up_to`."""

    after: int
    up_to: int

    def __contains__(self, number: int) -> bool:
        return self.after < number <= self.up_to


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Which rows go and which change; so many rows and bytes are freed, and reports ended."""

    removed: Collection[int] = ()
    changed: Sequence[Row] = ()
    freed_rows: int = 0
    freed_bytes: int = 0
    merged: int = 0
    lost: int = 0


def planned(lane: Lane, rows: Sequence[Row], goal: int, totals: Collection[str] = ()) -> Plan:
    """Make room for *goal* rows of one lane: telemetry is thinned first, the oldest dropped."""
    if lane is Lane.TELEMETRY:
        left = thinned(rows, len(rows) - goal, totals)
        stay, merged, lost = left.rows, left.merged, left.lost
    else:
        lost, merged = min(goal, len(rows)), 0
        stay = rows[lost:]
    before = {row.number: row for row in rows}
    return Plan(
        removed=before.keys() - {row.number for row in stay},
        changed=[row for row in stay if row is not before[row.number]],
        freed_rows=len(rows) - len(stay),
        freed_bytes=sum(row.size for row in rows) - sum(row.size for row in stay),
        merged=merged,
        lost=lost,
    )

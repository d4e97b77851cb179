"""Where an outbox keeps its rows: the port, and files in memory that behave or misbehave."""

import asyncio
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Protocol, TypeVar

from agent.outbox.endings import Counters
from agent.outbox.row import Lane, Row
from agent.outbox.shrinking import Plan, Span, planned

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class LaneFound:
    """How much of one lane an earlier process left, up to which number."""

    count: int = 0
    size: int = 0
    last: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What an earlier process left of one outbox."""

    lanes: Mapping[Lane, LaneFound] = field(default_factory=dict[Lane, LaneFound])
    counters: Counters = field(default_factory=Counters)

    @property
    def last(self) -> int:
        """The highest number that was given."""
        return max((each.last for each in self.lanes.values()), default=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """Rows that were read, in order; so many others could not be. `last`: the last number."""

    rows: Sequence[Row] = ()
    unreadable: int = 0
    last: int = 0

    @property
    def count(self) -> int:
        """How many rows there were."""
        return len(self.rows) + self.unreadable


Kept = Callable[[Collection[int]], None]


class OutboxFile(Protocol):
    """Keeps the rows of one outbox. Nothing here waits: what fails is tried again by the file."""

    def found(self) -> Found:
        """Tell what an earlier process left."""
        ...

    def put(self, row: Row, on_kept: Kept) -> None:
        """Keep a row: an event or a change soon, telemetry within seconds.

        *on_kept* is called with the numbers of rows that are on disk.
        """
        ...

    def change(self, row: Row, on_kept: Kept) -> None:
        """Keep a row in place of the one with its number, which may be kept already."""
        ...

    def delete(self, number: int) -> None:
        """Forget a row, within seconds: after a crash it may be sent once more."""
        ...

    def tally(self, counters: Counters) -> None:
        """Keep the counters."""
        ...

    def read(self, lane: Lane, span: Span, most: int) -> "asyncio.Future[Loaded]":
        """Read the oldest *most* rows of a span, in order; `StoreError` where that fails."""
        ...

    def shrink(self, lane: Lane, span: Span, goal: int) -> "asyncio.Future[Plan]":
        """Make room for *goal* rows among those of a span; `StoreError` where that fails."""
        ...


class NoFile:
    """Keeps nothing: every row stays in memory."""

    def found(self) -> Found:
        """Tell of nothing."""
        return Found()

    def put(self, row: Row, on_kept: Kept) -> None:
        """Keep nothing."""

    def change(self, row: Row, on_kept: Kept) -> None:
        """Keep nothing."""

    def delete(self, number: int) -> None:
        """Have nothing to forget."""

    def tally(self, counters: Counters) -> None:
        """Keep nothing."""

    def read(self, lane: Lane, span: Span, most: int) -> "asyncio.Future[Loaded]":
        """Find nothing."""
        del lane, span, most
        return _done(Loaded())

    def shrink(self, lane: Lane, span: Span, goal: int) -> "asyncio.Future[Plan]":
        """Remove nothing."""
        del lane, span, goal
        return _done(Plan())


NO_FILE: Final = NoFile()


class MemoryFile:
    """Keeps rows in a dict that outlives the outbox; `is_stuck`: nothing gets on this disk."""

    def __init__(self, totals: Collection[str] = ()) -> None:
        self.rows: dict[int, Row] = {}
        self.counters = Counters()
        self.is_stuck = False
        self._totals = totals
        self._waiting: dict[int, Row] = {}

    def found(self) -> Found:
        """Tell what is there."""
        lanes: dict[Lane, LaneFound] = {}
        for lane in Lane:
            rows = [row for row in self.rows.values() if row.lane is lane]
            if rows:
                size = sum(row.size for row in rows)
                last = max(row.number for row in rows)
                lanes[lane] = LaneFound(count=len(rows), size=size, last=last)
        return Found(lanes=lanes, counters=self.counters)

    def put(self, row: Row, on_kept: Kept) -> None:
        """Keep it at once, unless the disk is stuck: then with the first row after that."""
        self._waiting[row.number] = row
        if not self.is_stuck:
            numbers = list(self._waiting)
            self.rows |= self._waiting
            self._waiting = {}
            on_kept(numbers)

    def change(self, row: Row, on_kept: Kept) -> None:
        """Keep it as any other."""
        self.put(row, on_kept)

    def delete(self, number: int) -> None:
        """Forget it at once."""
        self.rows.pop(number, None)
        self._waiting.pop(number, None)

    def tally(self, counters: Counters) -> None:
        """Keep them at once."""
        self.counters = counters

    def read(self, lane: Lane, span: Span, most: int) -> "asyncio.Future[Loaded]":
        """Read at once."""
        rows = self._within(lane, span)[:most]
        return _done(Loaded(rows=rows, last=rows[-1].number if rows else 0))

    def shrink(self, lane: Lane, span: Span, goal: int) -> "asyncio.Future[Plan]":
        """Shrink at once."""
        plan = planned(lane, self._within(lane, span), goal, self._totals)
        for number in plan.removed:
            del self.rows[number]
        self.rows |= {row.number: row for row in plan.changed}
        return _done(plan)

    def _within(self, lane: Lane, span: Span) -> list[Row]:
        rows = [self.rows[number] for number in sorted(self.rows) if number in span]
        return [row for row in rows if row.lane is lane]


def _done(value: T) -> "asyncio.Future[T]":
    future: asyncio.Future[T] = asyncio.get_running_loop().create_future()
    future.set_result(value)
    return future

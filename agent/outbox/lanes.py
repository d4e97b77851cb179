"""All lanes of an outbox, and which rows are to be sent next."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from itertools import islice
from typing import Final

from agent.outbox.lane_rows import LaneRows
from agent.outbox.row import Lane, Row

MOST_AT_ONCE: Final = 100
"""So many rows are offered to one message."""


class Queue(Enum):
    """What is sent by one task, one unanswered message at a time; its lanes in their order."""

    EVENTS = (Lane.EVENTS,)
    REPORTS = (Lane.CHANGES, Lane.TELEMETRY)


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """The oldest rows of a queue, in order; `is_past`: they are told as of the past.

    What is of now is of one lane.
    """

    rows: Sequence[Row]
    is_past: bool


class Lanes:
    """The rows of one outbox by lane."""

    def __init__(self) -> None:
        self._rows: Mapping[Lane, LaneRows] = {lane: LaneRows() for lane in Lane}

    def __getitem__(self, lane: Lane) -> LaneRows:
        return self._rows[lane]

    @property
    def count(self) -> int:
        """How many rows there are."""
        return sum(rows.count for rows in self._rows.values())

    @property
    def size(self) -> int:
        """About how many bytes they take."""
        return sum(rows.size for rows in self._rows.values())

    def holds(self, queue: Queue) -> bool:
        """Tell whether a queue has any rows."""
        return any(self._rows[lane].count for lane in queue.value)

    def has_past(self, queue: Queue, now: float) -> bool:
        """Tell whether a queue has rows that are told as of the past."""
        lanes = [self._rows[lane] for lane in queue.value]
        return any(rows.needs_load or rows.past(now, 1) for rows in lanes)

    def wanting(self, queue: Queue) -> Lane | None:
        """Find the first lane of a queue whose rows must be read from disk first."""
        return next((lane for lane in queue.value if self._rows[lane].needs_load), None)

    def choose(
        self, queue: Queue, now: float, *, is_past_told: bool, is_past_first: bool = False
    ) -> Work | None:
        """Choose what is sent next; None: nothing, or nothing that is in memory.

        What is young comes first, so that a long past holds up nothing, unless it is the turn of
        the past; events keep their order.
        """
        if queue is Queue.EVENTS:
            return self._next_events(now)
        young = self._young(queue, now)
        if is_past_told and (is_past_first or not young):
            past = self._past(queue, now)
            if past:
                return Work(rows=past, is_past=True)
        return Work(rows=young, is_past=False) if young else None

    def _young(self, queue: Queue, now: float) -> Sequence[Row]:
        """Give the oldest rows that are told as of now, of the first lane that has any."""
        of_lanes = (list(islice(self._rows[lane].young(now), MOST_AT_ONCE)) for lane in queue.value)
        return next(filter(None, of_lanes), ())

    def _past(self, queue: Queue, now: float) -> Sequence[Row]:
        """Give the oldest rows of all lanes together; none while one must be read from disk.

        Nothing is given beyond what is in memory of each: the next of that lane may be older.
        """
        lanes = [self._rows[lane] for lane in queue.value]
        if any(rows.needs_load for rows in lanes):
            return ()
        offers = [(rows, rows.past(now, MOST_AT_ONCE)) for rows in lanes]
        ends = [past[-1].number for rows, past in offers if past and rows.count > len(past)]
        end = min(ends, default=None)
        found = [row for _, past in offers for row in past if end is None or row.number <= end]
        return sorted(found, key=lambda row: row.number)[:MOST_AT_ONCE]

    def _next_events(self, now: float) -> Work | None:
        rows = self._rows[Lane.EVENTS]
        past = rows.past(now, MOST_AT_ONCE)
        if past:
            return Work(rows=past, is_past=True)
        oldest = rows.oldest(1)
        return Work(rows=oldest, is_past=False) if oldest else None

    def kept(self, numbers: Collection[int], now: float) -> None:
        """Note that rows are on disk, and let go of what need not stay in memory."""
        for rows in self._rows.values():
            rows.kept(numbers)
        self.settle(now)

    def settle(self, now: float) -> None:
        """Let go of what need not stay in memory."""
        for rows in self._rows.values():
            rows.settle(now)

    def take(self, queue: Queue, work: Work | None) -> None:
        """Note which rows of a queue are on their way: they do not make room for others."""
        for lane in queue.value:
            self._rows[lane].in_flight.clear()
        for row in () if work is None else work.rows:
            self._rows[row.lane].in_flight.add(row.number)

    def release(self) -> None:
        """Note that nothing is on its way."""
        for rows in self._rows.values():
            rows.in_flight.clear()

    def unwritten(self) -> int:
        """Count the rows that are in memory only."""
        return sum(len(rows.recent) - len(rows.written) for rows in self._rows.values())

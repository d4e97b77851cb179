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
    """The oldest rows of one lane, in order; `is_past`: they are told as of the past."""

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

        What is young comes first, so that a long past holds up nothing, unless *is_past_first*;
        events keep their order.
        """
        if queue is Queue.EVENTS:
            return self._next_events(now)
        past = self._next_past(queue, now) if is_past_told else None
        if past is not None and is_past_first:
            return past
        for lane in queue.value:
            young = list(islice(self._rows[lane].young(now), MOST_AT_ONCE))
            if young:
                return Work(rows=young, is_past=False)
        return past

    def _next_past(self, queue: Queue, now: float) -> Work | None:
        for lane in queue.value:
            past = self._rows[lane].past(now, MOST_AT_ONCE)
            if past:
                return Work(rows=past, is_past=True)
            if self._rows[lane].needs_load:
                return None
        return None

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

    def take(self, work: Work) -> None:
        """Note that rows are on their way: they do not make room for others."""
        for row in work.rows:
            self._rows[row.lane].in_flight.add(row.number)

    def release(self) -> None:
        """Note that nothing is on its way."""
        for rows in self._rows.values():
            rows.in_flight.clear()

    def unwritten(self) -> int:
        """Count the rows that are in memory only."""
        return sum(len(rows.recent) - len(rows.written) for rows in self._rows.values())

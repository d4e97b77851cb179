"""The rows of one lane: the oldest in memory, most of a long outage on disk, the newest in memory.

Memory holds at most a window of the past and what is young or not on disk yet; the order is
`head`, then what lies on disk, then `recent`.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Final

from agent.outbox.file import Loaded
from agent.outbox.row import Row, moment_of
from agent.outbox.shrinking import Plan, Span

PAST_S: Final = 30.0
"""What has waited longer is told as of the past, not as of now."""

WINDOW: Final = 200
"""So many rows of the past are in memory at once."""

RECENT: Final = 256
"""So many young rows stay in memory once they are on disk."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A span of the disk, and what was thought to lie there when it was asked for."""

    span: Span
    count: int
    size: int


@dataclass(slots=True)
class LaneRows:
    """One lane. What lies on disk only has numbers in (`after`, `up_to`].

    `beyond` is how many rows there should be; not before the end of the span has been read is it
    known that there are no more.
    """

    head: dict[int, Row] = field(default_factory=dict[int, Row])
    recent: dict[int, Row] = field(default_factory=dict[int, Row])
    written: set[int] = field(default_factory=set[int])
    in_flight: set[int] = field(default_factory=set[int])
    beyond: int = 0
    beyond_bytes: int = 0
    after: int = 0
    up_to: int = 0
    bytes_in_memory: int = 0

    @property
    def count(self) -> int:
        """How many rows there are."""
        return len(self.head) + self.beyond + len(self.recent)

    @property
    def size(self) -> int:
        """About how many bytes they take."""
        return self.bytes_in_memory + self.beyond_bytes

    @property
    def needs_load(self) -> bool:
        """Tell whether the oldest rows must be read from disk before they can be sent."""
        return not self.head and self._has_unread

    @property
    def _has_unread(self) -> bool:
        return self.after < self.up_to

    def found(self, count: int, size: int, last: int) -> None:
        """Begin with what an earlier process left on disk, up to the number *last*."""
        self.beyond, self.beyond_bytes, self.up_to = count, size, last

    def append(self, row: Row) -> None:
        """Add the newest row."""
        self.recent[row.number] = row
        self.bytes_in_memory += row.size

    def kept(self, numbers: Collection[int]) -> None:
        """Note that rows are on disk."""
        self.written |= self.recent.keys() & set(numbers)

    def settle(self, now: float) -> None:
        """Let go of rows that are on disk and not young any more."""
        while self.recent:
            number, row = next(iter(self.recent.items()))
            is_needed = number not in self.written or number in self.in_flight
            if is_needed or not (is_past(row, now) or len(self.recent) > RECENT):
                return
            del self.recent[number]
            self.written.discard(number)
            self.bytes_in_memory -= row.size
            self.beyond += 1
            self.beyond_bytes += row.size
            self.up_to = number

    def asked(self) -> Asked:
        """Tell what is read, or made room in, from now on."""
        return Asked(span=self.span, count=self.beyond, size=self.beyond_bytes)

    def loaded(self, loaded: Loaded, asked: Asked) -> int:
        """Take in what was read from disk; tell how many rows turned out not to be there."""
        size = sum(row.size for row in loaded.rows)
        self.head |= {row.number: row for row in loaded.rows}
        self.bytes_in_memory += size
        if loaded.count >= WINDOW:
            self.after = loaded.last
            self._less_beyond(loaded.count, size)
            return loaded.unreadable
        self.after = asked.span.up_to
        self._less_beyond(asked.count, asked.size)
        return loaded.unreadable + max(0, asked.count - loaded.count)

    def _less_beyond(self, count: int, size: int) -> None:
        self.beyond = max(0, self.beyond - count)
        self.beyond_bytes = max(0, self.beyond_bytes - size) if self.beyond else 0

    def young(self, now: float) -> Iterator[Row]:
        """Give what is told as of now, the oldest first."""
        return (row for row in self.recent.values() if not is_past(row, now))

    def past(self, now: float, most: int) -> Sequence[Row]:
        """Give the oldest rows that are told as of the past; none while disk has older ones."""
        if self.head or self._has_unread:
            return list(islice(self.head.values(), most))
        return list(islice((row for row in self.recent.values() if is_past(row, now)), most))

    def oldest(self, most: int) -> Sequence[Row]:
        """Give the oldest rows of whatever age; none while disk has older ones."""
        if self.head or self._has_unread:
            return list(islice(self.head.values(), most))
        return list(islice(self.recent.values(), most))

    def remove(self, number: int) -> Row | None:
        """Take a row out."""
        row = self.head.pop(number, None) or self.recent.pop(number, None)
        self.written.discard(number)
        self.in_flight.discard(number)
        if row is not None:
            self.bytes_in_memory -= row.size
        return row

    def idle(self, *, is_written: bool) -> list[Row]:
        """List the rows in memory that are not on their way; of those on disk too if asked."""
        return [
            row
            for number, row in (*self.head.items(), *self.recent.items())
            if number not in self.in_flight
            and (is_written or (number in self.recent and number not in self.written))
        ]

    @property
    def span(self) -> Span:
        """Tell which rows lie on disk only."""
        return Span(after=self.after, up_to=self.up_to)

    def shrunk_on_disk(self, plan: Plan, asked: Asked) -> int:
        """Note what has left the disk; tell how many rows turned out not to be there."""
        if not plan.freed_rows:
            return self.loaded(Loaded(), asked)
        self._less_beyond(plan.freed_rows, plan.freed_bytes)
        return 0

    def shrink_in_memory(self, plan: Plan) -> None:
        """Carry a plan out among the rows in memory."""
        for number in plan.removed:
            self.remove(number)
        for row in plan.changed:
            rows = self.head if row.number in self.head else self.recent
            self.bytes_in_memory += row.size - rows[row.number].size
            rows[row.number] = row
            self.written.discard(row.number)  # what is on disk is not this


def is_past(row: Row, now: float) -> bool:
    """Tell whether a row has waited so long that it is told as of the past."""
    at, _ = moment_of(row.message)
    return at is not None and not (now - PAST_S <= at <= now + PAST_S)

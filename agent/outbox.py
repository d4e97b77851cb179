"""What waits for one cloud: two bounded lanes, oldest first, until the platform has it."""

import asyncio
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import count
from typing import Final, assert_never

from agent.messages import EventReport, InfoReport, PropertyReport, Uplink

DEFAULT_CAPACITY: Final = 10_000
LARGEST_ID: Final = 2**31 - 1
"""What the narrowest id field of a platform holds (OneNET's data points: int32)."""


class Lane(StrEnum):
    """A queue of its own: events do not wait behind telemetry."""

    EVENTS = "events"
    TELEMETRY = "telemetry"


class Ending(StrEnum):
    """What became of a message that is in the outbox no more."""

    DELIVERED = "delivered"
    """The platform said that it has it."""
    REFUSED = "refused"
    """The platform, or its limits, will never take it."""
    UNCONFIRMED = "unconfirmed"
    """Sent as often as allowed, and never answered."""
    LOST = "lost"
    """Dropped because the box was full."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """A message with the id under which it is sent, however often."""

    message_id: str
    message: Uplink


@dataclass(frozen=True, slots=True, kw_only=True)
class Counters:
    """How many messages ended in which way since the start."""

    delivered: int = 0
    refused: int = 0
    unconfirmed: int = 0
    lost: int = 0


def lane_of(message: Uplink) -> Lane:
    """Tell in which lane a message waits."""
    match message:
        case EventReport():
            return Lane.EVENTS
        case PropertyReport() | InfoReport():
            return Lane.TELEMETRY
        case _:
            assert_never(message)


@dataclass(slots=True)
class _Queue:
    """One lane: rows in order, and the one that is on its way."""

    rows: dict[str, Stored] = field(default_factory=dict[str, Stored])
    in_flight: str | None = None
    has_work: asyncio.Event = field(default_factory=asyncio.Event)

    def oldest_at_rest(self) -> str | None:
        """Find the oldest row that is not on its way."""
        return next((key for key in self.rows if key != self.in_flight), None)


class Outbox:
    """The messages for one cloud, in memory.

    Ids are decimal texts of 31 bits that rise from *first_id* and begin again at 1; give every
    start of the process another one, so that a late reply to an earlier process is never taken
    for one to this.
    """

    def __init__(self, *, first_id: int, capacity: int = DEFAULT_CAPACITY) -> None:
        self._ids: Iterator[int] = count(first_id - 1)
        self._capacity = capacity
        self._lanes: Mapping[Lane, _Queue] = {lane: _Queue() for lane in Lane}
        self._endings = dict.fromkeys(Ending, 0)
        self._has_ended = asyncio.Event()

    @property
    def pending(self) -> int:
        """How many messages the platform does not have yet."""
        return sum(len(lane.rows) for lane in self._lanes.values())

    @property
    def counters(self) -> Counters:
        """What became of the others."""
        ended = self._endings
        return Counters(
            delivered=ended[Ending.DELIVERED],
            refused=ended[Ending.REFUSED],
            unconfirmed=ended[Ending.UNCONFIRMED],
            lost=ended[Ending.LOST],
        )

    def new_id(self) -> str:
        """Take the next id, also for what is not stored."""
        return str(next(self._ids) % LARGEST_ID + 1)

    def append(self, message: Uplink) -> str:
        """Store a message; when full, the oldest telemetry goes first, and is counted."""
        stored = Stored(message_id=self.new_id(), message=message)
        queue = self._lanes[lane_of(message)]
        queue.rows[stored.message_id] = stored
        queue.has_work.set()
        if self.pending > self._capacity:
            self._drop_one()
        return stored.message_id

    def is_pending(self, message_id: str) -> bool:
        """Tell whether a message still waits."""
        return any(message_id in lane.rows for lane in self._lanes.values())

    async def oldest(self, lane: Lane) -> Stored:
        """Wait for work in a lane; return its oldest message, which stays until it has ended."""
        queue = self._lanes[lane]
        while not queue.rows:
            queue.has_work.clear()
            await queue.has_work.wait()
        stored = next(iter(queue.rows.values()))
        queue.in_flight = stored.message_id
        return stored

    async def drained(self) -> None:
        """Wait until nothing is pending."""
        while self.pending:
            self._has_ended.clear()
            await self._has_ended.wait()

    def end(self, message_id: str, ending: Ending) -> None:
        """Take a message out, and count what became of it; one that is gone is not counted."""
        for queue in self._lanes.values():
            if queue.rows.pop(message_id, None) is not None:
                self._endings[ending] += 1
            if queue.in_flight == message_id:
                queue.in_flight = None
        self._has_ended.set()

    def discard(self, message_id: str) -> None:
        """Take a message out that a newer one makes needless; nothing is counted."""
        for queue in self._lanes.values():
            if queue.in_flight != message_id:
                queue.rows.pop(message_id, None)

    def release(self) -> None:
        """Say that nothing is on its way: the connection is gone."""
        for queue in self._lanes.values():
            queue.in_flight = None

    def _drop_one(self) -> None:
        queues = (self._lanes[Lane.TELEMETRY], self._lanes[Lane.EVENTS])
        victims = (queue.oldest_at_rest() for queue in queues)
        victim = next((each for each in victims if each is not None), None)
        if victim is not None:
            self.end(victim, Ending.LOST)

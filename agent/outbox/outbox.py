"""The outbox: what waits for one cloud, in order, in memory and on disk, until it has ended."""

import asyncio
from collections.abc import Callable, Collection, Iterator
from functools import partial
from itertools import count
from typing import Any, Final

import structlog

from agent.errors import StoreError
from agent.messages import Uplink
from agent.outbox.endings import Ending
from agent.outbox.file import Loaded
from agent.outbox.keeping import Keeping
from agent.outbox.lane_rows import WINDOW, Asked
from agent.outbox.lanes import Lanes, Queue, Work
from agent.outbox.row import Lane, Row, lane_of
from agent.outbox.shrinking import ORDER, Plan, planned

log: Final = structlog.get_logger()

LARGEST_ID: Final = 2**31 - 1
"""What the narrowest id field of a platform holds (OneNET's data points: int32)."""

MOST_UNWRITTEN: Final = 500
"""So many rows wait in memory for a disk that takes nothing."""

ROOM: Final = 0.75
"""A full box is brought down to this share of its bound."""

RECHECK_S: Final = 5.0
"""What waits for the time of day, or for a disk that failed, is looked at again so often."""


class Outbox:
    """The messages for one cloud.

    Ids are decimal texts of 31 bits that rise from *first_id* and begin again at 1; give every
    start of the process another one, so that a late reply to an earlier process is never taken
    for one to this.
    """

    def __init__(self, *, first_id: int, keeping: Keeping | None = None, name: str = "") -> None:
        self._keeping = keeping or Keeping()
        self._file = self._keeping.file
        self._name = name
        self._ids: Iterator[int] = count(first_id - 1)
        self._lanes = Lanes()
        self._loads: dict[Lane, asyncio.Future[Loaded]] = {}
        self._load_again_at = float("-inf")
        self._shrinking: Lane | None = None
        self._is_full_told = False
        self._waiters: set[asyncio.Future[None]] = set()
        found = self._file.found()
        self.counters = found.counters
        self._numbers = count(found.last + 1)
        for lane, left in found.lanes.items():
            self._lanes[lane].found(left.count, left.size, left.last)

    @property
    def pending(self) -> int:
        """How many messages the platform does not have yet."""
        return self._lanes.count

    @property
    def size(self) -> int:
        """About how many bytes they take."""
        return self._lanes.size

    @property
    def in_memory(self) -> int:
        """How many messages are held in memory."""
        return sum(len(self._lanes[lane].head) + len(self._lanes[lane].recent) for lane in Lane)

    def of_lane(self, lane: Lane) -> int:
        """How many messages of one lane are pending."""
        return self._lanes[lane].count

    def has_past(self, queue: Queue) -> bool:
        """Tell whether a queue has anything that is told as of the past."""
        return self._lanes.has_past(queue, self._keeping.clock())

    def is_of_this_boot(self, row: Row) -> bool:
        """Tell whether a row's moment counts on this boot's clock."""
        return row.boot_id == self._keeping.boot_id

    def new_id(self) -> str:
        """Take the next id, also for what is not stored."""
        return str(next(self._ids) % LARGEST_ID + 1)

    # ── in ──────────────────────────────────────────────────────────────────────────────────

    def append(self, message: Uplink) -> Row:
        """Let a message wait; never block."""
        row = Row(
            number=next(self._numbers),
            lane=lane_of(message),
            message_id=self.new_id(),
            boot_id=self._keeping.boot_id,
            message=message,
        )
        self._lanes[row.lane].append(row)
        self._file.put(row, self._kept)
        self._lanes.settle(self._keeping.clock())
        self._keep_bounds()
        self._wake()
        return row

    def _kept(self, numbers: Collection[int]) -> None:
        self._lanes.kept(numbers, self._keeping.clock())

    # ── out ─────────────────────────────────────────────────────────────────────────────────

    async def next(
        self,
        queue: Queue,
        may_tell_past: Callable[[], bool] = lambda: True,
        *,
        is_past_first: bool = False,
    ) -> Work:
        """Wait for work; its rows stay until each has ended.

        While *may_tell_past* says no, reports of the past wait; *is_past_first*: it is their turn.
        """
        while True:
            if is_past_first:
                self._load(queue)
            now, is_told = self._keeping.clock(), may_tell_past()
            work = self._lanes.choose(queue, now, is_past_told=is_told, is_past_first=is_past_first)
            self._lanes.take(queue, work)
            if work is not None:
                return work
            recheck_s = RECHECK_S if self._lanes.holds(queue) else None
            await self._change(self._load(queue), recheck_s)

    async def _change(self, load: "asyncio.Future[Any] | None", within_s: float | None) -> None:
        """Wait for a message, for what is read from disk, or for some time."""
        waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiters.add(waiter)
        try:
            wanted = [waiter] if load is None else [waiter, load]
            await asyncio.wait(wanted, timeout=within_s, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._waiters.discard(waiter)

    def _wake(self) -> None:
        for waiter in self._waiters:
            if not waiter.done():
                waiter.set_result(None)

    def _load(self, queue: Queue) -> "asyncio.Future[Loaded] | None":
        """Read the next rows of the past from disk, unless that is under way."""
        lane = self._lanes.wanting(queue)
        if lane in (None, self._shrinking) or self._keeping.clock() < self._load_again_at:
            return None
        if lane not in self._loads:
            asked = self._lanes[lane].asked()
            load = self._file.read(lane, asked.span, WINDOW)
            self._loads[lane] = load
            load.add_done_callback(partial(self._loaded, lane, asked))
        return self._loads[lane]

    def _loaded(self, lane: Lane, asked: Asked, done: "asyncio.Future[Loaded]") -> None:
        del self._loads[lane]
        if done.cancelled():
            return
        try:
            loaded = done.result()
        except StoreError as error:
            self._load_again_at = self._keeping.clock() + RECHECK_S
            log.debug("outbox.unreadable", cloud=self._name, error=str(error))
            return
        self._note_missing(lane, self._lanes[lane].loaded(loaded, asked))
        self._keep_bounds()

    def _note_missing(self, lane: Lane, missing: int) -> None:
        if missing:
            log.warning("outbox.rows_missing", cloud=self._name, lane=lane.name, rows=missing)
            self.count(Ending.LOST, missing)

    # ── ended ───────────────────────────────────────────────────────────────────────────────

    def end(self, row: Row, ending: Ending) -> None:
        """Take a row out, and count what became of it; one that is gone is not counted."""
        if self._lanes[row.lane].remove(row.number) is not None:
            self._file.delete(row.number)
            self.count(ending)
        self._lanes.settle(self._keeping.clock())
        if not self._lanes.count and self._is_full_told:
            self._is_full_told = False
            thinned, lost = self.counters.thinned, self.counters.lost
            log.warning("outbox.emptied", cloud=self._name, thinned=thinned, lost=lost)
        self._wake()

    def count(self, ending: Ending, count: int = 1) -> None:
        """Count what became of messages, also of those that are not stored."""
        self.counters = self.counters.plus(ending, count)
        if ending is not Ending.DELIVERED:
            self._file.tally(self.counters)

    def release(self) -> None:
        """Say that nothing is on its way: the connection is gone."""
        self._lanes.release()

    async def drained(self) -> None:
        """Wait until nothing is pending."""
        while self.pending:
            await self._change(None, None)

    # ── full ────────────────────────────────────────────────────────────────────────────────

    def _keep_bounds(self) -> None:
        """Make room when there is too much: in the lane that is worth least, where it lies."""
        lanes = self._lanes
        most = min(MOST_UNWRITTEN, self._keeping.bounds.rows)
        for lane in ORDER:
            if lanes.unwritten() > most:
                goal = lanes.unwritten() - int(ROOM * most)
                self._shrink_in_memory(lane, goal, is_written=False)
        for lane in ORDER:
            if not self._is_full or self._shrinking is not None:
                return
            if lanes[lane].beyond:
                if lane in self._loads:  # what is read meanwhile must not go
                    return
                self._shrinking, asked = lane, lanes[lane].asked()
                shrinking = self._file.shrink(lane, asked.span, self._too_many())
                shrinking.add_done_callback(partial(self._shrunk, lane, asked))
            else:
                self._shrink_in_memory(lane, self._too_many(), is_written=True)

    @property
    def _is_full(self) -> bool:
        bounds, lanes = self._keeping.bounds, self._lanes
        return lanes.count > bounds.rows or lanes.size > bounds.bytes

    def _too_many(self) -> int:
        """Tell how many rows must go."""
        bounds, lanes = self._keeping.bounds, self._lanes
        too_large = max(0.0, lanes.size - ROOM * bounds.bytes) / lanes.size * lanes.count
        return int(max(1.0, lanes.count - ROOM * bounds.rows, too_large))

    def _shrunk(self, lane: Lane, asked: Asked, done: "asyncio.Future[Plan]") -> None:
        self._shrinking = None
        self._wake()
        if done.cancelled():
            return
        try:
            plan = done.result()
        except StoreError as error:
            log.debug("outbox.not_shrunk", cloud=self._name, error=str(error))
            return
        self._note_missing(lane, self._lanes[lane].shrunk_on_disk(plan, asked))
        self._tell_full(plan)
        self._keep_bounds()

    def _shrink_in_memory(self, lane: Lane, goal: int, *, is_written: bool) -> None:
        rows = self._lanes[lane].idle(is_written=is_written)
        if not rows:
            return
        plan = planned(lane, rows, goal, self._keeping.totals)
        self._lanes[lane].shrink_in_memory(plan)
        for number in plan.removed:
            self._file.delete(number)
        for row in plan.changed:
            self._file.change(row, self._kept)
        self._tell_full(plan)

    def _tell_full(self, plan: Plan) -> None:
        """Count what made room; say it once until the box is empty again."""
        counters = self.counters.plus(Ending.THINNED, plan.merged)
        self.counters = counters.plus(Ending.LOST, plan.lost)
        self._file.tally(self.counters)
        tell = log.debug if self._is_full_told else log.warning
        self._is_full_told = True
        tell("outbox.full", cloud=self._name, thinned=plan.merged, lost=plan.lost)

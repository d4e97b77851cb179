"""The writer: one commit at a time in the store's thread, tried again until the disk takes it."""

import asyncio
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from concurrent.futures import Executor
from typing import Final, Never

import structlog

from agent.errors import StoreError
from agent.store.contents import Changes, Entry
from agent.store.pending import Pending
from agent.store.pending_history import MinuteRow
from agent.store.usage import Usage, bytes_written

log = structlog.get_logger()

SLOW_S: Final = 2.0
"""A commit that takes longer is said, once until one is quick again."""


MOMENT_S: Final = 0.003
URGENT: Final = frozenset({"protection"})
"""What is written without that moment: a trip must outlive whatever comes next."""


class Writer:
    """Writes what is `pending`, whoever waits for it, and counts what that cost.

    *write* blocks, in the thread; `StoreError` means that the disk did not take it: it is said
    once, and tried again every *retry_s*. Any other error is a bug: nothing is written any more,
    and `flush` and `broken` raise it. Journal rows that had to make room are said once, and
    `tell_lost` gets the device and how many when the disk takes something again.
    """

    def __init__(
        self,
        thread: Executor,
        write: Callable[[Changes], None],
        *,
        now: Callable[[], float],
        retry_s: float,
        slow_s: float = SLOW_S,
        count: Callable[[], int | None] = bytes_written,
    ) -> None:
        self._thread = thread
        self._write = write
        self._now = now
        self._retry_s = retry_s
        self._slow_s = slow_s
        self._count = count
        self._writing: asyncio.Future[int] | None = None
        self._under_way: Pending | None = None
        self._retry: asyncio.TimerHandle | None = None
        self._soon: asyncio.TimerHandle | None = None
        self._slow: asyncio.TimerHandle | None = None
        self._is_failing = False
        self._is_slow = False
        self._bug: BaseException | None = None
        self._has_bug = asyncio.Event()
        self._commits = 0
        self.tell_lost: Callable[[str, int], None] = lambda _device, _rows: None
        self._lost_records = 0
        self._lost_since: Counter[str] = Counter()
        self.usage = Usage(now())
        self.pending = Pending()
        self.failures = 0
        """How many attempts to read or write have failed."""

    def describe(self) -> Mapping[str, object]:
        """Tell how it goes."""
        return {
            "written_bytes": self.usage.by_cause,
            "written_bytes_per_day": self.usage.per_day(self._now()),
            "commits": self._commits,
            "failures": self.failures,
            "lost_records": self._lost_records,
            "is_failing": self._is_failing,
        }

    def waiting_entries(self) -> Iterator[Entry]:
        """Give the journal entries that are not on the disk, the oldest first."""
        if self._under_way is not None:
            yield from self._under_way.entries
        yield from self.pending.entries

    def waiting_minutes(self) -> Sequence[MinuteRow]:
        """Give the minutes of the history that are not on the disk, the oldest first."""
        under_way = () if self._under_way is None else self._under_way.history.minutes
        return [*under_way, *self.pending.history.minutes]

    def ended(self, identity: str) -> Collection[int]:
        """Give the rows of an outbox that have ended, and may be on the disk still."""
        waiting = self.pending.outbox.ended(identity)
        if self._under_way is not None:
            waiting |= self._under_way.outbox.ended(identity)
        return waiting

    def waiting(self) -> Sequence[str]:
        """Name for whose sake something is not on the disk yet."""
        under_way = {} if self._under_way is None else self._under_way.causes
        return sorted({**under_way, **self.pending.causes})

    def add(self, entry: Entry) -> None:
        """Let an entry wait with the rest."""
        self._note_lost(self.pending.add(entry))

    def soon(self, cause: str, within_s: float = MOMENT_S) -> None:
        """Write in a moment, or *within_s*; what protection decided when the loop turns next.

        Not at once: the thread would hold up what the caller has yet to do, such as the reply
        to a command and the report after it.
        """
        self.pending.causes[cause] = None
        if self._retry is not None:
            return
        loop = asyncio.get_running_loop()
        if cause in URGENT:
            loop.call_soon(self._write_now)
        elif self._soon is None or loop.time() + within_s < self._soon.when():
            self._cancel_soon()
            self._soon = loop.call_later(within_s, self._write_now)

    def _cancel_soon(self) -> None:
        if self._soon is not None:
            self._soon.cancel()
            self._soon = None

    async def is_kept(self, patience_s: float, cause: str = "") -> bool:
        """Write now; tell whether what waits was on the disk within *patience_s*."""
        if cause:
            self.pending.causes[cause] = None
        if self.is_broken:
            return False
        last = self.pending or self._under_way
        if last is None:
            return True
        waiter: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        last.wait(waiter)
        self._write_now()
        try:
            async with asyncio.timeout(patience_s):
                return await waiter
        except TimeoutError:
            return False

    async def flush(self) -> bool:
        """Write what waits; tell whether everything is on the disk (False: it failed once more)."""
        failures = self.failures
        while self._writing is not None or self.pending:
            self._raise_bug()
            self._write_now()
            if self._writing is not None:
                await asyncio.wait([self._writing])
                await asyncio.sleep(0)  # lets the result be taken
            if self.failures != failures:
                return False
        self._raise_bug()
        return True

    @property
    def is_broken(self) -> bool:
        """Tell whether a write met a bug."""
        return self._has_bug.is_set()

    async def broken(self) -> Never:
        """Wait for a bug in a write, and raise it: no state is kept from then on."""
        await self._has_bug.wait()
        assert self._bug is not None
        raise self._bug

    def _raise_bug(self) -> None:
        if self._bug is not None:
            raise self._bug

    def stop_retrying(self) -> None:
        """Let what waits wait until it is asked for."""
        if self._retry is not None:
            self._retry.cancel()
            self._retry = None

    def note_failure(self, error: StoreError) -> None:
        """Count a failure; say the first one."""
        self.failures += 1
        tell = log.debug if self._is_failing else log.warning
        tell("store.failed", error=str(error), failures=self.failures)
        self._is_failing = True

    # ── one commit ──────────────────────────────────────────────────────────────────────────

    def _write_now(self) -> None:
        """Start a write unless one is under way: its end starts the next."""
        self._cancel_soon()
        if self._writing is not None or self._bug is not None or not self.pending:
            return
        self.stop_retrying()
        batch, self.pending = self.pending, Pending()
        self._under_way = batch
        loop = asyncio.get_running_loop()
        self._slow = loop.call_later(self._slow_s, self._note_slow)
        self._writing = loop.run_in_executor(self._thread, self._commit, batch)
        self._writing.add_done_callback(lambda done: self._written(done, batch))

    def _commit(self, batch: Pending) -> int:
        changes = batch.changes()
        before = self._count()
        self._write(changes)
        after = self._count()
        return changes.size if before is None or after is None else after - before

    def _written(self, done: asyncio.Future[int], batch: Pending) -> None:
        self._writing = self._under_way = None
        was_slow = self._stop_watch()
        if done.cancelled():
            batch.tell(is_kept=False)
            return
        error = done.exception()
        if error is None:
            self._note_success(batch, done.result(), was_slow=was_slow)
            self._write_now()
        elif isinstance(error, StoreError):
            self.note_failure(error)
            self._note_lost(self.pending.put_back(batch))
            batch.tell(is_kept=False)
            self.pending.tell(is_kept=False)
            self._retry = done.get_loop().call_later(self._retry_s, self._write_now)
        else:
            self._bug = error
            self._has_bug.set()
            batch.tell(is_kept=False)
            self.pending.tell(is_kept=False)

    def _note_success(self, batch: Pending, count: int, *, was_slow: bool) -> None:
        self._commits += 1
        self.usage.add(batch.causes, count)
        lost, self._lost_since = self._lost_since, Counter()
        if self._is_failing:
            log.warning("store.recovered", failures=self.failures, lost_rows=lost.total())
        elif self._is_slow and not was_slow:
            log.warning("store.recovered", slow=True, lost_rows=lost.total())
        self._is_failing = False
        self._is_slow = was_slow
        for device, rows in lost.items():
            self.tell_lost(device, rows)
        loop = asyncio.get_running_loop()
        for callback in batch.callbacks.values():
            loop.call_soon(callback)  # a bug in one keeps nothing from the others
        batch.outbox.tell_kept(self.pending.outbox)
        batch.tell(is_kept=True)

    def _note_lost(self, lost: Counter[str]) -> None:
        """Count rows that had to make room; say the first of them until the disk is back."""
        if lost and not self._lost_since:
            log.warning("journal.lost", devices=sorted(lost))
        self._lost_since += lost
        self._lost_records += lost.total()

    # ── a disk that takes its time ──────────────────────────────────────────────────────────

    def _note_slow(self) -> None:
        tell = log.debug if self._is_slow else log.warning
        tell("store.slow", after_s=self._slow_s)
        self._is_slow = True
        self._slow = None

    def _stop_watch(self) -> bool:
        """Tell whether the commit that has ended took too long."""
        if self._slow is None:
            return True
        self._slow.cancel()
        self._slow = None
        return False

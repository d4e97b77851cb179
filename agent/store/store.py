"""The store: keeps each device's state, its journal and the start's cause, in its own thread."""

import asyncio
import sqlite3
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Final, Never, Self, TypeVar

import structlog

from agent.clock import since_boot
from agent.devices.effects import Saved
from agent.errors import StoreError
from agent.memory import Attempt
from agent.model import Condition, Stamp, StartCause, Trust
from agent.outbox.file import Found
from agent.store.absent import AsFound
from agent.store.contents import Changes, Contents, Row, Run
from agent.store.histories import Histories
from agent.store.outboxes import StoredOutbox
from agent.store.records import Records
from agent.store.start import read_boot_id, start_cause
from agent.store.statefile import StateFile
from agent.store.tables import Query
from agent.store.thread import StoreThread
from agent.store.usage import bytes_written
from agent.store.writer import Writer

log = structlog.get_logger()

CLOSE_TIMEOUT_S: Final = 3.0
"""How long a stop waits for the disk in all; then it ends without what waits."""
BEGIN_S: Final = 0.5
"""How long a start waits for its mark to be on the disk; the relay waits for the start."""
RETRY_S: Final = 5.0
PATIENCE_S: Final = 1.0
"""How long whoever must know waits for the disk."""

T = TypeVar("T")


def _stamp() -> Stamp:
    return Stamp(at=since_boot(), wall_time=None, trust=Trust.UNKNOWN)


class Store:
    """The state file behind a thread. Only the latest save of a device waits to be written.

    A file that cannot be used is said once and tried again every *retry_s*; nothing is raised.
    """

    def __init__(  # noqa: PLR0913 - each has a default
        self,
        path: Path,
        *,
        stamp: Callable[[], Stamp] = _stamp,
        boot_id: str | None = None,
        retry_s: float = RETRY_S,
        patience_s: float = PATIENCE_S,
        file: StateFile | None = None,
        thread: StoreThread | None = None,
    ) -> None:
        self._path = path
        self._file = file or StateFile(path)
        self._boot_id = boot_id
        self._patience_s = patience_s
        self.close_timeout_s = CLOSE_TIMEOUT_S
        self._close_by: float | None = None
        self._thread = thread or StoreThread()
        write = self._file.write
        self._writer = Writer(self._thread, write, now=lambda: stamp().at, retry_s=retry_s)
        self._records = Records(self._writer, self._file, self._thread, stamp)
        self._writer.tell_lost = self._tell_lost
        self.history = Histories(self._writer, self._transact)
        self._found = Contents()
        self._memory = Contents()
        self._kept = AsFound(self._found)
        self._latest: dict[str, Saved] = {}
        self._run: Run | None = None

    async def __aenter__(self) -> Self:
        if self._boot_id is None:
            self._boot_id = read_boot_id()
        self._records.boot_id = self.history.boot_id = self._boot_id
        try:
            self._found, count = await self._in_thread(self._open)
            if count:
                self._writer.usage.add(["open"], count)
        except StoreError as error:
            self._writer.note_failure(error)
            copy = await self._in_thread(self._file.read_copy)
            self._found = copy or Contents(is_damaged=True)
        self._memory = self._found
        self._kept = AsFound(self._found)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            async with self._closing():
                if error is None or not self._writer.is_broken:  # a bug is raised once
                    await self.flush()
                self._writer.stop_retrying()
                await self._in_thread(self._file.close)
        except TimeoutError:
            log.warning("store.slow", waiting=self._writer.waiting())
        finally:
            self._writer.stop_retrying()
            self._thread.end()

    # ── a device's state ────────────────────────────────────────────────────────────────────

    def load(self, device_id: str) -> Saved | None:
        """Return what was kept of a device; None where there is nothing that can be read."""
        if device_id in self._latest:
            return self._latest[device_id]
        return self._kept.load(device_id)

    def condition(self, device_id: str) -> Condition:
        """Tell how what was kept of a device had come through when this store was opened."""
        return self._kept.condition(device_id)

    def save(
        self,
        device_id: str,
        saved: Saved,
        *,
        cause: str = "state",
        on_kept: Callable[[], None] | None = None,
    ) -> None:
        """Keep *saved* as soon as the disk allows; never wait.

        *on_kept* is called when it, or a newer one in its place, is on the disk, unless that
        one brings its own: it takes the place of this. The bytes are counted for *cause*.
        """
        pending = self._writer.pending
        self._latest[device_id] = pending.saved[device_id] = saved
        if on_kept is not None:
            pending.callbacks[device_id] = on_kept
        self._writer.soon(cause)

    # ── the run ─────────────────────────────────────────────────────────────────────────────

    def cause(self, boot_id: str, version: str) -> StartCause:
        """Tell why this process starts."""
        is_whole = not self._found.is_damaged
        return start_cause(self._found.run, boot_id, version, was_readable=is_whole)

    def cause_of(self, device_id: str, boot_id: str, version: str) -> StartCause:
        """Tell why a device starts, which an earlier run may have gone without."""
        return self._kept.cause_of(device_id, boot_id, self.cause(boot_id, version))

    async def begin_run(
        self, boot_id: str, version: str, *, present: Collection[str] | None = None
    ) -> StartCause:
        """Tell why this process starts, and mark it as running until `end_run`.

        Not before every device has taken over and been saved: until then the next start has the
        cause of this one, or what was kept before a power loss would be read as of this boot.
        What is kept of others than *present* (None: all are) is marked as of an earlier one. A
        slow disk gets the mark later: whoever starts is not held up by it.
        """
        cause = self.cause(boot_id, version)
        if present is not None:
            self._writer.pending.saved.update(self._kept.marked({*present, *self._latest}))
        self._mark(Run(boot_id=boot_id, version=version))
        with suppress(TimeoutError):
            async with asyncio.timeout(BEGIN_S):
                await self.flush()
        return cause

    async def end_run(self) -> None:
        """Mark this run as stopped on purpose, after everything that was saved before.

        The disk has `CLOSE_TIMEOUT_S` from here to the end; closing says if that was enough.
        """
        if self._run is not None:
            self._mark(replace(self._run, is_clean_stop=True))
        with suppress(TimeoutError):
            async with self._closing():
                await self.flush()

    async def flush(self) -> bool:
        """Write what waits; tell whether everything is on the disk (False: it failed once more)."""
        return await self._writer.flush()

    async def broken(self) -> Never:
        """Wait until a write met a bug, and raise that: the process must not go on without it."""
        await self._writer.broken()

    def _closing(self) -> asyncio.Timeout:
        if self._close_by is None:
            self._close_by = asyncio.get_running_loop().time() + self.close_timeout_s
        return asyncio.timeout_at(self._close_by)

    def _mark(self, run: Run) -> None:
        self._run = self._writer.pending.run = run
        self._writer.pending.causes["run"] = None

    # ── the journal ─────────────────────────────────────────────────────────────────────────

    def record(self, device_id: str, topic: str, name: str, details: Mapping[str, object]) -> None:
        """Add to the journal, stamped now; never wait."""
        self._records.add(device_id, topic, name, details)

    def listen(self, heard: Callable[[Row], None] | None) -> None:
        """Have *heard* called with each row that is added from now on; quick, or not at all."""
        self._records.heard = None if heard is None else lambda entry: heard(entry.row())

    def _tell_lost(self, device_id: str, rows: int) -> None:
        self.record(device_id, "energy", "journal_lost", {"rows": rows})

    async def records(
        self,
        device_id: str,
        *,
        topics: Collection[str] = (),
        limit: int = 100,
        since: float | None = None,
        until: float | None = None,
    ) -> Sequence[Row]:
        """Read the newest *limit* rows of a device, the oldest first; of every topic for none.

        *since* and *until* are wall times, both inclusive; with either, rows that were not
        stamped with one are left out.
        """
        query = Query(
            device_id=device_id, topics=tuple(topics), limit=limit, since=since, until=until
        )
        return await self._records.find(query)

    def mend(self, offset: float, trust: Trust) -> None:
        """Stamp anew what this boot has stamped with no more *trust*, in every table; never wait.

        *offset* is the wall time, as it is known by now, minus seconds since boot.
        """
        self._records.mend(offset, trust)

    def outbox(self, identity: str, totals: Collection[str] = ()) -> StoredOutbox:
        """Open the outbox of an identity; *totals* names the quantities that only rise."""
        found = self._found.outboxes.get(identity, Found())
        return StoredOutbox(identity, found, self._writer, self._transact, totals)

    # ── requests and attempts ───────────────────────────────────────────────────────────────

    def remembered(self, device_id: str) -> Sequence[tuple[str, str | None]]:
        """Give the requests of a device and their answers (None: begun), the newest last."""
        return tuple(self._memory.requests.get(device_id, {}).items())

    async def remember(self, device_id: str, key: str, answer: str | None) -> bool:
        """Remember a request; tell whether that is on the disk.

        False after a second, or when the disk fails: it is written as soon as the disk allows.
        """
        changes = Changes(requests={(device_id, key): answer})
        self._memory = self._memory.advanced(changes)
        self._writer.pending.remember(device_id, key, answer)
        return await self.kept("requests")

    def last_attempt(self, identity: str) -> Attempt | None:
        """Tell when *identity* may connect again, as it was noted last; None: never."""
        return self._memory.attempts.get(identity)

    async def note_attempt(self, identity: str, attempt: Attempt) -> bool:
        """Keep when *identity* may connect again; the answer is as `remember` gives it."""
        self._memory = self._memory.advanced(Changes(attempts={identity: attempt}))
        self._writer.pending.attempt(identity, attempt)
        return await self.kept("attempts")

    async def kept(self, cause: str = "") -> bool:
        """Tell whether all that was handed in is on the disk, after a second at most."""
        return await self._writer.is_kept(self._patience_s, cause)

    # ── how it goes ─────────────────────────────────────────────────────────────────────────

    @property
    def failures(self) -> int:
        """How many attempts to read or write have failed."""
        return self._writer.failures

    def describe(self) -> Mapping[str, object]:
        """Tell where the file is, what was written for whose sake, and what went wrong."""
        return {"file": str(self._path), **self._writer.describe()}

    def _open(self) -> tuple[Contents, int]:
        before = bytes_written() or 0
        return self._file.open(), (bytes_written() or 0) - before

    def _in_thread(self, work: Callable[[], T]) -> "asyncio.Future[T]":
        return asyncio.get_running_loop().run_in_executor(self._thread, work)

    def _transact(self, work: Callable[[sqlite3.Connection], T]) -> "asyncio.Future[T]":
        return self._in_thread(lambda: self._file.work(work))

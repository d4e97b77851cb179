"""The outboxes of all clouds in the store's file."""

import asyncio
import sqlite3
from collections.abc import Callable, Collection
from typing import Any, Final

from agent.outbox.endings import Counters
from agent.outbox.file import Found, Kept, Loaded, OutboxFile
from agent.outbox.row import Lane, Row
from agent.outbox.shrinking import Plan, Span
from agent.store import outbox_table
from agent.store.outbox_table import Part
from agent.store.writer import Writer

TELEMETRY_S: Final = 2.0
"""What is delivered within this time never touches the disk, which wears by being written."""

CAUSE: Final = "outbox"

Work = Callable[[Callable[[sqlite3.Connection], Any]], "asyncio.Future[Any]"]
"""Does blocking work with the database, in one transaction and in the store's thread."""


class StoredOutbox:
    """One outbox in the store's file."""

    def __init__(
        self, identity: str, found: Found, writer: Writer, work: Work, totals: Collection[str]
    ) -> None:
        self._identity = identity
        self._found = found
        self._writer = writer
        self._work = work
        self._totals = totals

    def found(self) -> Found:
        """Tell what an earlier process left."""
        return self._found

    def put(self, row: Row, on_kept: Kept) -> None:
        """Keep a row: an event or a change soon, telemetry within seconds."""
        self._writer.pending.outbox.put(self._identity, row, on_kept, is_new=True)
        self._write(row)

    def change(self, row: Row, on_kept: Kept) -> None:
        """Keep a row in place of the one with its number, which may be kept already."""
        self._writer.pending.outbox.put(self._identity, row, on_kept, is_new=False)
        self._write(row)

    def _write(self, row: Row) -> None:
        if row.lane is Lane.TELEMETRY:
            self._writer.soon(CAUSE, TELEMETRY_S)
        else:
            self._writer.soon(CAUSE)

    def delete(self, number: int) -> None:
        """Forget a row, within seconds."""
        self._writer.pending.outbox.delete(self._identity, number)
        if self._writer.pending.outbox:
            self._writer.soon(CAUSE, TELEMETRY_S)

    def tally(self, counters: Counters) -> None:
        """Keep the counters."""
        self._writer.pending.outbox.tallies[self._identity] = counters
        self._writer.soon(CAUSE, TELEMETRY_S)

    def read(self, lane: Lane, span: Span, most: int) -> "asyncio.Future[Loaded]":
        """Read the oldest *most* rows of a span, in order."""
        part = self._part(lane, span)
        return self._work(lambda database: outbox_table.read_rows(database, part, most))

    def shrink(self, lane: Lane, span: Span, goal: int) -> "asyncio.Future[Plan]":
        """Make room for *goal* rows among those of a span."""
        part, totals = self._part(lane, span), self._totals
        return self._work(lambda database: outbox_table.shrink(database, part, goal, totals))

    def _part(self, lane: Lane, span: Span) -> Part:
        ended = self._writer.ended(self._identity)
        return Part(identity=self._identity, lane=lane, span=span, ended=ended)


Open = Callable[[str, Collection[str]], OutboxFile]
"""Opens the outbox of an identity; the names are of quantities that only rise."""

"""What was given to an outbox, row by row: what a cloud was told is compared with it."""

import asyncio
from dataclasses import dataclass, field
from typing import Any

from agent.outbox import Found, Lane, OutboxFile, Row
from agent.outbox.file import Kept, Loaded
from agent.outbox.shrinking import Plan, Span


@dataclass(slots=True)
class Noted:
    """Every row that was given to an outbox, and how each that was changed looks by now."""

    rows: list[Row] = field(default_factory=list[Row])
    newest: dict[int, Row] = field(default_factory=dict[int, Row])


class NotedFile:
    """An outbox's file that notes what passes."""

    def __init__(self, inner: OutboxFile, noted: Noted) -> None:
        self._inner = inner
        self._noted = noted

    def found(self) -> Found:
        """Pass on."""
        return self._inner.found()

    def put(self, row: Row, on_kept: Kept) -> None:
        """Note the row."""
        self._noted.rows.append(row)
        self._inner.put(row, on_kept)

    def change(self, row: Row, on_kept: Kept) -> None:
        """Note what became of it."""
        self._noted.newest[row.number] = row
        self._inner.change(row, on_kept)

    def delete(self, number: int) -> None:
        """Pass on."""
        self._inner.delete(number)

    def tally(self, counters: Any) -> None:  # noqa: ANN401 - passed on
        """Pass on."""
        self._inner.tally(counters)

    def read(self, lane: Lane, span: Span, most: int) -> "asyncio.Future[Loaded]":
        """Pass on."""
        return self._inner.read(lane, span, most)

    def shrink(self, lane: Lane, span: Span, goal: int) -> "asyncio.Future[Plan]":
        """Note what is left."""
        shrinking = self._inner.shrink(lane, span, goal)
        shrinking.add_done_callback(self._note)
        return shrinking

    def _note(self, done: "asyncio.Future[Plan]") -> None:
        if not done.cancelled() and done.exception() is None:
            self._noted.newest |= {row.number: row for row in done.result().changed}

"""The history of all devices: minutes wait to be written, and are read with what waits."""

import asyncio
import sqlite3
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final

from agent.errors import StoreError
from agent.history.assembling import MIDDLE_S, Frame, Piece
from agent.history.minutes import Minute
from agent.store.history_reading import Raw, read_ends, read_history
from agent.store.pending_history import Keep, MinuteRow
from agent.store.writer import Writer

CAUSE: Final = "history"

Work = Callable[[Callable[[sqlite3.Connection], Any]], "asyncio.Future[Any]"]
"""Does blocking work with the database, in one transaction and in the store's thread."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundHistory:
    """What is kept of a device: rows of the file, and what is not in it yet."""

    raw: Raw
    waiting: Collection[Piece] = ()


class Histories:
    """The minutes of all devices, lived in the boot `boot_id`."""

    def __init__(self, writer: Writer, work: Work) -> None:
        self.boot_id = ""
        self._writer = writer
        self._work = work

    @property
    def is_waiting(self) -> bool:
        """Tell whether minutes are on their way to the disk."""
        return bool(self._writer.waiting_minutes())

    def add(
        self,
        minutes: Mapping[str, Collection[Minute]],
        kept: Mapping[str, Keep],
        now: float | None,
        *,
        within_s: float,
    ) -> None:
        """Have minutes written with whatever is written within *within_s*, then by themselves."""
        rows = [
            MinuteRow(device_id=device, boot_id=self.boot_id, minute=minute)
            for device, each in minutes.items()
            for minute in each
        ]
        self._writer.pending.history.add(rows, kept, now)
        self._writer.soon(CAUSE, within_s)

    def forget(self, device_id: str) -> None:
        """Forget everything of a device, for good."""
        self._writer.pending.history.forget(device_id)
        self._writer.soon(CAUSE)

    async def ends(self, device_id: str) -> Mapping[str, int] | None:
        """Tell where the counts of a device stood when a minute was written last.

        None while the disk gives nothing.
        """
        try:
            found: Mapping[str, int] = await self._work(lambda file: read_ends(file, device_id))
        except StoreError:
            return None
        return found

    async def find(self, device_id: str, frame: Frame) -> FoundHistory:
        """Read what *frame* is put together from; while the disk gives nothing, what waits."""
        try:
            raw: Raw = await self._work(lambda file: read_history(file, device_id, frame))
        except StoreError:
            raw = Raw()
        # What was under way before the thread read is in `raw`; what waits now is not.
        waiting = [
            Piece(wall_time=wall_time + MIDDLE_S, stats=row.minute.stats)
            for row in self._writer.waiting_minutes()
            if row.device_id == device_id and (wall_time := row.minute.stamp.wall_time) is not None
        ]
        return FoundHistory(raw=raw, waiting=waiting)

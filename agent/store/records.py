"""The journal: rows are stamped, wait to be written, and are read with what waits."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor

from agent.model import Stamp, Trust
from agent.store.contents import Entry, Repair, Row
from agent.store.generation import to_json
from agent.store.statefile import StateFile
from agent.store.tables import Query
from agent.store.writer import Writer


class Records:
    """The rows of all devices, stamped in the boot `boot_id`.

    `heard` is called with each new one, in the turn that has made it.
    """

    def __init__(
        self, writer: Writer, file: StateFile, thread: Executor, stamp: Callable[[], Stamp]
    ) -> None:
        self.boot_id = ""
        self._writer = writer
        self._file = file
        self._thread = thread
        self._stamp = stamp
        self.heard: Callable[[Entry], None] | None = None

    def add(self, device_id: str, topic: str, name: str, details: Mapping[str, object]) -> None:
        """Add a row, stamped now; never wait.

        It is written together with what is saved in the same turn of the loop. While the disk
        takes nothing the newest 1,000 wait; a row tells later how many were lost.
        """
        now = self._stamp()
        entry = Entry(
            device_id=device_id,
            topic=topic,
            name=name,
            wall_time=now.wall_time,
            boot_id=self.boot_id,
            at=now.at,
            details=to_json(details),
            trust=now.trust,
        )
        self._writer.add(entry)
        self._writer.soon(topic)
        if self.heard is not None:
            self.heard(entry)

    def mend(self, offset: float, trust: Trust) -> None:
        """Stamp anew what this boot has stamped with no more *trust*; other boots' are left."""
        if self.boot_id:
            self._writer.pending.mend(Repair(boot_id=self.boot_id, offset=offset, trust=trust))
            self._writer.soon("clock")

    async def find(self, query: Query) -> Sequence[Row]:
        """Read what fits; what waits to be written is among it."""
        if query.limit <= 0:
            return []
        loop = asyncio.get_running_loop()
        written = await loop.run_in_executor(self._thread, lambda: self._file.records(query))
        # What was under way before the thread read is among `written`; what waits now is not.
        waiting = [each.row() for each in self._writer.waiting_entries() if query.fits(each)]
        return [*written, *waiting][-query.limit :]

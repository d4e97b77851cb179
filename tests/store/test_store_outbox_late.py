"""What a disk that is late, or full, has not been told yet, and what is read from it meanwhile."""

import asyncio
import sqlite3
from dataclasses import replace

from structlog.testing import capture_logs

from agent.model import Trust
from agent.outbox import PAST_S, Ending, Keeping, Lane, Outbox, Queue
from agent.outbox.shrinking import Span
from agent.store import Store
from agent.store.pending_outbox import PendingOutbox
from agent.store.statefile import StateFile
from tests.outbox.rows import event, report, row

IDENTITY = '["tencent", "P", "dev1"]'
NOW = 1000.0
ALL = Span(after=0, up_to=10_000)


class FullDisk(StateFile):
    """A disk that can be read, and takes nothing while it is full."""

    is_full = False

    def write(self, changes):
        if self.is_full:
            raise self._failed(sqlite3.OperationalError("database or disk is full"))
        super().write(changes)


def opened(store, clock):
    keeping = Keeping(file=store.outbox(IDENTITY), clock=lambda: clock[0], boot_id="boot")
    return Outbox(first_id=1, keeping=keeping)


async def test_what_a_full_disk_still_holds_is_not_told_again_in_place_of_the_rest(tmp_path):
    disk = FullDisk(tmp_path / "state.db")
    with capture_logs():
        async with Store(tmp_path / "state.db", file=disk, retry_s=60.0) as store:
            clock = [NOW]
            box = opened(store, clock)
            rows = [box.append(report(float(number), at=NOW)) for number in range(10)]
            await store.flush()
            disk.is_full = True
            for ended in (0, 1, 2, 5):
                box.end(rows[ended], Ending.DELIVERED)
            await store.flush()
            clock[0] += PAST_S + 1
            box.append(event(at=clock[0]))
            work = await asyncio.wait_for(box.next(Queue.REPORTS), 10)
            left = [rows[index] for index in (3, 4, 6, 7, 8, 9)]
            assert work.rows == left
            assert box.pending == 7
            disk.is_full = False


async def test_what_has_ended_is_not_merged_into_what_stays(tmp_path):
    async with Store(tmp_path / "state.db") as store:
        file = store.outbox(IDENTITY)
        for number in (1, 2, 3):
            file.put(row(number), lambda _: None)
        await store.flush()
        file.delete(1)
        plan = await file.shrink(Lane.TELEMETRY, ALL, 1)
        assert (plan.freed_rows, [each.stands_for for each in plan.changed]) == (1, [2])
        assert (await file.read(Lane.TELEMETRY, ALL, 9)).rows == plan.changed


def test_a_row_that_changed_while_it_was_written_is_not_on_the_disk():
    kept = []
    under_way, newer = PendingOutbox(), PendingOutbox()
    for number in (1, 2):
        under_way.put(IDENTITY, row(number), kept.extend, is_new=True)
    newer.put(IDENTITY, row(2, stands_for=2), kept.extend, is_new=False)
    under_way.tell_kept(newer)
    assert kept == [1]


async def test_a_wrong_stamp_can_be_mended_after_the_row_was_thinned(tmp_path):
    path = tmp_path / "state.db"
    async with Store(path, boot_id="boot") as store:
        file = store.outbox(IDENTITY)
        for number in (1, 2):
            made = row(number)
            doubtful = replace(made.message, trust=Trust.PLAUSIBLE)
            file.put(replace(made, message=doubtful), lambda _: None)
        await store.flush()
        await file.shrink(Lane.TELEMETRY, ALL, 1)
        store.mend(5e8, Trust.SYNCHRONISED)
        await store.flush()
        (left,) = (await file.read(Lane.TELEMETRY, ALL, 9)).rows
        assert (left.message.wall_time, left.message.trust) == (5e8 + 2, Trust.SYNCHRONISED)

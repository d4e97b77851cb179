"""The outbox in the state file: what waits survives the process, a bad disk and a damaged file."""

import asyncio
import sqlite3
from contextlib import closing

import pytest
from structlog.testing import capture_logs

from agent.outbox import PAST_S, Bounds, Counters, Ending, Keeping, Lane, Outbox, Queue
from agent.store import Store
from agent.store.statefile import StateFile
from tests.outbox.rows import change, event, report, row

IDENTITY = '["tencent", "P", "dev1"]'
NOW = 1000.0


def opened(store, now=NOW, **bounds):
    keeping = Keeping(
        file=store.outbox(IDENTITY, ["total_energy"]),
        clock=lambda: now,
        boot_id="boot",
        bounds=Bounds(**bounds),
    )
    return Outbox(first_id=1, keeping=keeping)


def rows_of(path):
    with closing(sqlite3.connect(path)) as database:
        return database.execute("SELECT number, lane FROM outbox ORDER BY number").fetchall()


async def test_what_waits_is_found_by_the_next_process(tmp_path):
    path = tmp_path / "state.db"
    async with Store(path) as store:
        box = opened(store)
        rows = [box.append(make(at=NOW)) for make in (report, change, event, report)]
        box.end(rows[3], Ending.UNCONFIRMED)
    assert rows_of(path) == [(1, 2), (2, 1), (3, 0)]
    async with Store(path) as store:
        box = opened(store, now=NOW + 60)
        assert (box.pending, box.counters) == (3, Counters(unconfirmed=1))
        work = await asyncio.wait_for(box.next(Queue.EVENTS), 10)
        assert work.rows == [rows[2]]
        assert work.rows[0].message == rows[2].message
        assert opened_elsewhere(store).pending == 0


def opened_elsewhere(store):
    return Outbox(first_id=1, keeping=Keeping(file=store.outbox('["aliyun", "P", "dev1"]')))


async def test_telemetry_that_is_delivered_at_once_writes_nothing(tmp_path):
    async with Store(tmp_path / "state.db") as store:
        box = opened(store)
        for number in range(10):
            box.end(box.append(report(float(number), at=NOW)), Ending.DELIVERED)
        await store.flush()
        assert store.describe()["commits"] == 0


async def test_an_event_is_on_the_disk_without_being_asked_for(tmp_path):
    path = tmp_path / "state.db"
    async with Store(path) as store:
        is_kept = asyncio.Event()
        store.outbox(IDENTITY).put(row(1, Lane.EVENTS), lambda _: is_kept.set())
        await asyncio.wait_for(is_kept.wait(), 10)
        assert rows_of(path) == [(1, 0)]


class FullDisk(StateFile):
    """A disk that takes nothing until it is told."""

    is_full = True

    def write(self, changes):
        if self.is_full:
            raise self._failed(sqlite3.OperationalError("disk I/O error"))
        super().write(changes)


async def test_a_disk_that_takes_nothing_for_a_while_loses_nothing(tmp_path):
    path = tmp_path / "state.db"
    disk = FullDisk(path)
    with capture_logs():
        async with Store(path, file=disk, retry_s=60.0) as store:
            box = opened(store)
            kept, ended = box.append(event(1.0, at=NOW)), box.append(event(2.0, at=NOW))
            await store.flush()
            assert not rows_of(path)
            box.end(ended, Ending.DELIVERED)
            disk.is_full = False
            assert await store.flush()
            assert rows_of(path) == [(kept.number, 0)]


async def test_a_long_outage_is_thinned_on_disk_and_drained_in_order(tmp_path):
    path = tmp_path / "state.db"
    async with Store(path) as store:
        clock = [NOW]
        keeping = Keeping(
            file=store.outbox(IDENTITY, ["total_energy"]),
            clock=lambda: clock[0],
            boot_id="boot",
            bounds=Bounds(rows=400),
        )
        box = Outbox(first_id=1, keeping=keeping)
        with capture_logs() as logs:
            for number in range(1200):
                more = {"total_energy": number / 10}
                box.append(report(float(number), at=clock[0], **more))
                clock[0] += 10
                if number % 50 == 0:
                    box.append(event(float(number), at=clock[0]))
                    await store.flush()
                    await asyncio.sleep(0)
        assert [entry["event"] for entry in logs if entry["log_level"] == "warning"] == [
            "outbox.full"
        ]
        await store.flush()
        assert box.pending <= 460
        told, stands_for = [], 0
        events = []
        clock[0] += PAST_S + 1
        async with asyncio.timeout(30):
            while box.of_lane(0):
                for row in (await box.next(Queue.EVENTS)).rows:
                    events.append(row.message.values["voltage"])
                    box.end(row, Ending.DELIVERED)
            while box.pending:
                for row in (await box.next(Queue.REPORTS)).rows:
                    told.append(row.message)
                    stands_for += row.stands_for
                    box.end(row, Ending.DELIVERED)
        assert events == [float(number) for number in range(0, 1200, 50)]
        assert stands_for + box.counters.lost == 1200
        assert [each.at for each in told] == sorted(each.at for each in told)
        totals = [each.values["total_energy"] for each in told if "total_energy" in each.values]
        assert totals == sorted(totals)
        await store.flush()
    assert rows_of(path) == []


async def test_rows_that_sqlite_can_still_read_survive_a_damaged_file(tmp_path):
    path = tmp_path / "state.db"
    async with Store(path) as store:
        box = opened(store)
        box.append(event(at=NOW))
        box.count(Ending.LOST, 3)
        await store.flush()
        damage_the_schema(path)
        with capture_logs():
            store.save("socket-1", {"relay_on": False})
            await store.flush()
    assert rows_of(path) == [(1, 0)]
    async with Store(path) as store:
        assert opened(store).counters == Counters(lost=3)


def damage_the_schema(path):
    """Have the next write meet a table that is not there any more."""
    with closing(sqlite3.connect(path)) as database:
        database.execute("DROP TABLE generation")


SPOIL = {
    "body": "UPDATE outbox SET body = ? WHERE number = 2",
    "wall_time": "UPDATE outbox SET wall_time = ? WHERE number = 2",
    "at": "UPDATE outbox SET at = ? WHERE number = 2",
    "trust": "UPDATE outbox SET trust = ? WHERE number = 2",
}


@pytest.mark.parametrize(
    ("column", "spoiled"),
    [
        ("body", "{"),
        ("body", '{"values": 3}'),
        ("body", '{"values": {"a": null}}'),
        ("body", '{"values": {"a": Infinity}}'),
        ("body", '{"facts": {"name": "x"}}'),
        ("wall_time", 1e300),
        ("at", float("inf")),
        ("trust", 9),
    ],
)
async def test_a_worn_row_is_counted_and_the_others_are_told(tmp_path, column, spoiled):
    path = tmp_path / "state.db"
    async with Store(path) as store:
        box = opened(store)
        for number in range(3):
            box.append(report(float(number), at=NOW))
    with closing(sqlite3.connect(path)) as database:
        database.execute(SPOIL[column], [spoiled])
        database.execute("UPDATE tally SET counts = ?", [spoiled])
        database.commit()
    with capture_logs():
        async with Store(path) as store:
            box = opened(store, now=NOW + 60)
            work = await asyncio.wait_for(box.next(Queue.REPORTS), 10)
            assert [row.number for row in work.rows] == [1, 3]
            assert (box.pending, box.counters.lost) == (2, 1)

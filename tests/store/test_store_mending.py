"""Stamps of this boot are put right on the disk and in memory; those of other boots are left."""

import asyncio
import sqlite3
from contextlib import closing

import pytest

from agent.model import Stamp, Trust
from agent.store import Store
from agent.store.salvage import rescue
from tests.store.files import FailingFile, SlowFile
from tests.store.test_store_schema import made

OFFSET = 1_800_000_000.0
DEVICE = "socket-1"


class Moment:
    """What the next row is stamped with."""

    def __init__(self):
        self.at, self.wall_time, self.trust = 100.0, None, Trust.UNKNOWN

    def __call__(self):
        return Stamp(at=self.at, wall_time=self.wall_time, trust=self.trust)

    def is_(self, trust, at, wall_time):
        self.at, self.wall_time, self.trust = at, wall_time, trust


def store_of(path, moment, boot_id="b1", **more):
    return Store(path, stamp=moment, boot_id=boot_id, **more)


async def stamps(store):
    return [(row.wall_time, row.trust) for row in await store.records(DEVICE)]


async def test_a_row_without_a_time_gets_one_and_keeps_it(tmp_path):
    path, moment = tmp_path / "s.db", Moment()
    async with store_of(path, moment) as store:
        store.record(DEVICE, "relay", "on", {})
        await store.flush()
        store.mend(OFFSET, Trust.PLATFORM)
    async with store_of(path, moment) as store:
        assert await stamps(store) == [(OFFSET + 100, Trust.PLATFORM)]


@pytest.mark.parametrize(
    ("before", "mended", "after"),
    [
        ((5.0, Trust.PLAUSIBLE), Trust.PLATFORM, (OFFSET + 100, Trust.PLATFORM)),
        ((5.0, Trust.PLATFORM), Trust.PLATFORM, (OFFSET + 100, Trust.PLATFORM)),
        ((OFFSET + 100.5, Trust.PLATFORM), Trust.PLATFORM, (OFFSET + 100.5, Trust.PLATFORM)),
        ((5.0, Trust.SYNCHRONISED), Trust.PLATFORM, (5.0, Trust.SYNCHRONISED)),
    ],
)
async def test_more_trust_wins_and_what_is_close_is_left(tmp_path, before, mended, after):
    moment = Moment()
    async with store_of(tmp_path / "s.db", moment) as store:
        moment.is_(before[1], 100.0, before[0])
        store.record(DEVICE, "relay", "on", {})
        await store.flush()
        store.mend(OFFSET, mended)
        await store.flush()
        assert await stamps(store) == [after]


async def test_other_boots_are_another_timeline(tmp_path):
    path, moment = tmp_path / "s.db", Moment()
    async with store_of(path, moment, "b0") as store:
        store.record(DEVICE, "relay", "on", {})
    async with store_of(path, moment, "b1") as store:
        store.mend(OFFSET, Trust.SYNCHRONISED)
        await store.flush()
        assert await stamps(store) == [(None, Trust.UNKNOWN)]


async def test_without_a_boot_id_nothing_is_known_to_be_of_this_boot(tmp_path):
    moment = Moment()
    async with store_of(tmp_path / "s.db", moment, "") as store:
        store.record(DEVICE, "relay", "on", {})
        store.mend(OFFSET, Trust.SYNCHRONISED)
        await store.flush()
        assert await stamps(store) == [(None, Trust.UNKNOWN)]


async def test_what_waits_is_mended_while_the_disk_fails_and_the_rest_when_it_is_back(tmp_path):
    path, moment = tmp_path / "s.db", Moment()
    file = FailingFile(path)
    async with store_of(path, moment, file=file, retry_s=60) as store:
        store.record(DEVICE, "relay", "on", {})
        await store.flush()
        file.is_failing = True
        store.record(DEVICE, "relay", "off", {})
        store.mend(OFFSET, Trust.PLATFORM)
        assert not await store.flush()
        assert await stamps(store) == [(None, Trust.UNKNOWN), (OFFSET + 100, Trust.PLATFORM)]
        file.is_failing = False
        assert await store.flush()
        assert await stamps(store) == [(OFFSET + 100, Trust.PLATFORM)] * 2


@pytest.mark.parametrize("fails", [True, False])
async def test_what_is_just_being_written_is_mended_too(tmp_path, fails):
    path, moment = tmp_path / "s.db", Moment()
    file = SlowFile(path)
    async with store_of(path, moment, file=file, retry_s=60) as store:
        file.go.clear()
        file.is_failing = fails
        store.record(DEVICE, "protection", "tripped", {})
        waiting = asyncio.create_task(store.flush())
        await asyncio.to_thread(file.begun.wait, 10)
        store.record(DEVICE, "relay", "off", {})
        store.mend(OFFSET, Trust.SYNCHRONISED)
        file.go.set()
        assert await waiting is not fails
        if fails:
            assert await stamps(store) == [(OFFSET + 100, Trust.SYNCHRONISED)] * 2
        file.is_failing = False
        await store.flush()  # one that began while the disk failed may have failed still
        assert await store.flush()
        assert await stamps(store) == [(OFFSET + 100, Trust.SYNCHRONISED)] * 2


async def test_a_later_repair_takes_the_place_of_one_that_could_not_be_written(tmp_path):
    path, moment = tmp_path / "s.db", Moment()
    file = FailingFile(path)
    async with store_of(path, moment, file=file, retry_s=60) as store:
        store.record(DEVICE, "relay", "on", {})
        await store.flush()
        file.is_failing = True
        store.mend(OFFSET - 5000, Trust.PLATFORM)
        await store.flush()
        store.mend(OFFSET, Trust.SYNCHRONISED)
        file.is_failing = False
        await store.flush()
        assert await stamps(store) == [(OFFSET + 100, Trust.SYNCHRONISED)]


async def test_messages_in_the_outbox_are_mended_in_the_same_way(tmp_path):
    path = tmp_path / "s.db"
    async with store_of(path, Moment()):
        pass
    with closing(sqlite3.connect(path)) as database, database:
        for number, (boot_id, wall_time, trust) in enumerate(
            [("b1", None, 0), ("b1", 5.0, 1), ("b1", 6.0, 3), ("b0", None, 0)]
        ):
            row = ("identity", number, 0, str(number), boot_id, 10.0 + number, wall_time, trust)
            database.execute("INSERT INTO outbox VALUES (?, ?, ?, ?, ?, ?, ?, ?, 1, '')", row)
    async with store_of(path, Moment()) as store:
        store.mend(OFFSET, Trust.PLATFORM)
    with closing(sqlite3.connect(path)) as database:
        found = database.execute("SELECT wall_time, trust FROM outbox ORDER BY number").fetchall()
    assert found == [(OFFSET + 10, 2), (OFFSET + 11, 2), (6.0, 3), (None, 0)]


async def test_a_row_of_an_earlier_schema_that_has_a_time_keeps_it(tmp_path):
    path = made(tmp_path / "s.db", 2)
    async with store_of(path, Moment()) as store:
        store.mend(OFFSET, Trust.SYNCHRONISED)
        await store.flush()
        rows = await store.records(DEVICE)
    assert [row.wall_time for row in rows] == [1_700_000_000.5, OFFSET + 20]


def test_rows_of_an_earlier_schema_are_rescued(tmp_path):
    with closing(sqlite3.connect(made(tmp_path / "s.db", 2))) as database:
        found = rescue(database).entries
    assert [(entry.name, entry.trust) for entry in found] == [
        ("off", Trust.UNKNOWN),
        ("gap", Trust.UNKNOWN),
    ]

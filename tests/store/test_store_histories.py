"""The history behind the store: what waits is read too, and a bad disk costs nothing but rows."""

import asyncio
import shutil
import sqlite3
from contextlib import closing

import pytest
from structlog.testing import capture_logs

from agent.automation.local_time import zone
from agent.history.assembling import Frame, assembled
from agent.history.periods import Level
from agent.model import Trust
from agent.store import Store
from agent.store.backup import make_backup, restore
from agent.store.salvage import rescue
from agent.store.statefile import StateFile
from tests.store.files import FailingFile, SlowFile
from tests.store.history import BOOT, DEVICE, KEEP, MIDNIGHT, changes, counted, row

HOUR = 3_600
FAR = 10_000.0


@pytest.fixture
def path(tmp_path):
    return tmp_path / "state.db"


def add(store, rows, now=None, within_s=FAR, device=DEVICE):
    minutes = {device: [each.minute for each in rows]}
    store.history.add(minutes, {device: KEEP}, now, within_s=within_s)


def day(first=0, count=60, **more):
    return [row(MIDNIGHT + 60 * (first + n), **more) for n in range(count)]


async def used(store, level=Level.HOUR, device=DEVICE, **more):
    """Tell what was used, by the beginning of each period."""
    frame = Frame(level=level, zone=zone(KEEP.zone), **more)
    found = await store.history.find(device, frame)
    pieces = [*found.raw.pieces(frame), *found.waiting]
    periods = assembled(frame, found.raw.periods(), pieces, None)
    return {each.start - MIDNIGHT: counted(each.stats) for each in periods}


@pytest.mark.parametrize("level", list(Level))
async def test_what_is_made_what_is_not_and_what_waits_are_one_answer(path, level):
    async with Store(path, boot_id=BOOT) as store:
        add(store, day(count=24 * 60), MIDNIGHT + 24 * HOUR)
        assert await store.flush()
        add(store, day(24 * 60, 90), MIDNIGHT + 26 * HOUR)
        assert await store.flush()
        add(store, day(24 * 60 + 90, 5), MIDNIGHT + 26 * HOUR)
        found = await used(store, level)
        assert sum(found.values()) == 24 * 60 + 95
        assert len(found) == {0: 1_535, 1: 26, 2: 2, 3: 2}[level]
    async with Store(path, boot_id="b2") as store:
        assert await used(store, level) == found


async def test_a_range_is_read_as_it_is_asked_for(path):
    async with Store(path, boot_id=BOOT) as store:
        add(store, day(count=600), MIDNIGHT + 10 * HOUR)
        assert await store.flush()
        since, until = MIDNIGHT + 3 * HOUR, MIDNIGHT + 5 * HOUR
        assert await used(store, since=since, until=until) == dict.fromkeys(
            (3 * HOUR, 4 * HOUR, 5 * HOUR), 60
        )
        minutes = await used(store, Level.MINUTE, since=since, until=until)
        assert sorted(minutes) == list(range(3 * HOUR, 5 * HOUR + 1, 60))
        assert list(await used(store, Level.MINUTE, limit=2)) == [
            9 * HOUR + 58 * 60,
            9 * HOUR + 59 * 60,
        ]


async def test_minutes_go_with_the_next_commit(path):
    async with Store(path, boot_id=BOOT) as store:
        add(store, day(count=8))
        assert store.history.is_waiting
        kept = asyncio.Event()
        store.save(DEVICE, {"n": 1}, on_kept=kept.set)
        await kept.wait()
        assert not store.history.is_waiting
        assert store.describe()["written_bytes"].keys() >= {"history"}


async def test_the_end_of_a_count_is_known_to_the_next_process(path):
    async with Store(path, boot_id=BOOT) as store:
        assert await store.history.ends(DEVICE) == {}
        add(store, [row(MIDNIGHT, 7), row(MIDNIGHT + 60, 12)])
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("INSERT INTO minute VALUES (9, ?, '', 0, 0, 0, NULL, 'worn')", (DEVICE,))
    async with Store(path, boot_id="b2") as store:
        assert await store.history.ends(DEVICE) == {"energy": 12}
        assert await store.history.ends("socket-2") == {}


async def test_what_waits_is_forgotten_too(path):
    async with Store(path, boot_id=BOOT) as store:
        add(store, day(count=60), MIDNIGHT + HOUR)
        add(store, day(count=3), device="socket-2")
        assert await store.flush()
        add(store, day(60, count=5))
        store.history.forget(DEVICE)
        add(store, day(65, count=1))
        assert await used(store, Level.MINUTE) != {}
        assert await store.flush()
        assert await used(store, Level.MINUTE) == {65 * 60: 1}
        assert await used(store, Level.MINUTE, "socket-2") != {}


async def test_what_is_forgotten_while_the_disk_fails_does_not_come_back(path):
    file = FailingFile(path)
    with capture_logs():
        async with Store(path, boot_id=BOOT, file=file, retry_s=60) as store:
            file.is_failing = True
            add(store, day(count=3))
            assert not await store.flush()
            add(store, day(3, count=2))
            assert await used(store, Level.MINUTE) == {n * 60: 1 for n in range(5)}
            store.history.forget(DEVICE)
            add(store, day(9, count=1))
            assert not await store.flush()
            file.is_failing = False
            assert await store.flush()
            assert await used(store, Level.MINUTE) == {9 * 60: 1}


async def test_what_is_just_being_written_is_forgotten_too(path):
    file = SlowFile(path)
    async with Store(path, boot_id=BOOT, file=file) as store:
        file.go.clear()
        add(store, day(count=3))
        waiting = asyncio.create_task(store.flush())
        await asyncio.to_thread(file.begun.wait, 10)
        store.history.forget(DEVICE)
        file.go.set()
        assert await waiting
        assert await store.flush()
        assert await used(store, Level.MINUTE) == {}


async def test_minutes_that_wait_get_their_time_while_the_disk_fails(path):
    file = FailingFile(path)
    with capture_logs():
        async with Store(path, boot_id=BOOT, file=file, retry_s=60) as store:
            file.is_failing = True
            add(store, [row(60, wall=None), row(120, wall=None)])
            assert not await store.flush()
            store.mend(MIDNIGHT, Trust.PLATFORM)
            add(store, [row(180, wall=None)])
            store.mend(MIDNIGHT, Trust.SYNCHRONISED)
            assert not await store.flush()
            file.is_failing = False
            assert await store.flush()
            assert await used(store, Level.MINUTE) == {60: 1, 120: 1, 180: 1}


async def test_minutes_of_another_boot_keep_their_time(path):
    async with Store(path, boot_id="b0") as store:
        add(store, [row(60, wall=None)])
    async with Store(path, boot_id=BOOT) as store:
        add(store, [row(120, wall=None)])
        store.mend(MIDNIGHT, Trust.SYNCHRONISED)
        assert await store.flush()
        assert await used(store, Level.MINUTE) == {120: 1}


async def test_a_store_whose_file_cannot_be_used_tells_what_waits(tmp_path):
    (tmp_path / "state").write_text("in the way")
    with capture_logs():
        async with Store(tmp_path / "state" / "state.db", boot_id=BOOT) as store:
            add(store, day(count=2))
            assert await store.history.ends(DEVICE) is None
            assert await used(store, Level.MINUTE) == {0: 1, 60: 1}


async def test_a_kill_leaves_every_commit_whole(path, tmp_path):
    """The file and its log are taken as they stand after each commit, as a kill leaves them."""
    kept = []
    async with Store(path, boot_id=BOOT) as store:
        for batch in range(18):
            add(store, day(batch * 10, 10), MIDNIGHT + (batch + 1) * 600)
            assert await store.flush()
            copy = tmp_path / f"copy-{batch}.db"
            for suffix in ("", "-wal"):
                shutil.copyfile(f"{path}{suffix}", f"{copy}{suffix}")
            kept.append(copy)
    for batch, copy in enumerate(kept):
        async with Store(copy, boot_id="b2") as store:
            assert sum((await used(store)).values()) == (batch + 1) * 10


async def test_the_history_is_read_out_of_a_damaged_file(path):
    async with Store(path, boot_id=BOOT) as store:
        store.save(DEVICE, {"n": 1})
        add(store, day(count=24 * 60), MIDNIGHT + 24 * HOUR)
        add(store, [row(MIDNIGHT, device="socket-2")], device="socket-2")
    with closing(sqlite3.connect(path)) as database, database:
        (root,) = database.execute(
            "SELECT rootpage FROM sqlite_master WHERE name = 'record_of'"
        ).fetchone()
    with path.open("r+b") as file:
        file.seek((root - 1) * 4_096)
        file.write(b"\xff" * 4_096)
    with capture_logs() as logs:
        async with Store(path, boot_id="b2") as store:
            assert sum((await used(store)).values()) == 24 * 60
            assert await used(store, Level.MINUTE, "socket-2") == {0: 1}
    assert logs[0]["event"] == "store.damaged"


def test_of_a_damaged_table_both_ends_are_read(path):
    with closing(StateFile(path)) as file:
        file.open()
        rows = [row(MIDNIGHT + n * HOUR) for n in range(400)]
        file.write(changes(rows, now=MIDNIGHT + 500 * HOUR))
    with closing(sqlite3.connect(path)) as database:
        (root,) = database.execute(
            "SELECT rootpage FROM sqlite_master WHERE name = 'period'"
        ).fetchone()
    data = bytearray(path.read_bytes())
    at = (root - 1) * 4_096
    cells = int.from_bytes(data[at + 3 : at + 5], "big")
    pointer = at + 12 + 2 * (cells // 2)  # the middle child of an inner page
    cell = at + int.from_bytes(data[pointer : pointer + 2], "big")
    child = int.from_bytes(data[cell : cell + 4], "big")
    data[(child - 1) * 4_096 : child * 4_096] = b"\xff" * 4_096
    path.write_bytes(data)
    with closing(sqlite3.connect(path)) as database:
        found = rescue(database).periods
    hours = sorted(start for _, level, start, *_ in found if level == Level.HOUR)
    assert 200 < len(hours) < 400
    assert (hours[0], hours[-1]) == (MIDNIGHT, MIDNIGHT + 399 * HOUR)


def test_of_a_file_without_a_history_none_is_read(path):
    with closing(sqlite3.connect(path)) as database:
        assert rescue(database).minutes == []


async def test_a_backup_takes_the_history_along(path, tmp_path):
    async with Store(path, boot_id=BOOT) as store:
        add(store, day(count=120), MIDNIGHT + 2 * HOUR)
        assert await store.flush()
        make_backup(path, tmp_path / "backup")
        add(store, day(120, count=60), MIDNIGHT + 3 * HOUR)
    restore(tmp_path / "backup", path, None)
    async with Store(path, boot_id="b2") as store:
        assert await used(store) == {0: 60, HOUR: 60}

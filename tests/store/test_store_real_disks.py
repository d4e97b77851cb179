"""The store on disks that are really full, really read-only and really slow."""

import asyncio
import contextlib
import os
import shutil
import subprocess
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from structlog.testing import capture_logs

from agent.errors import StoreError
from agent.model import Condition, StartCause
from agent.store import Store
from agent.store.backup import make_backup, restore
from agent.store.contents import Changes
from agent.store.generation import to_json
from agent.store.writer import Writer
from tests.store.files import SlowFile
from tests.stored import kept

TRIPPED = {"trip": "overcurrent"}


@contextmanager
def mounted(folder, *options):
    """Mount a small file system in memory, or say what is missing for that."""
    if os.geteuid() != 0:
        pytest.skip("needs root: a file system is mounted")
    folder.mkdir()
    error = order("mount", "-t", "tmpfs", "-o", ",".join(options), "store-test", str(folder))
    if error:
        pytest.skip(f"needs mount(8) to work here: {error}")
    try:
        yield folder
    finally:
        assert not order("umount", "--lazy", str(folder))


def order(program, *arguments):
    """Run a program; give what it complained of."""
    path = shutil.which(program, path="/usr/sbin:/sbin:/usr/bin:/bin")
    if path is None:
        return f"there is no {program}"
    done = subprocess.run([path, *arguments], capture_output=True, text=True, check=False)
    return done.stderr.strip()


def fill(path):
    """Take all the room that is left."""
    with contextlib.suppress(OSError), path.open("wb", buffering=0) as file:
        while file.write(b"x" * 512):
            continue
    return path


@contextmanager
def as_nobody():
    """Be a user who owns nothing."""
    if os.geteuid() != 0:
        pytest.skip("needs root: it is given up for a moment")
    os.seteuid(65_534)
    try:
        yield
    finally:
        os.seteuid(0)


def warnings(logs):
    return [entry["event"] for entry in logs if entry["log_level"] == "warning"]


async def test_a_full_disk_loses_nothing_that_waits_and_is_said_once(tmp_path):
    with mounted(tmp_path / "disk", "size=400k") as disk, capture_logs() as logs:
        async with Store(disk / "state.db", retry_s=0.01) as store:
            store.save("socket-1", {"n": 0})
            assert await store.flush()
            filler = fill(disk / "filler")
            for n in range(1, 200):
                store.save("socket-1", {"n": n, "pad": "x" * 3_000})
                store.record("socket-1", "energy", str(n), {})
                await store.flush()
                if store.describe()["is_failing"]:
                    break
            assert store.describe()["is_failing"]
            assert store.load("socket-1") == {"n": n, "pad": "x" * 3_000}
            assert not await store.remember("socket-1", "k", None)
            filler.unlink()
            async with asyncio.timeout(10):
                while not await store.flush():
                    pass
            assert len(await store.records("socket-1", limit=500)) == n
        assert warnings(logs) == ["store.failed", "store.recovered"]
        saved = await kept(disk / "state.db")
        assert saved is not None
        assert saved["n"] == n


async def test_a_disk_that_is_full_from_the_start_is_done_without(tmp_path):
    with mounted(tmp_path / "disk", "size=8k") as disk, capture_logs() as logs:
        async with Store(disk / "state.db") as store:
            assert store.condition("socket-1") is Condition.NEW
            store.save("socket-1", TRIPPED)
            assert not await store.flush()
            assert store.load("socket-1") == TRIPPED
        assert warnings(logs) == ["store.failed"]


async def test_a_disk_that_became_read_only_still_gives_the_trip(tmp_path):
    with mounted(tmp_path / "disk", "size=2m") as disk:
        async with Store(disk / "state.db") as store:
            await store.begin_run("b1", "1")
            store.save("socket-1", TRIPPED)
        assert not order("mount", "-o", "remount,ro", str(disk))
        with capture_logs() as logs:
            async with Store(disk / "state.db", retry_s=0.01) as store:
                assert store.load("socket-1") == TRIPPED
                assert store.condition("socket-1") is Condition.GOOD
                assert await store.begin_run("b1", "1") is StartCause.CRASH
                store.save("socket-1", {"trip": None})
                assert not await store.flush()
                assert not order("mount", "-o", "remount,rw", str(disk))
                async with asyncio.timeout(10):
                    while not await store.flush():
                        pass
        assert warnings(logs) == ["store.failed", "store.recovered"]
        assert await kept(disk / "state.db") == {"trip": None}


async def test_a_damaged_file_on_a_read_only_disk_is_looked_through_in_its_place(tmp_path):
    with mounted(tmp_path / "disk", "size=2m") as disk:
        path = disk / "state.db"
        async with Store(path) as store:
            store.save("socket-1", TRIPPED)
        data = path.read_bytes()
        path.write_bytes(b"\xaa" * 4_096 + data[4_096:])
        assert not order("mount", "-o", "remount,ro", str(disk))
        with capture_logs():
            async with Store(path) as store:
                assert store.load("socket-1") == TRIPPED
                assert store.condition("socket-1") is Condition.SALVAGED
                assert store.cause("b1", "1") is StartCause.POWER_LOSS


async def test_a_folder_that_one_may_not_enter_is_done_without(tmp_path):
    tmp_path.chmod(0o700)
    async with Store(tmp_path / "state.db") as store:
        store.save("socket-1", TRIPPED)
    with capture_logs() as logs, as_nobody():
        async with Store(tmp_path / "state.db") as store:
            assert store.condition("socket-1") is Condition.LOST
            assert store.cause("b1", "1") is StartCause.POWER_LOSS
            store.save("socket-1", {})
            assert not await store.flush()
        for work in (
            lambda: make_backup(tmp_path / "state.db", tmp_path / "b"),
            lambda: restore(tmp_path / "b", tmp_path / "state.db", None),
        ):
            with pytest.raises(StoreError, match=r"may not be read .*run it with sudo"):
                work()
    assert "look at free space" in logs[0]["error"]


async def test_a_damaged_file_on_a_full_disk_stays_until_there_is_room(tmp_path):
    with mounted(tmp_path / "disk", "size=200k") as disk:
        path = disk / "state.db"
        async with Store(path) as store:
            store.save("socket-1", TRIPPED)
        data = path.read_bytes()
        path.write_bytes(b"\xaa" * 4_096 + data[4_096:])
        filler = fill(disk / "filler")
        with capture_logs() as logs:
            async with Store(path, retry_s=0.01) as store:
                assert store.load("socket-1") == TRIPPED
                assert sorted(each.name for each in disk.iterdir()) == ["filler", "state.db"]
                store.save("socket-1", {"trip": None})
                assert not await store.flush()
                filler.unlink()
                async with asyncio.timeout(10):
                    while not await store.flush():
                        pass
        assert warnings(logs)[0] == "store.failed"
        assert await kept(path) == {"trip": None}
        assert (disk / "state.db.damaged-1").exists()


async def test_a_full_disk_takes_no_backup_and_no_restore_and_keeps_what_it_has(tmp_path):
    live, backup = tmp_path / "state.db", tmp_path / "my.backup"
    async with Store(live) as store:
        store.save("socket-1", TRIPPED)
    make_backup(live, backup)
    with mounted(tmp_path / "disk", "size=200k") as disk:
        async with Store(disk / "state.db") as store:
            store.save("socket-1", {"n": 1})
        fill(disk / "filler")
        with pytest.raises(StoreError, match=r"my.backup: the disk is full.*df"):
            make_backup(live, disk / "my.backup")
        with pytest.raises(StoreError, match=r"nothing was changed.*df"):
            restore(backup, disk / "state.db", None)
        names = {each.name for each in disk.iterdir()}
        assert names <= {"filler", "state.db", "state.db-wal", "state.db-shm"}
        with capture_logs():
            assert await kept(disk / "state.db") == {"n": 1}


@pytest.mark.parametrize("room", [0, 4_096, 16_384, 40_960])
async def test_a_target_that_fills_up_is_left_as_it_was(tmp_path, room):
    live = tmp_path / "state.db"
    async with Store(live) as store:
        store.save("socket-1", {"pad": "x" * 60_000})
        assert await store.flush()
        with mounted(tmp_path / "disk", "size=200k") as disk:
            filler = fill(disk / "filler")
            os.truncate(filler, filler.stat().st_size - room)
            with pytest.raises(StoreError, match=r"my.backup: the disk is full.*df"):
                make_backup(live, disk / "my.backup")
            assert [each.name for each in disk.iterdir()] == ["filler"]


@pytest.mark.parametrize("has_log", [False, True])
async def test_a_state_on_a_read_only_disk_is_backed_up_with_its_log(tmp_path, has_log):
    live = tmp_path / "live.db"
    with mounted(tmp_path / "disk", "size=1m") as disk:
        async with Store(live) as store:
            store.save("socket-1", TRIPPED)
            assert await store.flush()
            for suffix in ("", "-wal") if has_log else ():
                shutil.copyfile(f"{live}{suffix}", disk / f"state.db{suffix}")
        if not has_log:
            shutil.copyfile(live, disk / "state.db")
        assert not order("mount", "-o", "remount,ro", str(disk))
        made = make_backup(disk / "state.db", tmp_path / "my.backup")
    assert [device.id for device in made.devices] == ["socket-1"]
    restore(tmp_path / "my.backup", tmp_path / "new" / "state.db", None)
    assert await kept(tmp_path / "new" / "state.db") == TRIPPED


@pytest.fixture
def open_folder():
    """Give a folder that everybody may look into; `tmp_path` stands in one that is closed."""
    with TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


async def test_a_file_that_one_may_not_read_is_said_to_be_one(open_folder):
    live, backup = open_folder / "state.db", open_folder / "my.backup"
    async with Store(live) as store:
        store.save("socket-1", TRIPPED)
    make_backup(live, backup)
    live.chmod(0o600)
    with as_nobody():
        with pytest.raises(StoreError, match=r"state.db may not be read .*run it with sudo"):
            make_backup(live, open_folder / "other.backup")
        with pytest.raises(StoreError, match=r"my.backup may not be read .*run it with sudo"):
            restore(backup, open_folder / "new" / "state.db", None)
    assert sorted(each.name for each in open_folder.iterdir()) == ["my.backup", "state.db"]


async def test_a_commit_that_takes_its_time_holds_up_nobody(tmp_path):
    file = SlowFile(tmp_path / "s.db")
    async with Store(tmp_path / "s.db", file=file) as store:
        file.go.clear()
        store.save("socket-1", {"n": 0})
        await asyncio.to_thread(file.begun.wait, 10)
        for n in range(1, 1_000):  # while the disk does nothing at all
            store.save("socket-1", {"n": n})
            store.record("socket-1", "a", "b", {})
            store.describe()
            await asyncio.sleep(0)
        assert store.load("socket-1") == {"n": 999}
        assert store.describe()["commits"] == 0
        file.go.set()
        assert await store.flush()
    assert await kept(tmp_path / "s.db") == {"n": 999}


class Disk:
    """A disk whose writes last as long as `go` is not set."""

    def __init__(self):
        self.go = threading.Event()
        self.written = []

    def write(self, changes):
        assert self.go.wait(10)
        self.written.append(changes)


async def test_a_slow_disk_is_said_once_and_once_more_when_it_is_quick_again():
    disk = Disk()
    with ThreadPoolExecutor(1) as thread, capture_logs() as logs:
        writer = Writer(thread, disk.write, now=lambda: 0.0, retry_s=9, slow_s=0)
        for _ in range(2):
            disk.go.clear()
            said = len(logs)
            writer.pending.saved["socket-1"] = TRIPPED
            writer.soon("state")
            async with asyncio.timeout(10):
                while len(logs) == said:  # noqa: ASYNC110 - nobody tells that it has been said
                    await asyncio.sleep(0)
            disk.go.set()
            assert await writer.flush()
        writer._slow_s = 60
        writer.pending.saved["socket-1"] = TRIPPED
        writer.soon("state")
        assert await writer.flush()
    assert [(entry["event"], entry["log_level"]) for entry in logs] == [
        ("store.slow", "warning"),
        ("store.slow", "debug"),
        ("store.recovered", "warning"),
    ]
    assert disk.written == [Changes(saved={"socket-1": to_json(TRIPPED)})] * 3

"""The store on disks that are really full and really read-only."""

import asyncio

import pytest
from structlog.testing import capture_logs

from agent.errors import StoreError
from agent.model import Condition, StartCause
from agent.store import Store
from agent.store.backup import make_backup, restore
from tests.store.disks import TRIPPED, as_nobody, fill, mounted, order
from tests.stored import kept


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

"""Backups on disks that are really full and really read-only."""

import os
import shutil
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from structlog.testing import capture_logs

from agent.errors import StoreError
from agent.store import Store
from agent.store.backup import make_backup, restore
from tests.store.disks import TRIPPED, as_nobody, fill, mounted, order
from tests.stored import kept


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

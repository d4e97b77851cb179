"""The store keeps what it is given: on a real disk, without making anyone wait."""

import json
import sqlite3
import threading

from structlog.testing import capture_logs

from agent.store import Store
from agent.store.contents import Changes, Contents, Run
from agent.store.generation import parse
from agent.store.schema import SCHEMA_VERSION
from agent.store.statefile import StateFile
from tests.stored import kept


async def test_what_was_saved_is_there_after_a_restart(tmp_path):
    path = tmp_path / "state" / "agent.sqlite"
    async with Store(path) as store:
        assert store.load("socket-1") is None
        store.save("socket-1", {"relay_on": True, "energy_mj": 2**60})
        store.save("socket-2", {"trip": None})
    async with Store(path) as store:
        assert store.load("socket-1") == {"relay_on": True, "energy_mj": 2**60}
        assert store.load("socket-2") == {"trip": None}


async def test_a_save_never_waits_and_only_the_latest_is_written(tmp_path):
    path = tmp_path / "agent.sqlite"
    async with Store(path) as store:
        for number in range(1_000):
            store.save("socket-1", {"n": number})
        assert store.load("socket-1") == {"n": 999}
        assert threading.active_count() <= 3
        assert await store.flush()
    assert await kept(path) == {"n": 999}


async def test_a_flush_means_on_the_disk(tmp_path):
    path = tmp_path / "agent.sqlite"
    async with Store(path) as store:
        store.save("socket-1", {"trip": "overcurrent"})
        assert await store.flush()
        with sqlite3.connect(path) as other:
            row = other.execute("SELECT saved FROM generation").fetchone()
        other.close()
    found = parse(row[0].encode())
    assert found is not None
    assert json.loads(found.text) == {"trip": "overcurrent"}


async def test_the_disk_is_synced_on_every_commit(tmp_path):
    path = tmp_path / "agent.sqlite"
    file = StateFile(path)
    file.open()
    assert file._database is not None
    assert file._database.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert file._database.execute("PRAGMA synchronous").fetchone() == (2,)
    assert file._database.execute("PRAGMA user_version").fetchone() == (SCHEMA_VERSION,)
    file.close()


def test_a_copy_tells_what_is_in_the_file_and_its_log(tmp_path):
    path = tmp_path / "agent.sqlite"
    writer = StateFile(path)
    writer.open()
    writer.write(Changes(saved={"socket-1": "{}"}, run=Run(boot_id="b1", version="1")))
    assert (tmp_path / "agent.sqlite-wal").stat().st_size > 0
    copy = StateFile(path).read_copy()
    assert copy is not None
    assert {name: kept.text for name, kept in copy.devices.items()} == {"socket-1": "{}"}
    assert copy.run == Run(boot_id="b1", version="1")
    writer.close()
    assert StateFile(tmp_path / "missing").read_copy() == Contents()
    path.write_bytes(b"rubbish" * 99)
    with capture_logs():
        assert StateFile(path).read_copy() is None

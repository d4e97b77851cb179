"""The store: real files, real kills, real damage."""

import asyncio
import json
import signal
import sqlite3
import subprocess
import sys
import threading

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from structlog.testing import capture_logs

from agent.errors import StoreError
from agent.model import StartCause
from agent.statefile import Contents, Run, StateFile
from agent.store import Store, read_boot_id, start_cause


async def kept(path, device="socket-1"):
    async with Store(path) as store:
        return store.load(device)


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
            row = other.execute("SELECT saved FROM device").fetchone()
        other.close()
    assert json.loads(row[0]) == {"trip": "overcurrent"}


async def test_the_disk_is_synced_on_every_commit(tmp_path):
    path = tmp_path / "agent.sqlite"
    file = StateFile(path)
    file.open()
    assert file._database is not None
    assert file._database.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert file._database.execute("PRAGMA synchronous").fetchone() == (2,)
    assert file._database.execute("PRAGMA user_version").fetchone() == (1,)
    file.close()


# ── why the process starts ──────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("last", "cause"),
    [
        (None, StartCause.FIRST),
        (Run(boot_id="b1", version="1", is_clean_stop=True), StartCause.RESTART),
        (Run(boot_id="b1", version="1"), StartCause.CRASH),
        (Run(boot_id="b1", version="0", is_clean_stop=True), StartCause.UPDATE),
        (Run(boot_id="b1", version="0"), StartCause.CRASH),
        (Run(boot_id="b0", version="1", is_clean_stop=True), StartCause.REBOOT),
        (Run(boot_id="b0", version="0"), StartCause.POWER_LOSS),
    ],
)
def test_the_cause_follows_from_how_the_last_run_ended(last, cause):
    assert start_cause(last, "b1", "1") is cause


def test_a_machine_without_a_boot_id_is_never_taken_for_the_same_boot(tmp_path):
    assert read_boot_id(tmp_path / "missing") == ""
    last = Run(boot_id="", version="1", is_clean_stop=True)
    assert start_cause(last, "", "1") is StartCause.REBOOT


def test_the_boot_id_of_this_machine_is_read():
    assert len(read_boot_id()) == 36


async def test_runs_follow_one_another_through_the_file(tmp_path):
    path = tmp_path / "agent.sqlite"
    causes = []
    for boot_id, version, is_clean in [
        ("b1", "1", True),
        ("b1", "1", False),
        ("b1", "1", True),
        ("b1", "2", True),
        ("b2", "2", False),
        ("b3", "2", True),
    ]:
        async with Store(path) as store:
            causes.append(await store.begin_run(boot_id, version))
            if is_clean:
                await store.end_run()
    assert causes == ["first", "restart", "crash", "update", "reboot", "power_loss"]


# ── kills and damage ────────────────────────────────────────────────────────────────────────

WRITER = """
import asyncio, sys
from pathlib import Path
from agent.store import Store
async def main():
    async with Store(Path(sys.argv[1])) as store:
        await store.begin_run("b1", "1")
        n = (store.load("socket-1") or {"n": 0})["n"]
        while True:
            n += 1
            store.save("socket-1", {"n": n, "padding": "x" * 5000})
            assert await store.flush()
            print(n, flush=True)
asyncio.run(main())
"""


@pytest.mark.parametrize("after", [1, 7, 23])
def test_a_kill_in_the_middle_of_writes_loses_nothing_that_was_flushed(tmp_path, after):
    path = tmp_path / "agent.sqlite"
    command = [sys.executable, "-c", WRITER, str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout is not None
        told = 0
        while told < after:
            told = int(writer.stdout.readline())
        writer.send_signal(signal.SIGKILL)
        told = max([told, *(int(line) for line in writer.stdout)])
    contents = StateFile(path).open()
    assert json.loads(contents.saved["socket-1"])["n"] in (told, told + 1)
    assert start_cause(contents.run, "b1", "1") is StartCause.CRASH


async def test_a_damaged_file_is_set_aside_and_a_new_one_begun(tmp_path):
    path = tmp_path / "agent.sqlite"
    for number in (1, 2):
        path.write_bytes(b"not a database at all" * 100)
        with capture_logs() as logs:
            async with Store(path) as store:
                assert store.load("socket-1") is None
                assert await store.begin_run("b1", "1") is StartCause.POWER_LOSS
                store.save("socket-1", {"n": number})
        assert [entry["event"] for entry in logs] == ["store.damaged"]
        assert (tmp_path / f"agent.sqlite.damaged-{number}").read_bytes().startswith(b"not a")
        assert await kept(path) == {"n": number}


async def test_damage_while_running_costs_nothing_that_is_known(tmp_path):
    path = tmp_path / "agent.sqlite"
    file = StateFile(path)
    file.open()
    file.write(Contents(saved={"a": "1"}, run=Run(boot_id="b1", version="1")))
    file.close()
    file.open()
    path.write_bytes(b"\0" * path.stat().st_size)
    for suffix in ("-wal", "-shm"):
        (tmp_path / f"agent.sqlite{suffix}").unlink(missing_ok=True)
    file._database = sqlite3.connect(path, isolation_level=None)
    path.write_bytes(b"garbage!" * 1_000)
    file.write(Contents(saved={"b": "2"}))
    file.close()
    again = StateFile(path).open()
    assert again.saved == {"a": "1", "b": "2"}
    assert again.run == Run(boot_id="b1", version="1")


@settings(max_examples=30)
@given(data=st.binary(max_size=400), keep=st.integers(0, 8192))
def test_any_file_is_either_read_or_set_aside(tmp_path_factory, data, keep):
    path = tmp_path_factory.mktemp("any") / "agent.sqlite"
    whole = StateFile(path)
    whole.open()
    whole.write(Contents(saved={"socket-1": "{}"}))
    whole.close()
    path.write_bytes(path.read_bytes()[:keep] + data)
    with capture_logs():
        file = StateFile(path)
        contents = file.open()
        file.write(Contents(saved={"socket-2": "{}"}))
        file.close()
    assert contents.saved in ({}, {"socket-1": "{}"})
    assert StateFile(path).open().saved["socket-2"] == "{}"


async def test_a_file_of_a_newer_version_is_left_alone(tmp_path):
    path = tmp_path / "agent.sqlite"
    with sqlite3.connect(path) as database:
        database.execute("PRAGMA user_version = 7")
    database.close()
    with capture_logs() as logs:
        async with Store(path) as store:
            store.save("socket-1", {})
            assert not await store.flush()
    assert "install the version that wrote it" in logs[0]["error"]
    assert [p.name for p in tmp_path.glob("*damaged*")] == []


async def test_text_that_is_not_json_counts_as_nothing_kept(tmp_path):
    path = tmp_path / "agent.sqlite"
    file = StateFile(path)
    file.open()
    file.write(Contents(saved={"socket-1": "{", "socket-2": "[]"}))
    file.close()
    with capture_logs() as logs:
        async with Store(path) as store:
            assert store.load("socket-1") is None
            assert store.load("socket-2") is None
    assert [entry["event"] for entry in logs] == ["store.unreadable"] * 2


# ── a disk that does not take it ────────────────────────────────────────────────────────────


async def test_a_folder_that_cannot_be_written_is_said_once_and_tried_again(tmp_path):
    (tmp_path / "state").write_text("in the way")
    with capture_logs() as logs:
        async with Store(tmp_path / "state" / "agent.sqlite", retry_s=0.01) as store:
            assert await store.begin_run("b1", "1") is StartCause.FIRST
            store.save("socket-1", {"n": 1})
            assert not await store.flush()
            (tmp_path / "state").unlink()
            store.save("socket-1", {"n": 2})
            async with asyncio.timeout(5):
                while not await store.flush():
                    pass
            assert store.failures >= 2
    warnings = [entry["event"] for entry in logs if entry["log_level"] == "warning"]
    assert warnings == ["store.failed", "store.recovered"]
    assert await kept(tmp_path / "state" / "agent.sqlite") == {"n": 2}


async def test_a_write_that_fails_late_never_overlays_a_newer_save(tmp_path):
    (tmp_path / "state").write_text("in the way")
    with capture_logs():
        async with Store(tmp_path / "state" / "agent.sqlite") as store:
            store.save("socket-1", {"n": 1})  # under way now
            store.save("socket-1", {"n": 2})
            assert not await store.flush()
            (tmp_path / "state").unlink()
            assert await store.flush()
    assert await kept(tmp_path / "state" / "agent.sqlite") == {"n": 2}


async def test_a_full_disk_keeps_the_latest_until_there_is_room(tmp_path):
    path = tmp_path / "agent.sqlite"
    async with Store(path, retry_s=0.01) as store:
        store.save("socket-1", {"n": 0})
        assert await store.flush()
        database = store._file._database
        assert database is not None
        await asyncio.get_running_loop().run_in_executor(
            store._thread, database.execute, "PRAGMA max_page_count = 1"
        )
        store.save("socket-1", {"n": 1, "padding": "x" * 100_000})
        with capture_logs() as logs:
            assert not await store.flush()
        assert logs[0]["event"] == "store.failed"
        assert "look at free space" in logs[0]["error"]
        store.save("socket-1", {"n": 2, "padding": "x" * 100_000})
        await asyncio.get_running_loop().run_in_executor(
            store._thread, database.execute, "PRAGMA max_page_count = 100000"
        )
        async with asyncio.timeout(5):
            while not await store.flush():
                pass
    saved = await kept(path)
    assert saved is not None
    assert saved["n"] == 2


async def test_a_file_that_cannot_be_opened_in_its_place_still_gives_the_trip(tmp_path):
    path = tmp_path / "agent.sqlite"
    async with Store(path) as store:
        await store.begin_run("b1", "1")
        store.save("socket-1", {"trip": "overcurrent"})

    class ReadOnly(StateFile):
        def open(self) -> Contents:
            raise StoreError("attempt to write a readonly database")

    store = Store(path)
    store._file = ReadOnly(path)
    with capture_logs() as logs:
        async with store:
            assert store.load("socket-1") == {"trip": "overcurrent"}
            assert await store.begin_run("b1", "1") is StartCause.CRASH
    warnings = [entry["event"] for entry in logs if entry["log_level"] == "warning"]
    assert warnings == ["store.failed"]


def test_a_copy_tells_what_is_in_the_file_and_its_log(tmp_path):
    path = tmp_path / "agent.sqlite"
    writer = StateFile(path)
    writer.open()
    writer.write(Contents(saved={"socket-1": "{}"}, run=Run(boot_id="b1", version="1")))
    assert (tmp_path / "agent.sqlite-wal").stat().st_size > 0
    copy = StateFile(path).read_copy()
    assert copy == Contents(saved={"socket-1": "{}"}, run=Run(boot_id="b1", version="1"))
    writer.close()
    assert StateFile(tmp_path / "missing").read_copy() == Contents()
    path.write_bytes(b"rubbish" * 99)
    with capture_logs():
        assert StateFile(path).read_copy() is None


def test_every_failure_names_the_file_and_what_to_look_at(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="look at free space"):
        StateFile(tmp_path / "file" / "agent.sqlite").open()

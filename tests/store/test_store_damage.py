"""The store through real kills and real damage."""

import json
import shutil
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from structlog.testing import capture_logs

from agent.model import Condition, StartCause
from agent.store import Store, start_cause
from agent.store.contents import Changes, Run
from agent.store.install import MOST_DAMAGED
from agent.store.statefile import StateFile
from tests.store.spoiling import spoil
from tests.stored import contents_of, kept

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


def texts(contents):
    return {device: kept.text for device, kept in contents.devices.items()}


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
    contents = contents_of(path)
    assert json.loads(texts(contents)["socket-1"])["n"] in (told, told + 1)
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
    file.write(Changes(saved={"a": "1"}, run=Run(boot_id="b1", version="1")))
    file.close()
    file.open()
    path.write_bytes(b"\0" * path.stat().st_size)
    for suffix in ("-wal", "-shm"):
        (tmp_path / f"agent.sqlite{suffix}").unlink(missing_ok=True)
    file._database = sqlite3.connect(path, isolation_level=None)
    path.write_bytes(b"garbage!" * 1_000)
    file.write(Changes(saved={"b": "2"}))
    file.close()
    again = contents_of(path)
    assert texts(again) == {"a": "1", "b": "2"}
    assert again.run == Run(boot_id="b1", version="1")


@settings(max_examples=30)
@given(data=st.binary(max_size=400), keep=st.integers(0, 8192))
def test_any_file_is_either_read_or_set_aside(tmp_path_factory, data, keep):
    path = tmp_path_factory.mktemp("any") / "agent.sqlite"
    whole = StateFile(path)
    whole.open()
    whole.write(Changes(saved={"socket-1": "{}"}))
    whole.close()
    path.write_bytes(path.read_bytes()[:keep] + data)
    with capture_logs():
        file = StateFile(path)
        contents = file.open()
        file.write(Changes(saved={"socket-2": "{}"}))
        file.close()
    assert texts(contents) in ({}, {"socket-1": "{}"})
    assert texts(contents_of(path))["socket-2"] == "{}"


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
    file.write(Changes(saved={"socket-1": "{", "socket-2": "[]"}))
    file.close()
    with capture_logs() as logs:
        async with Store(path) as store:
            assert store.load("socket-1") is None
            assert store.load("socket-2") is None
            assert store.condition("socket-1") is Condition.LOST
    events = [entry["event"] for entry in logs if entry["log_level"] == "warning"]
    assert events == ["store.unreadable"] * 2


async def found_in(path):
    """Open the store as the next start does; tell what it thinks of the state, and what it said."""
    with capture_logs() as logs:
        async with Store(path) as store:
            found = (store.load("socket-1"), store.condition("socket-1"), store.cause("b1", "1"))
    return *found, [entry["event"] for entry in logs]


def empty(path):
    path.write_bytes(b"")


def empty_of_tables(path):
    with closing(sqlite3.connect(path)) as database:
        database.execute("VACUUM")  # writes a header, as a start does that comes no further


@pytest.mark.parametrize("make", [empty, empty_of_tables])
async def test_an_empty_file_is_damage_and_no_new_socket(tmp_path, make):
    path = tmp_path / "state.db"
    make(path)
    lost = (None, Condition.LOST, StartCause.POWER_LOSS)
    assert await found_in(path) == (*lost, ["store.damaged"])
    assert (tmp_path / "state.db.damaged-1").exists()


async def test_where_there_is_no_file_the_socket_is_new(tmp_path):
    path = tmp_path / "state.db"
    assert await found_in(path) == (None, Condition.NEW, StartCause.FIRST, [])
    assert [each.name for each in tmp_path.iterdir()] == ["state.db"]


async def test_an_emptied_file_is_read_out_of_the_log_that_it_left(tmp_path):
    path, live = tmp_path / "state.db", tmp_path / "live.db"
    async with Store(live) as store:
        store.save("socket-1", {"trip": "overcurrent"})
        assert await store.flush()
        shutil.copyfile(f"{live}-wal", f"{path}-wal")
    path.write_bytes(b"")
    saved, condition, cause, events = await found_in(path)
    assert (saved, condition) == ({"trip": "overcurrent"}, Condition.SALVAGED)
    assert (cause, events) == (StartCause.POWER_LOSS, ["store.damaged"])


class FullFile(StateFile):
    """A file on a disk that has no room for the first table."""

    def _connect(self):
        self._path.write_bytes(b"")
        error = sqlite3.OperationalError("database or disk is full")
        error.sqlite_errorcode = sqlite3.SQLITE_FULL
        raise error


@pytest.mark.parametrize(
    ("was_there", "condition"), [(False, Condition.NEW), (True, Condition.LOST)]
)
async def test_an_empty_file_on_a_full_disk_is_new_only_if_it_is_of_this_start(
    tmp_path, was_there, condition
):
    path = tmp_path / "state.db"
    if was_there:
        path.write_bytes(b"")
    with capture_logs():
        async with Store(path, file=FullFile(path)) as store:
            assert store.condition("socket-1") is condition


def test_of_many_damaged_files_the_first_stay_and_the_last_name_goes_to_the_newest(tmp_path):
    path = tmp_path / "state.db"
    for number in range(1, MOST_DAMAGED):
        (tmp_path / f"state.db.damaged-{number}").write_text("older")
    with capture_logs() as logs:
        for number in (1, 2, 3):
            path.write_bytes(b"damage %d " % number * 100)
            file = StateFile(path)
            file.open()
            file.write(Changes(saved={"socket-1": "{}"}))
            file.close()
    kept = {each.name: each.read_bytes() for each in tmp_path.glob("*damaged*")}
    assert len(kept) == MOST_DAMAGED
    assert kept[f"state.db.damaged-{MOST_DAMAGED - 1}"] == b"older"
    assert kept[f"state.db.damaged-{MOST_DAMAGED}"].startswith(b"damage 3 ")
    assert [each["event"] for each in logs].count("store.many_damaged") == 2
    assert texts(contents_of(path)) == {"socket-1": "{}"}


def test_when_all_names_are_taken_no_copy_is_made(tmp_path):
    path = tmp_path / "state.db"
    file = StateFile(path)
    file.open()
    file.write(Changes(saved={"socket-1": "{}"}))
    file.close()
    for number in range(1, MOST_DAMAGED + 1):
        (tmp_path / f"state.db.damaged-{number}").write_text("older")
    spoil(path, {1})
    with capture_logs() as logs:
        StateFile(path).open()
    assert "store.many_damaged" in [each["event"] for each in logs]
    assert {each.read_text() for each in tmp_path.glob("*damaged*")} == {"older"}


@pytest.mark.parametrize("number", [-(1 << 31), -1, 1_001, 0x01000004, (1 << 31) - 1])
def test_a_schema_that_no_version_writes_is_damage_and_the_state_is_salvaged(tmp_path, number):
    path = tmp_path / "state.db"
    file = StateFile(path)
    file.open()
    file.write(Changes(saved={"socket-1": '{"total": 7}'}))
    file.close()
    with sqlite3.connect(path) as database:
        database.execute(f"PRAGMA user_version = {number}")
    database.close()
    with capture_logs():
        again = StateFile(path)
        kept = again.open().devices["socket-1"]
        again.close()
    assert (kept.text, kept.condition) == ('{"total": 7}', Condition.SALVAGED)

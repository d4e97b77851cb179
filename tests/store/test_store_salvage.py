"""What is read out of a damaged file: what was kept last, and never what was not written."""

import json
import shutil
import sqlite3
from contextlib import closing

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from structlog.testing import capture_logs

from agent.memory import Attempt
from agent.model import Condition, StartCause
from agent.store import Store
from agent.store.contents import Changes, Run
from agent.store.generation import written
from agent.store.salvage import STEP, salvage
from agent.store.statefile import StateFile
from tests.store.spoiling import TRIPPED, events, kept_state, write_header
from tests.stored import contents_of


@pytest.mark.parametrize("is_stopped", [True, False])
@pytest.mark.parametrize("header", [b"\0" * 4_096, b"garbage " * 512])
async def test_the_trip_and_the_total_survive_a_spoilt_header_page(tmp_path, is_stopped, header):
    path = tmp_path / "state.db"
    await kept_state(path, is_stopped=is_stopped)
    write_header(path, header)
    with capture_logs() as logs:
        async with Store(path) as store:
            assert store.load("socket-1") == TRIPPED
            assert store.condition("socket-1") is Condition.SALVAGED
            assert store.condition("socket-2") is Condition.LOST
            assert store.cause("b1", "1") is StartCause.POWER_LOSS
    assert events(logs) == ["store.damaged"]
    assert logs[0]["salvaged"] == ["socket-1"]
    assert (tmp_path / "state.db.damaged-1").read_bytes().startswith(header[:99])
    async with Store(path) as store:
        assert store.load("socket-1") == TRIPPED
        assert store.condition("socket-1") is Condition.GOOD
        assert store.cause("b1", "1") is StartCause.POWER_LOSS  # until a run is marked


async def test_a_state_of_nearly_a_page_survives_a_spoilt_header_page(tmp_path):
    path = tmp_path / "state.db"
    saved = {**TRIPPED, "history": "x" * 3_700}
    async with Store(path) as store:
        for n in range(3):
            store.save("socket-1", {**saved, "n": n})
            assert await store.flush()
    write_header(path)
    with capture_logs():
        async with Store(path) as store:
            assert store.load("socket-1") == {**saved, "n": 2}


@pytest.mark.parametrize("length", [4_000, 4_096, 8_300, 13_000, 60_000, 300_000])
@pytest.mark.parametrize("is_stopped", [True, False])
async def test_a_state_of_many_pages_survives_a_spoilt_header_page(tmp_path, length, is_stopped):
    live, path = tmp_path / "live.db", tmp_path / "state.db"
    saved = {**TRIPPED, "plan": "".join(chr(97 + n * n % 26) for n in range(length))}
    async with Store(live) as store:
        for n in range(5):
            store.save("socket-1", {**saved, "n": n})
            store.save("socket-2", {**saved, "n": n + 1})
            assert await store.flush()
        for suffix in () if is_stopped else ("", "-wal"):
            shutil.copyfile(f"{live}{suffix}", f"{path}{suffix}")
    if is_stopped:
        shutil.copyfile(live, path)
    write_header(path)
    with capture_logs():
        async with Store(path) as store:
            assert store.load("socket-1") == {**saved, "n": 4}
            assert store.load("socket-2") == {**saved, "n": 5}
            assert store.condition("socket-1") is Condition.SALVAGED


async def test_a_state_of_many_pages_of_which_one_is_spoilt_too_is_the_one_before(tmp_path):
    path = tmp_path / "state.db"
    saved = {**TRIPPED, "plan": "x" * 13_000}
    async with Store(path) as store:
        for n in range(3):
            store.save("socket-1", {**saved, "n": n})
            assert await store.flush()
    newest = b'"n": 2}'
    data = path.read_bytes()
    assert data.count(newest) == 1
    write_header(path)
    with path.open("r+b") as file:
        file.seek(data.index(newest))
        file.write(b'"n": 7}')
    with capture_logs():
        async with Store(path) as store:
            assert store.load("socket-1") == {**saved, "n": 1}


async def test_a_spoilt_header_page_costs_nothing_while_the_log_has_another(tmp_path):
    path = tmp_path / "state.db"
    await kept_state(path, is_stopped=False)
    with path.open("r+b") as file:
        file.write(b"\0" * 4_096)
    async with Store(path) as store:
        assert store.load("socket-1") == TRIPPED
        assert store.condition("socket-1") is Condition.GOOD
        assert store.cause("b1", "1") is StartCause.CRASH


async def test_a_log_that_held_everything_and_cannot_be_read_is_no_new_file(tmp_path):
    path = tmp_path / "state.db"
    await kept_state(path, is_stopped=False)
    size = path.stat().st_size
    assert size == 4_096  # nothing has been moved out of the log yet
    log = tmp_path / "state.db-wal"
    log.write_bytes(b"\0" * 32 + log.read_bytes()[32:])
    copy = StateFile(path).read_copy()
    assert copy is not None
    assert copy.is_damaged
    assert json.loads(copy.devices["socket-1"].text or "") == TRIPPED
    with capture_logs() as logs:
        async with Store(path) as store:
            assert store.load("socket-1") == TRIPPED
            assert store.cause("b1", "1") is StartCause.POWER_LOSS
    assert events(logs) == ["store.damaged"]
    assert (tmp_path / "state.db.damaged-1-wal").stat().st_size > 0


async def test_what_sqlite_can_still_read_is_taken_over_too(tmp_path):
    path = tmp_path / "state.db"
    await kept_state(path, is_stopped=True)
    with closing(sqlite3.connect(path, isolation_level=None)) as database:
        (page,) = database.execute(
            "SELECT rootpage FROM sqlite_master WHERE name = 'sqlite_autoindex_attempt_1'"
        ).fetchone()
    with path.open("r+b") as file:
        file.seek((page - 1) * 4_096)
        file.write(b"\xff" * 4_096)
    with capture_logs() as logs:
        async with Store(path) as store:
            assert store.load("socket-1") == TRIPPED
            assert store.remembered("socket-1") == (("k", None),)
            assert store.last_attempt("tencent/a") == Attempt(boot_id="b1", at=5.0)
            (row,) = await store.records("socket-1")
            assert row.details == {"value": 7.3}
            assert await store.flush()
    assert events(logs) == ["store.damaged"]


async def test_a_file_of_version_1_that_is_damaged_gives_what_sqlite_can_read(tmp_path):
    path = tmp_path / "state.db"
    with closing(sqlite3.connect(path)) as database:
        database.executescript(
            "CREATE TABLE device (id TEXT PRIMARY KEY, saved TEXT, saved_at INT) WITHOUT ROWID;"
            "CREATE TABLE run (number INTEGER PRIMARY KEY, other TEXT);"
            """INSERT INTO device VALUES ('socket-1', '{"trip": "overcurrent"}', 5);"""
            "PRAGMA user_version = 1;"
        )
        (page,) = database.execute(
            "SELECT rootpage FROM sqlite_master WHERE name = 'run'"
        ).fetchone()
    with path.open("r+b") as file:
        file.seek((page - 1) * 4_096)
        file.write(b"\xff" * 4_096)
    with capture_logs():
        async with Store(path) as store:
            assert store.load("socket-1") == {"trip": "overcurrent"}
            assert store.condition("socket-1") is Condition.SALVAGED


def test_a_generation_on_the_border_of_two_steps_is_found(tmp_path):
    path = tmp_path / "state.db"
    line = written("socket-1", 9, json.dumps({"x": "y" * 3_000})).encode()
    path.write_bytes(b"\xaa" * (STEP - 1_000) + line + b"\xbb" * 99)
    assert salvage(path).devices["socket-1"].sequence == 9
    assert salvage(tmp_path / "missing").devices == {}
    assert salvage(tmp_path).devices == {}  # a folder: said, not raised


TOTALS = st.lists(st.integers(0, 10**9), min_size=1, max_size=6)


HITS = st.lists(st.tuples(st.floats(0, 1), st.binary(min_size=1, max_size=200)), max_size=6)


@settings(max_examples=60)
@given(totals=TOTALS, padding=st.integers(0, 6_000), hits=HITS, cut=st.floats(0, 1))
def test_damage_anywhere_gives_a_state_that_was_written_or_none(
    tmp_path_factory, totals, padding, hits, cut
):
    folder = tmp_path_factory.mktemp("damage")
    live = StateFile(folder / "live.db")
    live.open()
    texts = [json.dumps({"total": total, "pad": "x" * padding}) for total in totals]
    for text in texts:
        live.write(Changes(saved={"socket-1": text}, run=Run(boot_id="b1", version="1")))
    path = folder / "state.db"
    for suffix in ("", "-wal"):
        data = bytearray((folder / f"live.db{suffix}").read_bytes())
        for at, garbage in hits:
            place = int(at * len(data))
            data[place : place + len(garbage)] = garbage
        if suffix == "-wal":
            del data[int(cut * len(data)) :]
        (folder / f"state.db{suffix}").write_bytes(data)
    live.close()
    with capture_logs():
        file = StateFile(path)
        kept = file.open().devices.get("socket-1")
        assert kept is None or kept.text in (None, *texts)
        file.write(Changes(saved={"socket-1": '{"total": -1}'}))
        file.close()
        again = contents_of(path).devices["socket-1"]
    assert (again.text, again.condition) == ('{"total": -1}', Condition.GOOD)

"""What is read out of a damaged file: what was kept last, and never what was not written."""

import json
import shutil
import sqlite3
from contextlib import closing, suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from structlog.testing import capture_logs

from agent.model import Condition, StartCause
from agent.store import Store
from agent.store.contents import Changes, Run
from agent.store.generation import scan, written
from agent.store.install import install
from agent.store.salvage import STEP, salvage
from agent.store.statefile import StateFile
from tests.stored import contents_of

TRIPPED = {"trip": {"cause": "overcurrent"}, "energy": {"total_mj": 7_200_000_000}}


def events(logs):
    return [entry["event"] for entry in logs]


def write_header(path, data=b"\0" * 4_096):
    """Spoil the header page and the head of the log, as a card does that mixes up its sectors."""
    with path.open("r+b") as file:
        file.write(data)
    log = path.with_name(f"{path.name}-wal")
    if log.exists():
        with log.open("r+b") as file:
            file.write(data[:32])


async def kept_state(path, *, is_stopped):
    """Make a state file with a trip in it: closed, or as a power cut leaves it, with its log."""
    live = path.with_name("live.db")
    async with Store(live, boot_id="b1") as store:
        await store.begin_run("b1", "1")
        store.save("socket-1", {"trip": None})
        assert await store.flush()
        store.save("socket-1", TRIPPED)
        store.record("socket-1", "protection", "trip", {"value": 7.3})
        assert await store.remember("socket-1", "k", None)
        assert await store.note_attempt("tencent/a", "b1", 5.0)
        for suffix in () if is_stopped else ("", "-wal"):
            shutil.copyfile(f"{live}{suffix}", f"{path}{suffix}")
    if is_stopped:
        shutil.copyfile(live, path)


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
            assert store.last_attempt("tencent/a", "b1") == 5.0
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


def spoil(path, wanted):
    """Change a byte of the JSON of the generations of these sequences, wherever SQLite put it."""
    with closing(sqlite3.connect(path)) as database, database:
        for number, saved in database.execute("SELECT number, saved FROM generation").fetchall():
            (found,) = scan(saved.encode())
            if found.sequence in wanted:
                worn = saved.encode()[:-2] + b"\xff}"
                database.execute(
                    "UPDATE generation SET saved = CAST(? AS TEXT) WHERE number = ?", (worn, number)
                )


async def three_saves(path):
    async with Store(path) as store:
        for n in (1, 2, 3):
            store.save("socket-1", {"n": n})
            store.record("socket-1", "energy", str(n), {})
            assert await store.flush()


async def test_a_worn_newest_generation_gives_the_one_before(tmp_path):
    path = tmp_path / "state.db"
    await three_saves(path)
    spoil(path, {3})
    with capture_logs() as logs:
        async with Store(path) as store:
            assert store.load("socket-1") == {"n": 2}
            assert store.condition("socket-1") is Condition.OLDER
            store.save("socket-1", {"n": 4})
    assert events(logs) == ["store.generation_damaged"]
    async with Store(path) as store:
        assert store.load("socket-1") == {"n": 4}
        assert store.condition("socket-1") is Condition.GOOD


async def test_two_worn_generations_are_said_copied_aside_and_written_over(tmp_path):
    path = tmp_path / "state.db"
    await three_saves(path)
    spoil(path, {2, 3})
    with capture_logs() as logs:
        async with Store(path) as store:
            condition = store.condition("socket-1")
            assert condition in (Condition.LOST, Condition.SALVAGED)
            assert (store.load("socket-1") is None) is (condition is Condition.LOST)
            assert len(await store.records("socket-1")) == 3  # the rest of the file is whole
    assert events(logs) == ["store.generation_damaged"]
    assert len(list(tmp_path.glob("*damaged-1"))) == 1
    with capture_logs() as logs:
        async with Store(path) as store:
            store.save("socket-1", {"n": 5})
    assert events(logs) == []
    assert not list(tmp_path.glob("*damaged-2*"))
    contents = contents_of(path)
    assert contents.devices["socket-1"].text == '{"n": 5}'


async def test_an_older_generation_that_lies_about_is_found_when_both_are_worn(tmp_path):
    path = tmp_path / "state.db"
    await three_saves(path)
    spoil(path, {2, 3})
    with path.open("ab") as file:  # a page that SQLite does not use
        file.write(written("socket-1", 1, '{"n": 1}').encode().ljust(4_096, b"\0"))
    with capture_logs():
        async with Store(path) as store:
            assert store.load("socket-1") == {"n": 1}
            assert store.condition("socket-1") is Condition.SALVAGED
    contents = contents_of(path)
    assert contents.devices["socket-1"].text == '{"n": 1}'
    assert contents.devices["socket-1"].sequence == 3


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


STEPS = ["draft", "new", "log aside", "old aside"]


@pytest.mark.parametrize("until", STEPS)
async def test_a_crash_while_a_new_file_is_put_in_place_leaves_the_old_or_the_new(tmp_path, until):
    path, draft = tmp_path / "state.db", tmp_path / "state.db.draft"
    await kept_state(path, is_stopped=False)
    write_header(path)
    built = tmp_path / "built.db"
    async with Store(built) as store:
        store.save("socket-1", TRIPPED)
    built.rename(draft)
    if until != "draft":
        draft.rename(tmp_path / "state.db.new")
    if until in ("log aside", "old aside"):
        (tmp_path / "state.db-wal").rename(tmp_path / "state.db.damaged-1-wal")
    if until == "old aside":
        path.rename(tmp_path / "state.db.damaged-1")
    with capture_logs():
        copy = StateFile(path).read_copy()
        assert copy is not None
        assert json.loads(copy.devices["socket-1"].text or "") == TRIPPED
        async with Store(path) as store:
            assert store.load("socket-1") == TRIPPED
    assert (tmp_path / "state.db.damaged-1").exists()
    assert not [*tmp_path.glob("*.new*"), *tmp_path.glob("*.draft*")]


def test_the_log_of_the_old_file_is_never_taken_by_the_new_one(tmp_path):
    path = tmp_path / "state.db"
    old = StateFile(path)
    old.open()
    old.write(Changes(saved={"socket-1": '"old"'}))
    draft = StateFile(tmp_path / "draft.db")
    draft.open()
    draft.write(Changes(saved={"socket-1": '"new"'}))
    draft.close()
    aside = install(path, tmp_path / "draft.db", aside="before-restore")
    assert aside == tmp_path / "state.db.before-restore-1"
    assert contents_of(path).devices["socket-1"].text == '"new"'
    with suppress(sqlite3.Error):
        old.close()

"""A state file of every earlier version is taken over whole; a newer one is left alone."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from agent.errors import StoreError
from agent.model import Condition, StartCause
from agent.store import Store
from agent.store.schema import MIGRATIONS, SCHEMA_VERSION, migrate
from agent.store.statefile import StateFile
from tests.stored import contents_of

FIXTURES = Path(__file__).parent.parent / "fixtures"


def fixture(version):
    return FIXTURES / f"state_v{version}.sql"


def made(path, version):
    """Make a state file as *version* left it."""
    with closing(sqlite3.connect(path)) as database:
        database.execute("PRAGMA journal_mode = WAL")
        database.executescript(fixture(version).read_text())
    return path


def schema_of(path):
    with closing(sqlite3.connect(path)) as database:
        rows = database.execute("SELECT type, name, sql FROM sqlite_master")
        return sorted((kind, name, " ".join((sql or "").split())) for kind, name, sql in rows)


@pytest.mark.parametrize("version", range(1, SCHEMA_VERSION))
def test_every_earlier_version_has_a_fixture(version):
    assert fixture(version).exists(), f"write tests/fixtures/state_v{version}.sql"
    assert f"PRAGMA user_version = {version};" in fixture(version).read_text()


def test_the_migrations_lead_from_nothing_to_now_without_a_gap():
    assert list(MIGRATIONS) == list(range(1, SCHEMA_VERSION + 1))


@pytest.mark.parametrize("version", range(1, SCHEMA_VERSION))
async def test_an_earlier_file_keeps_its_devices_and_its_run(tmp_path, version):
    path = made(tmp_path / "state.db", version)
    with capture_logs() as logs:
        async with Store(path) as store:
            trip = store.load("socket-1")
            assert trip is not None
            assert trip["trip"]["cause"] == "overcurrent"
            assert trip["energy"]["total_mj"] == 7_200_000_000
            assert store.load("socket-2") == {"relay_on": True}
            assert store.condition("socket-1") is Condition.GOOD
            assert store.cause("b1", "0.1.0") is StartCause.CRASH
            assert store.cause("b2", "0.1.0") is StartCause.POWER_LOSS
    assert [entry["event"] for entry in logs] == ["store.migrated"]
    contents = contents_of(path)
    assert {kept.sequence for kept in contents.devices.values()} == {1}


@pytest.mark.parametrize("version", range(1, SCHEMA_VERSION))
def test_an_earlier_file_ends_with_the_schema_of_a_new_one(tmp_path, version):
    contents_of(made(tmp_path / "old.db", version))
    contents_of(tmp_path / "new.db")
    assert schema_of(tmp_path / "old.db") == schema_of(tmp_path / "new.db")


@pytest.mark.parametrize(
    ("obstacle", "said"),
    [
        ("PRAGMA max_page_count = 4", "full"),
        ("SELECT 1", "locked"),  # a table that is being read cannot be dropped
    ],
)
def test_a_migration_that_fails_half_way_leaves_the_file_as_it_was(tmp_path, obstacle, said):
    path = made(tmp_path / "state.db", 1)
    before = schema_of(path)
    with closing(sqlite3.connect(path, isolation_level=None)) as database:
        database.execute(obstacle)
        reading = database.execute("SELECT * FROM device") if said == "locked" else None
        if reading is not None:
            reading.fetchone()
        with pytest.raises(sqlite3.OperationalError, match=said):
            migrate(database, path)
        assert database.execute("PRAGMA user_version").fetchone() == (1,)
        assert not database.in_transaction
    assert schema_of(path) == before
    assert contents_of(path).devices["socket-2"].text == '{"relay_on": true}'


def test_an_earlier_file_on_a_disk_that_takes_nothing_is_read_all_the_same(tmp_path):
    path = made(tmp_path / "state.db", 1)
    copy = StateFile(path).read_copy()
    assert copy is not None
    assert copy.devices["socket-2"].text == '{"relay_on": true}'
    with closing(sqlite3.connect(path)) as database:
        assert database.execute("PRAGMA user_version").fetchone() == (1,)


async def test_the_trip_is_known_even_from_a_file_of_a_newer_version(tmp_path):
    path = tmp_path / "state.db"
    async with Store(path) as store:
        store.save("socket-1", {"trip": "overcurrent"})
    with closing(sqlite3.connect(path)) as database:
        database.execute("PRAGMA user_version = 99")
    with pytest.raises(StoreError, match="install the version that wrote it"):
        contents_of(path)
    with capture_logs():
        async with Store(path) as store:
            assert store.load("socket-1") == {"trip": "overcurrent"}
            assert store.condition("socket-1") is Condition.SALVAGED
            store.save("socket-1", {"trip": None})
    with closing(sqlite3.connect(path)) as database:
        assert database.execute("PRAGMA user_version").fetchone() == (99,)

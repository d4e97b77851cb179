"""States and backups that are not whole."""

import sqlite3
from contextlib import closing

import pytest
from structlog.testing import capture_logs

from tests.cli.backup_support import keep, loaded, polycloud
from tests.store.spoiling import spoil


async def test_a_failed_backup_leaves_nothing_beside_it(tmp_path):
    state, target = tmp_path / "state", tmp_path / "target"
    target.mkdir()
    await keep(state)
    cut(state / "state.db")
    code, _, err = polycloud("backup", target / "b", "--state-dir", state)
    assert code == 1
    assert str(state / "state.db") in err
    assert list(target.iterdir()) == []


def cut(file):
    file.write_bytes(file.read_bytes()[:9_000])


def worn(file):
    data = bytearray(file.read_bytes())
    at = data.rindex(b"overcurrent")
    data[at : at + 4] = b"OVER"
    file.write_bytes(data)


def newer(file):
    with closing(sqlite3.connect(file)) as database:
        database.execute("PRAGMA user_version = 9")


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (cut, "is not a whole state file"),
        (worn, "does not match its checksum"),
        (newer, "install the version that wrote it"),
        (lambda file: file.write_bytes(b"rubbish" * 999), "is not a whole state file"),
        (lambda file: file.write_bytes(b""), "none of the agent's tables"),
        (lambda file: file.unlink(), "there is no such file"),
    ],
)
async def test_a_backup_that_is_not_whole_is_refused_and_the_state_stays(tmp_path, damage, said):
    file = tmp_path / "my.backup"
    await keep(tmp_path)
    assert polycloud("backup", file, "--state-dir", tmp_path)[0] == 0
    damage(file)
    before = (tmp_path / "state.db").read_bytes()
    code, out, err = polycloud("restore", file, "--state-dir", tmp_path)
    assert (code, out) == (1, "")
    assert said in err
    assert str(file) in err
    assert (tmp_path / "state.db").read_bytes() == before


async def test_a_state_with_two_worn_generations_gives_no_backup(tmp_path):
    await keep(tmp_path)
    await keep(tmp_path)
    spoil(tmp_path / "state.db", {1, 2})
    code, _, err = polycloud("backup", tmp_path / "b", "--state-dir", tmp_path)
    assert code == 1
    assert "checksum" in err
    assert not (tmp_path / "b").exists()
    with capture_logs():
        await loaded(tmp_path)

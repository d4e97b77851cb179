"""A new file is put in place of a damaged one, over every crash on the way."""

import json
import sqlite3
from contextlib import suppress

import pytest
from structlog.testing import capture_logs

from agent.store import Store
from agent.store.contents import Changes
from agent.store.install import install
from agent.store.statefile import StateFile
from tests.store.spoiling import TRIPPED, kept_state, write_header
from tests.stored import contents_of

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

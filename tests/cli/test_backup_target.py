"""Where `polycloud backup` writes, and what it never replaces."""

import stat
from contextlib import AsyncExitStack

import pytest

from agent.store import Store
from tests.cli.backup_support import SAVED, keep, loaded, polycloud


async def test_an_existing_file_is_replaced_only_with_force(tmp_path):
    await keep(tmp_path)
    file = tmp_path / "my.backup"
    file.write_text("mine")
    code, _, err = polycloud("backup", file, "--state-dir", tmp_path)
    assert code == 1
    assert "--force" in err
    assert file.read_text() == "mine"
    assert polycloud("backup", file, "--state-dir", tmp_path, "--force")[0] == 0
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def itself(state):
    return state


def hard_link(state):
    link = state.parent.parent / "my.backup"
    link.hardlink_to(state)
    return link


def soft_link(state):
    link = state.parent.parent / "my.backup"
    link.symlink_to(state)
    return link


def through_a_linked_folder(state):
    link = state.parent.parent / "linked"
    link.symlink_to(state.parent)
    return link / "state.db"


def its_log(state):
    return state.with_name("state.db-wal")


def its_memory(state):
    return state.with_name("state.db-shm")


def what_is_installed_next(state):
    return state.with_name("state.db.new")


@pytest.mark.parametrize("is_running", [False, True])
@pytest.mark.parametrize(
    "named",
    [
        itself,
        hard_link,
        soft_link,
        through_a_linked_folder,
        its_log,
        its_memory,
        what_is_installed_next,
    ],
)
async def test_the_state_is_never_replaced_by_its_own_backup(tmp_path, named, is_running):
    state = tmp_path / "state" / "state.db"
    await keep(state.parent)
    async with AsyncExitStack() as stack:
        if is_running:
            store = await stack.enter_async_context(Store(state))
            store.save("socket-1", SAVED)
            assert await store.flush()
        file = named(state)
        inode, names = state.stat().st_ino, sorted(each.name for each in state.parent.iterdir())
        code, out, err = polycloud("backup", file, "--state-dir", state.parent, "--force")
        assert (code, out) == (1, "")
        assert f"{file} is the agent's own state" in err
        assert state.stat().st_ino == inode
        assert sorted(each.name for each in state.parent.iterdir()) == names
    assert (await loaded(state.parent))[0] == SAVED


async def test_a_folder_that_is_not_there_is_said_and_nothing_is_left(tmp_path):
    await keep(tmp_path)
    code, _, err = polycloud("backup", tmp_path / "no" / "b", "--state-dir", tmp_path)
    assert code == 1
    assert f"{tmp_path / 'no'}: there is no such folder" in err
    assert [each.name for each in tmp_path.iterdir()] == ["state.db"]


@pytest.mark.parametrize("force", [[], ["--force"]])
async def test_a_target_that_is_a_folder_is_said_to_be_one(tmp_path, force):
    await keep(tmp_path)
    code, _, err = polycloud("backup", tmp_path, "--state-dir", tmp_path, *force)
    assert code == 1
    assert f"{tmp_path} is a folder: name a file in it" in err

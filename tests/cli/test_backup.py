"""`polycloud backup` and `restore` as a user runs them: processes and real files."""

import json
import shutil
import socket
import sqlite3
import stat
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, closing, contextmanager

import pytest
from structlog.testing import capture_logs

from agent.model import Condition, StartCause
from agent.store import Store, read_boot_id
from tests.cli.inprocess import in_text
from tests.integration.config import DeviceFile
from tests.integration.process import ready
from tests.integration.process import run as polycloud_async
from tests.integration.world import world
from tests.store.test_store_salvage import spoil
from tests.store.test_store_schema import made

SAVED = {
    "trip": {"cause": "overcurrent", "value": 7.3},
    "energy": {"total_mj": 7_200_000_000},
    "calibration": {"kv": 3.07},
}


def polycloud(*arguments):
    done = in_text(*arguments)
    return done.returncode, done.stdout, done.stderr


def as_json(*arguments):
    code, out, err = polycloud(*arguments, "--json")
    assert (code, err) == (0, "")
    return json.loads(out)


async def keep(folder, saved=SAVED, device="socket-1"):
    """Keep a state in *folder* as an agent does that stopped in order."""
    boot_id = read_boot_id()
    async with Store(folder / "state.db", boot_id=boot_id) as store:
        store.save(device, saved)
        store.record(device, "energy", "calibrated", {"kv": 3.07})
        assert await store.remember(device, "tencent/1", "{}")
        await store.begin_run(boot_id, "1")
        await store.end_run()


async def loaded(folder, device="socket-1"):
    async with Store(folder / "state.db") as store:
        cause = store.cause(read_boot_id(), "1")
        return store.load(device), cause, list(await store.records(device))


# ── there and back ──────────────────────────────────────────────────────────────────────────


async def test_another_machine_gets_state_ledger_and_calibration(tmp_path):
    here, there, file = tmp_path / "here", tmp_path / "there", tmp_path / "my.backup"
    await keep(here)
    before = time.time()
    made = as_json("backup", file, "--state-dir", here)
    assert made["made_at"] >= int(before)
    assert made["source"] == str(here / "state.db")
    assert made["records"] == 1
    (device,) = made["devices"]
    assert (device["id"], device["total_kwh"], device["condition"]) == ("socket-1", 2.0, "good")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert sorted(each.name for each in tmp_path.iterdir()) == ["here", "my.backup"]
    put = as_json("restore", file, "--state-dir", there)
    assert put["kept_as"] is None
    assert put["file"] == str(there / "state.db")
    assert [each.name for each in there.iterdir()] == ["state.db"]
    saved, cause, rows = await loaded(there)
    assert saved == SAVED
    assert cause is StartCause.POWER_LOSS  # the chip's counter is not that of this boot
    assert [row.name for row in rows] == ["calibrated", "restored"]
    assert rows[1].topic == "energy"
    assert rows[1].details == {
        "file": str(file),
        "made_at": made["made_at"],
        "host": made["host"],
        "source": str(here / "state.db"),
    }
    async with Store(there / "state.db") as store:
        assert store.remembered("socket-1") == (("tencent/1", "{}"),)


async def test_a_restored_state_counts_as_restored_until_a_run_is_marked(tmp_path):
    here, there, file = tmp_path / "here", tmp_path / "there", tmp_path / "my.backup"
    await keep(here)
    async with Store(here / "state.db") as store:
        assert store.condition("socket-1") is Condition.GOOD
    assert polycloud("backup", file, "--state-dir", here)[0] == 0
    assert polycloud("restore", file, "--state-dir", there)[0] == 0
    for _ in range(2):  # a start that ends before it has taken over leaves it as it is
        async with Store(there / "state.db") as store:
            assert store.condition("socket-1") is Condition.RESTORED
            assert store.condition("of which it holds nothing") is Condition.RESTORED
            assert store.cause(read_boot_id(), "1") is StartCause.POWER_LOSS
            store.save("socket-1", SAVED)
    async with Store(there / "state.db") as store:
        await store.begin_run("b1", "1")
        assert store.condition("socket-1") is Condition.RESTORED  # as this start found it
    async with Store(there / "state.db") as store:
        assert store.condition("socket-1") is Condition.GOOD
        assert store.condition("of which it holds nothing") is Condition.NEW


async def test_what_was_there_is_set_aside_and_can_be_restored_again(tmp_path):
    file = tmp_path / "my.backup"
    await keep(tmp_path)
    assert polycloud("backup", file, "--state-dir", tmp_path)[0] == 0
    await keep(tmp_path, {"energy": {"total_mj": 9}})
    code, out, _ = polycloud("restore", file, "--state-dir", tmp_path)
    assert code == 0
    assert "socket-1, 2.000 kWh" in out
    aside = tmp_path / "state.db.before-restore-1"
    assert f"what was there is now {aside}" in out
    assert (await loaded(tmp_path))[0] == SAVED
    code, out, _ = polycloud("restore", aside, "--state-dir", tmp_path)
    assert code == 0
    assert "a plain copy" in out
    assert (await loaded(tmp_path))[0] == {"energy": {"total_mj": 9}}
    assert (tmp_path / "state.db.before-restore-2").exists()


async def test_a_backup_of_an_earlier_version_is_migrated(tmp_path):
    file = made(tmp_path / "old.db", 1)
    data = file.read_bytes()
    put = as_json("restore", file, "--state-dir", tmp_path)
    assert put["backup"]["schema"] == 1
    assert [each["total_kwh"] for each in put["backup"]["devices"]] == [2.0, None]
    assert file.read_bytes() == data
    saved, cause, rows = await loaded(tmp_path)
    assert saved is not None
    assert saved["trip"]["cause"] == "overcurrent"
    assert (cause, [row.name for row in rows]) == (StartCause.POWER_LOSS, ["restored"])


async def test_a_copy_with_its_log_beside_it_is_taken_with_the_log(tmp_path):
    copy = tmp_path / "copy.db"
    async with Store(tmp_path / "live.db") as store:
        store.save("socket-1", SAVED)
        assert await store.flush()
        for suffix in ("", "-wal"):
            shutil.copyfile(tmp_path / f"live.db{suffix}", f"{copy}{suffix}")
    assert polycloud("restore", copy, "--state-dir", tmp_path)[0] == 0
    assert (await loaded(tmp_path))[0] == SAVED


# ── a running agent ─────────────────────────────────────────────────────────────────────────


async def test_a_running_agent_is_backed_up_and_never_restored_over(tmp_path):
    config, file = DeviceFile(tmp_path), tmp_path / "my.backup"
    async with world(config), ready(config) as agent:
        await agent.switch(on=True)
        await agent.device_until(lambda device: device["properties"]["power_switch"])
        told = (await agent.ask("status"))["agent"]["store"]
        assert told["file"] == str(config.state)
        assert told["is_failing"] is False
        code, out, err = await polycloud_async("backup", str(file), "--config", str(config.path))
        assert (code, err) == (0, "")
        assert "socket-1" in out
        where = [["--config", str(config.path)], ["--state-dir", str(config.state.parent)]]
        for place in where:
            code, out, err = await polycloud_async("restore", str(file), *place)
            assert (code, out) == (1, "")
            assert "systemctl stop polycloud-agent" in err
        assert await agent.stop() == 0
    code, out, err = await polycloud_async("restore", str(file), "--config", str(config.path))
    assert (code, err) == (0, "")
    async with world(config), ready(config) as agent:
        await agent.logged("agent.started", cause="power_loss")


@contextmanager
def answering(path, answer):
    """Answer whoever asks at a control socket, once."""
    with socket.socket(socket.AF_UNIX) as listener, ThreadPoolExecutor(1) as thread:
        listener.bind(str(path))
        listener.listen()

        def serve():
            connection, _ = listener.accept()
            with connection, connection.makefile("rwb") as stream:
                stream.readline()
                stream.write(answer)

        done = thread.submit(serve)
        yield
        done.result(10)


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (b"", "it is not known whether an agent runs"),
        (b'{"error": {"message": "busy"}}\n', "it says: busy"),
    ],
)
async def test_while_an_agent_may_be_there_nothing_is_restored(tmp_path, answer, said):
    config, file = DeviceFile(tmp_path), tmp_path / "my.backup"
    await keep(tmp_path)
    assert polycloud("backup", file, "--state-dir", tmp_path)[0] == 0
    with answering(config.control_socket, answer):
        code, out, err = polycloud("restore", file, "--config", config.path)
    assert (code, out) == (1, "")
    assert said in err
    assert "nothing was done" in err
    assert not config.state.exists()


# ── refusals ────────────────────────────────────────────────────────────────────────────────


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


def test_without_a_state_it_says_where_it_looked(tmp_path):
    code, _, err = polycloud("backup", tmp_path / "b", "--state-dir", tmp_path)
    assert code == 1
    assert str(tmp_path / "state.db") in err
    assert "--config" in err


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


async def test_a_failed_backup_leaves_nothing_beside_it(tmp_path):
    state, target = tmp_path / "state", tmp_path / "target"
    target.mkdir()
    await keep(state)
    cut(state / "state.db")
    code, _, err = polycloud("backup", target / "b", "--state-dir", state)
    assert code == 1
    assert str(state / "state.db") in err
    assert list(target.iterdir()) == []


def test_two_places_are_a_mistake_of_usage_and_a_wrong_config_is_one_of_configuration(tmp_path):
    assert polycloud("backup", "b", "--config", "x", "--state-dir", "y")[0] == 2
    assert polycloud("restore", "b", "--config", tmp_path / "missing.toml")[0] == 78


AGENT = '[agent]\nstate_dir = "{state}"\ncontrol_socket = "{state}/none.sock"\n'
FAULTY = """
[device]
id = "socket-1"
kind = "socket"
clouds = ["tencent"]
colour = "unknown here"

[clouds.tencent]
psk_file = "/nowhere/psk"
"""


@pytest.mark.parametrize("is_folder", [False, True])
async def test_a_missing_secret_or_a_fault_elsewhere_keeps_nobody_from_the_state(
    tmp_path, is_folder
):
    state, config = tmp_path / "state", tmp_path / "config"
    await keep(state)
    agent = AGENT.format(state=state)
    if is_folder:
        config.mkdir()
        (config / "agent.toml").write_text(agent)
        (config / "socket-1.toml").write_text(FAULTY)
        (config / "socket-2.toml").write_text("this is not TOML")
    else:
        config.write_text(agent + FAULTY)
    assert polycloud("check", "--config", config)[0] == 78
    code, out, err = polycloud("backup", tmp_path / "b", "--config", config)
    assert (code, err) == (0, "")
    assert f"copied from {state / 'state.db'}" in out
    code, out, err = polycloud("restore", tmp_path / "b", "--config", config)
    assert (code, err) == (0, "")
    assert f"ok {state / 'state.db'}: restored" in out


@pytest.mark.parametrize("agent", ["[agent]\nstate_dir = 7\n", "[agent\n"])
def test_where_the_place_of_the_state_is_not_understood_the_faults_are_told(tmp_path, agent):
    config = tmp_path / "config.toml"
    config.write_text(agent + FAULTY)
    code, out, err = polycloud("backup", tmp_path / "b", "--config", config)
    assert (code, out) == (78, "")
    assert str(config) in err


def test_a_folder_without_a_file_for_the_agent_means_the_usual_place(tmp_path):
    (tmp_path / "socket-1.toml").write_text(FAULTY)
    code, _, err = polycloud("backup", tmp_path / "b", "--config", tmp_path)
    assert code == 1
    assert "/var/lib/polycloud/state.db" in err


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


async def test_a_backup_of_other_devices_is_restored_with_a_word_about_it(tmp_path):
    config, file = DeviceFile(tmp_path), tmp_path / "my.backup"
    await keep(tmp_path / "other", device="socket-9")
    assert polycloud("backup", file, "--state-dir", tmp_path / "other")[0] == 0
    code, _, err = polycloud("restore", file, "--config", config.path)
    assert code == 0
    assert "the backup is of socket-9 and the configuration has socket-1" in err

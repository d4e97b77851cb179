"""`polycloud backup` and `restore`: there and back, with real files."""

import json
import shutil
import stat
import time

from agent.model import Condition, StartCause
from agent.store import Store, read_boot_id
from tests.cli.backup_support import SAVED, keep, loaded, polycloud
from tests.integration.config import DeviceFile
from tests.store.test_store_schema import made


def as_json(*arguments):
    code, out, err = polycloud(*arguments, "--json")
    assert (code, err) == (0, "")
    return json.loads(out)


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


async def test_a_backup_of_other_devices_is_restored_with_a_word_about_it(tmp_path):
    config, file = DeviceFile(tmp_path), tmp_path / "my.backup"
    await keep(tmp_path / "other", device="socket-9")
    assert polycloud("backup", file, "--state-dir", tmp_path / "other")[0] == 0
    code, _, err = polycloud("restore", file, "--config", config.path)
    assert code == 0
    assert "the backup is of socket-9 and the configuration has socket-1" in err

"""A fault of one device stays its own; devices come and leave, and no other contact moves."""

import json

import pytest

from agent.errors import ControlError, DriverError
from agent.lines import DrivenLine, write_lines
from agent.ports import Line
from tests.app.fleet_stand import Fleet


@pytest.fixture
def fleet(tmp_path):
    return Fleet(tmp_path, "cellar", "kitchen")


def driven(name, path, device):
    path.write_text("1")
    line = Line(driver="simulated", address=str(path), active_high=True)
    return DrivenLine(device_id=device, line=line, on_stop="keep", on_crash="restore", kept_as=name)


def rows(fleet):
    return [json.loads(line) for line in fleet.lines.read_text().splitlines()]


# ── a driver that cannot be opened ──────────────────────────────────────────────────────────


async def test_a_device_whose_relay_is_missing_waits_and_the_other_works(fleet, tmp_path):
    missing = fleet.contacts["cellar"]
    missing.is_missing = True
    left_on = tmp_path / "left-on"
    write_lines(fleet.lines, [driven("", left_on, "cellar")])
    async with fleet.running():
        await fleet.until(lambda: left_on.read_text() == "10")
        await fleet.until(lambda: rows(fleet) == [])
        fleet.switch("kitchen", on=True)
        assert fleet.contacts["kitchen"].is_closed
        await fleet.until(lambda: len(fleet.logged("device.waits", log_level="debug")) > 2)
        assert len(fleet.logged("device.waits", log_level="warning")) == 1
        devices, _ = fleet.status()
        assert devices["cellar"]["error"] == "GPIO17: no such line"
        assert devices["cellar"]["properties"]["power_switch"] is None
        assert devices["kitchen"]["error"] is None
        missing.is_missing = False
        await fleet.until(lambda: fleet.logged("device.returned", device="cellar"))
        fleet.switch("cellar", on=True)
        assert missing.is_closed
        assert fleet.status()[0]["cellar"]["error"] is None
    assert fleet.contacts["kitchen"].levels == [False, True, False]


async def test_what_is_asked_of_a_device_that_does_not_work_is_refused_with_the_reason(fleet):
    fleet.contacts["cellar"].is_missing = True
    async with fleet.running():
        with pytest.raises(ControlError, match=r"^cellar does not work.*no such line"):
            fleet.switch("cellar", on=True)


async def test_a_relay_that_never_opens_holds_up_no_other(fleet):
    fleet.open_within_s = 0.0
    fleet.contacts["cellar"].may_open.clear()
    async with fleet.running():
        await fleet.until(lambda: fleet.logged("device.waits", device="cellar"))
        assert "not open within" in fleet.status()[0]["cellar"]["error"]


# ── a bug ───────────────────────────────────────────────────────────────────────────────────


async def test_a_bug_opens_the_contact_and_begins_the_device_anew(fleet):
    fleet.files["cellar"].set("device.relay", on_start="on")
    fleet.break_light("cellar")
    async with fleet.running():
        fleet.switch("kitchen", on=True)
        await fleet.until(lambda: fleet.logged("device.failed", device="cellar"))
        assert fleet.contacts["cellar"].levels[:2] == [True, False]
        (failed, *_) = fleet.logged("device.failed")
        assert failed["log_level"] == "critical"
        assert isinstance(failed["exc_info"], BaseException)
        del fleet.lights["cellar"]
        await fleet.until(lambda: fleet.logged("device.returned", device="cellar"))
        assert fleet.contacts["cellar"].is_closed
        assert fleet.contacts["kitchen"].levels == [False, True]


async def test_a_bug_in_what_all_share_is_the_devices_own(fleet):
    async with fleet.running():
        for name in ("kitchen", "cellar"):
            fleet.switch(name, on=True)
        fleet.agent.devices["cellar"].fail(ZeroDivisionError())
        await fleet.until(lambda: fleet.logged("device.returned"))
        assert [each["device"] for each in fleet.logged("device.failed")] == ["cellar"]
        assert fleet.contacts["kitchen"].levels == [False, True]
        assert fleet.contacts["cellar"].levels == [False, True, False]


@pytest.mark.parametrize("error", [DriverError("GPIO17: the chip is gone"), ZeroDivisionError()])
async def test_a_bug_whose_contact_does_not_open_ends_the_process(fleet, error):
    fleet.break_light("cellar")
    fleet.contacts["cellar"].error = error
    fleet.files["cellar"].set("device.relay", on_start="on")
    with pytest.raises(BaseExceptionGroup) as caught:
        async with fleet.running():
            await fleet.until(lambda: False)
    assert caught.group_contains(ZeroDivisionError)


async def test_the_only_device_ends_the_process_with_its_fault(tmp_path):
    fleet = Fleet(tmp_path, "cellar")
    fleet.contacts["cellar"].is_missing = True
    with pytest.raises(BaseExceptionGroup) as caught:
        async with fleet.running():
            pass
    assert caught.group_contains(DriverError)


# ── faulty files ────────────────────────────────────────────────────────────────────────────


async def test_a_faulty_file_is_left_out_and_its_line_opened(fleet, tmp_path):
    fleet.files["cellar"].set("device", nme="Cellar")
    left_on = tmp_path / "left-on"
    write_lines(fleet.lines, [driven("", left_on, "cellar")])
    async with fleet.running():
        await fleet.until(lambda: left_on.read_text() == "10")
        (told,) = fleet.logged("device.left_out")
        assert "cellar.toml:4: device.nme: found an unknown key" in told["error"]
        devices, agent = fleet.status()
        assert list(devices) == ["kitchen"]
        (fault,) = agent["faults"]
        assert (fault["device"], fault["line"], fault["key"]) == ("cellar", 4, "device.nme")
        fleet.files["cellar"].sections["device"].pop("nme")
        fleet.files["cellar"].write()
        assert (await fleet.reload())["reloaded"]
        devices, agent = fleet.status()
        assert (list(devices), agent["faults"]) == (["cellar", "kitchen"], [])
    assert fleet.contacts["kitchen"].levels == [False]


# ── reload ──────────────────────────────────────────────────────────────────────────────────


async def test_devices_come_and_leave_and_no_other_moves(fleet):
    async with fleet.running():
        for name in ("kitchen", "cellar"):
            fleet.switch(name, on=True)
        fleet.add("attic")
        assert (await fleet.reload())["reloaded"]
        await fleet.until(lambda: fleet.agent.devices["attic"].is_open)
        fleet.switch("attic", on=True)
        fleet.remove("cellar")
        assert (await fleet.reload())["reloaded"]
        assert list(fleet.agent.devices) == ["attic", "kitchen"]
        assert fleet.contacts["cellar"].levels == [False, True, False]
        assert fleet.contacts["kitchen"].levels == [False, True]
        assert fleet.contacts["attic"].levels == [False, True]
        assert [each["device"] for each in fleet.logged("device.joined")] == ["attic"]
        assert [each["device"] for each in fleet.logged("device.left")] == ["cellar"]


@pytest.mark.parametrize("is_told_later", [False, True])
async def test_a_contact_that_does_not_open_as_its_device_leaves_is_opened_as_the_guard_does(
    fleet, tmp_path, is_told_later
):
    left_on = tmp_path / "left-on"
    cellar = fleet.contacts["cellar"]
    cellar.line = driven("", left_on, "cellar").line
    async with fleet.running():
        fleet.switch("cellar", on=True)
        if is_told_later:
            cellar.is_in_doubt = True
        else:
            cellar.error = DriverError("the bus is silent")
        fleet.remove("cellar")
        assert (await fleet.reload())["reloaded"]
        await fleet.until(lambda: left_on.read_text() == "10")
        assert [each["device"] for each in rows(fleet)] == []


async def test_a_device_that_leaves_stays_closed_where_a_stop_keeps_it(fleet):
    fleet.files["cellar"].set("device.relay", on_stop="keep", on_start="restore")
    async with fleet.running():
        fleet.switch("cellar", on=True)
        fleet.remove("cellar")
        await fleet.reload()
        assert fleet.contacts["cellar"].levels == [False, True]
        fleet.add("cellar").set("device.relay", on_start="restore")
        await fleet.reload()
        await fleet.until(lambda: fleet.agent.devices["cellar"].is_open)
        assert fleet.contacts["cellar"].levels == [False, True]
        assert fleet.agent.devices["cellar"].runtime.state.relay_on


async def test_a_faulty_file_refuses_the_whole_reload(fleet):
    async with fleet.running():
        fleet.switch("cellar", on=True)
        fleet.remove("cellar")
        fleet.files["kitchen"].set("device", nme="Kitchen")
        answer = await fleet.reload()
        assert (answer["reloaded"], answer["refused"]) == (False, "configuration")
        assert list(fleet.agent.devices) == ["cellar", "kitchen"]
        assert fleet.contacts["cellar"].is_closed


async def test_what_cannot_be_made_refuses_the_whole_reload(fleet):
    async with fleet.running():
        fleet.remove("cellar")
        fleet.add("attic")
        del fleet.contacts["attic"]  # its driver has a bug
        answer = await fleet.reload()
        assert (answer["reloaded"], answer["refused"]) == (False, "configuration")
        assert "device 'attic': its driver cannot be made" in answer["reasons"][0]
        assert list(fleet.agent.devices) == ["cellar", "kitchen"]


async def test_a_change_is_for_the_next_life_of_a_device_that_does_not_work(fleet):
    fleet.contacts["cellar"].is_missing = True
    async with fleet.running():
        fleet.files["cellar"].set("device", name="Cellar")
        assert (await fleet.reload())["reloaded"]
        fleet.contacts["cellar"].is_missing = False
        await fleet.until(lambda: fleet.logged("device.returned"))
        assert fleet.status()[0]["cellar"]["name"] == "Cellar"


async def test_the_only_device_may_be_another(tmp_path):
    fleet = Fleet(tmp_path, "cellar")
    async with fleet.running():
        fleet.switch("cellar", on=True)
        fleet.remove("cellar")
        fleet.add("attic")
        assert (await fleet.reload())["reloaded"]
        await fleet.until(lambda: fleet.agent.devices["attic"].is_open)
        assert not fleet.contacts["cellar"].is_closed

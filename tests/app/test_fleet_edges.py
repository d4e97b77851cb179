"""What a fleet finds at its edges: lines of another life, devices that are not there, late bugs."""

import asyncio
import json

import pytest

from agent.errors import ConfigError, DriverError
from agent.guard import read
from agent.lines import DrivenLine, write_lines
from agent.ports import Line
from tests.app.fleet_stand import Contact, Fleet


@pytest.fixture
def fleet(tmp_path):
    return Fleet(tmp_path, "cellar", "kitchen")


def line(path):
    return Line(driver="simulated", address=str(path), active_high=True)


def rows(fleet):
    return [json.loads(text) for text in fleet.lines.read_text().splitlines()]


def test_the_guard_reads_as_many_lines_as_a_thousand_strips_have(tmp_path):
    port = "1 0 9600N /dev/serial/by-id/usb-1a86_USB_Serial-if00-port0"
    drove = DrivenLine(
        device_id="strip-in-the-cellar-0001",
        line=Line(driver="modbus", address=port, active_high=True),
        on_stop="off",
        on_crash="restore",
    )
    write_lines(tmp_path / "lines.jsonl", [drove] * 8_000)
    lines, failures = read(str(tmp_path / "lines.jsonl"))
    assert (len(lines), failures) == (8_000, 0)


@pytest.mark.parametrize("names", [("cellar",), ("cellar", "kitchen")])
async def test_a_line_that_a_device_drove_before_its_pin_was_changed_is_opened(tmp_path, names):
    fleet = Fleet(tmp_path, *names)
    before, now = tmp_path / "before", tmp_path / "now"
    before.write_text("1")
    drove = DrivenLine(
        device_id="cellar", line=line(before), on_stop="keep", on_crash="restore", kept_as=""
    )
    write_lines(fleet.lines, [drove])
    fleet.contacts["cellar"].line = line(now)
    async with fleet.running():
        await fleet.until(lambda: before.read_text() == "10")
        await fleet.until(lambda: [each["address"] for each in rows(fleet)] == [str(now)])


async def test_a_contact_of_a_slow_board_is_told_to_the_guard_before_it_is_commanded(tmp_path):
    fleet = Fleet(tmp_path, "cellar", "kitchen")
    slow, left_on = fleet.contacts["cellar"], tmp_path / "left-on"
    left_on.write_text("1")
    slow.line = line(left_on)
    slow.may_open.clear()
    service = asyncio.create_task(fleet.make().run())
    await fleet.until(lambda: fleet.lines.exists() and rows(fleet))
    (row,) = rows(fleet)
    assert (row["device"], row["address"], slow.levels) == ("cellar", str(left_on), [])
    fleet.agent.stop()
    await service
    assert [each["on_crash"] for each in rows(fleet)] == ["off"]


async def test_a_contact_whose_opening_is_given_up_is_opened_as_the_guard_does(fleet, tmp_path):
    left_on = tmp_path / "left-on"
    left_on.write_text("1")
    fleet.contacts["cellar"].line = line(left_on)
    fleet.contacts["cellar"].may_open.clear()
    fleet.open_within_s = 0.0
    async with fleet.running():
        await fleet.until(lambda: left_on.read_text() == "10")
        await fleet.until(lambda: fleet.logged("device.waits", device="cellar"))


async def test_a_contact_that_opens_by_itself_is_left_to_its_device(fleet, tmp_path):
    ours = tmp_path / "ours"
    ours.write_text("1")
    fleet.contacts["cellar"].line = line(ours)
    async with fleet.running():
        fleet.switch("cellar", on=True)
        fleet.agent.devices["cellar"].fail(ZeroDivisionError())
        await fleet.until(lambda: fleet.logged("device.returned"))
        assert (fleet.contacts["cellar"].is_closed, ours.read_text()) == (False, "1")


async def test_a_guard_that_was_blind_at_the_start_is_told_later(fleet, tmp_path):
    fleet.contacts["cellar"].line = line(tmp_path / "ours")
    fleet.lines.mkdir(parents=True)
    fleet.lines_again_s = 0.01
    async with fleet.running():
        await fleet.until(lambda: "begin" not in {each.get_name() for each in asyncio.all_tasks()})
        fleet.lines.rmdir()
        await fleet.until(lambda: fleet.lines.is_file() and rows(fleet))


async def test_a_contact_that_does_not_open_as_it_leaves_is_opened_without_the_guards_file(
    fleet, tmp_path
):
    left_on = tmp_path / "left-on"
    left_on.write_text("1")
    cellar = fleet.contacts["cellar"]
    cellar.line = line(left_on)
    fleet.lines.mkdir(parents=True)
    async with fleet.running():
        fleet.switch("cellar", on=True)
        cellar.error = DriverError("the bus is silent")
        fleet.remove("cellar")
        assert (await fleet.reload())["reloaded"]
        assert left_on.read_text() == "10"


async def test_a_change_that_comes_while_a_device_opens_is_taken_over(fleet):
    async with fleet.running():
        fleet.add("attic")
        fleet.contacts["attic"].may_open.clear()
        assert (await fleet.reload())["reloaded"]
        fleet.files["attic"].set("device.protection", rated_current_a=3.0)
        assert (await fleet.reload())["reloaded"]
        fleet.contacts["attic"].may_open.set()
        attic = fleet.agent.devices["attic"]
        await fleet.until(lambda: attic.is_open)
        assert attic.runtime._device.settings.protection.rated_current_a == 3.0


async def test_a_device_that_does_not_work_may_get_another_relay_by_a_reload(fleet):
    cellar = fleet.contacts["cellar"]
    cellar.is_missing = True
    async with fleet.running():
        fleet.switch("kitchen", on=True)
        assert fleet.agent.devices["cellar"].trouble is not None
        fleet.files["cellar"].set("device.relay", active_high=False)
        assert (await fleet.reload())["reasons"] == []
        cellar.is_missing = False
        await fleet.until(lambda: fleet.agent.devices["cellar"].is_open)
        assert not fleet.agent.devices["cellar"].config.device.relay.active_high
        fleet.files["cellar"].set("device.relay", active_high=True)
        (reason,) = (await fleet.reload())["reasons"]
        assert reason == "device 'cellar': relay has changed: needs a restart"
        assert fleet.contacts["kitchen"].levels == [False, True]


async def test_a_bug_as_a_device_leaves_is_its_own(fleet):
    class Buggy(Contact):
        bugs = 1

        def set(self, *, on):
            if self.is_closed and not on and self.bugs:
                self.bugs -= 1
                raise ZeroDivisionError
            super().set(on=on)

    fleet.contacts["cellar"] = Buggy()
    async with fleet.running():
        for name in ("cellar", "kitchen"):
            fleet.switch(name, on=True)
        fleet.remove("cellar")
        assert (await fleet.reload())["reloaded"]
        assert not fleet.contacts["cellar"].is_closed
        assert list(fleet.agent.devices) == ["kitchen"]
        assert fleet.contacts["kitchen"].levels == [False, True]


async def test_a_device_that_could_not_be_made_may_come_with_another_relay(fleet):
    def missing(config, device):
        if config.device.id == "cellar" and config.device.relay.pin == "GPIO17":
            raise ConfigError("its package is missing")
        return Fleet.parts(fleet, config, device)

    fleet.parts = missing
    fleet.files["cellar"].set("device.relay", pin="GPIO17")
    async with fleet.running():
        assert list(fleet.agent.devices) == ["kitchen"]
        fleet.files["cellar"].set("device.relay", pin="GPIO27")
        answer = await fleet.reload()
        assert answer["reasons"] == []
        await fleet.until(lambda: fleet.agent.devices["cellar"].is_open)

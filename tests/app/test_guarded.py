"""The guard's file from the agent's side: what nobody drives any more is opened, and only that."""

import json
from types import SimpleNamespace

import pytest
from structlog.testing import capture_logs

from agent.app.guarded import Guarded
from agent.lines import DrivenLine, write_lines
from agent.ports import Line
from agent.settings.relays import RelaySettings

POLICY = RelaySettings(driver="simulated", on_start="restore", on_stop="keep")


def line(path, driver="simulated"):
    return Line(driver=driver, address=str(path), active_high=True)


def row(path, device, driver="simulated"):
    return DrivenLine(
        device_id=device, line=line(path, driver), on_stop="keep", on_crash="restore", kept_as=""
    )


def app(name, *lines, is_driven=True):
    driven = [SimpleNamespace(line=each, policy=POLICY, kept_as="") for each in lines]
    return SimpleNamespace(name=name, driven=driven, is_driven=is_driven)


class Desk:
    def __init__(self, folder):
        self.folder = folder
        self.path = folder / "lines.jsonl"
        self.is_stopping = False
        environ = {"RUNTIME_DIRECTORY": str(folder)}
        self.guarded = Guarded(environ, "", lambda: self.is_stopping)

    def contact(self, name):
        path = self.folder / name
        path.write_text("1")
        return path

    def rows(self):
        read = [json.loads(text) for text in self.path.read_text().splitlines()]
        return [(each["device"], each["on_crash"]) for each in read]


@pytest.fixture
def desk(tmp_path):
    return Desk(tmp_path)


async def test_what_is_left_of_a_device_that_is_gone_is_opened_and_forgotten(desk):
    gone, ours = desk.contact("gone"), desk.contact("ours")
    write_lines(desk.path, [row(gone, "attic"), row(ours, "cellar")])
    desk.guarded.begin()
    devices = {"cellar": app("cellar", is_driven=False)}
    desk.guarded.write(devices)
    assert desk.rows() == [("attic", "off"), ("cellar", "off")]
    await desk.guarded.open_earlier(devices)
    assert (gone.read_text(), ours.read_text()) == ("10", "1")
    assert desk.rows() == [("cellar", "off")]
    await desk.guarded.open_earlier(devices, of="cellar")
    assert ours.read_text() == "10"
    assert desk.rows() == []


async def test_what_a_device_does_not_have_any_more_is_opened_and_the_rest_of_it_is_left(desk):
    kept, taken_out = desk.contact("kept"), desk.contact("taken-out")
    write_lines(desk.path, [row(kept, "cellar"), row(taken_out, "cellar")])
    desk.guarded.begin()
    devices = {"cellar": app("cellar", line(kept))}
    desk.guarded.write(devices)
    assert desk.rows() == [("cellar", "restore"), ("cellar", "off")]
    await desk.guarded.open_earlier(devices)
    assert (kept.read_text(), taken_out.read_text()) == ("1", "10")
    assert desk.rows() == [("cellar", "restore")]


async def test_a_line_that_a_device_of_another_name_drives_now_is_left_alone(desk):
    contact = desk.contact("ours")
    write_lines(desk.path, [row(contact, "attic")])
    desk.guarded.begin()
    await desk.guarded.open_earlier({"cellar": app("cellar", line(contact))})
    assert contact.read_text() == "1"


@pytest.mark.parametrize(
    ("earlier", "now", "is_same"),
    [
        (("gpiozero", "GPIO17"), ("gpiod", "/dev/gpiochip0:17"), True),
        (("gpiod", "/dev/gpiochip0:17"), ("gpiozero", "BCM17"), True),
        (("gpiozero", "GPIO17"), ("gpiozero", "17"), True),
        (("gpiozero", "GPIO17"), ("gpiod", "/dev/gpiochip0:27"), False),
        (("gpiod", "/dev/gpiochip0:17"), ("gpiod", "/dev/gpiochip1:17"), False),
        (("gpiozero", "GPIO17"), ("simulated", "/tmp/17"), False),
        (("modbus", "1 0 9600N /dev/ttyUSB0"), ("modbus", "1 0 19200E /dev/ttyUSB0"), True),
        (("modbus", "1 0 9600N /dev/ttyUSB0"), ("modbus", "0 1 9600N /dev/ttyUSB0"), False),
        (("modbus", "1 0 9600N h:502"), ("modbus", "1 0 9600N h:503"), False),
        (("modbus", "1 0 9600N /dev/a"), ("modbus", "1 0 9600N /dev/../dev/a"), True),
        (("usb_serial", "1 lcus /dev/a"), ("usb_serial", "1 lcus_status /dev/a"), True),
        (("usb_serial", "1 lcus /dev/a"), ("usb_serial", "2 lcus /dev/a"), False),
    ],
)
def test_one_pin_may_have_two_names(desk, earlier, now, is_same):
    driver, address = earlier
    write_lines(desk.path, [row(address, "attic", driver)])
    desk.guarded.begin()
    driver, address = now
    desk.guarded.write({"cellar": app("cellar", line(address, driver))})
    assert desk.rows() == [("cellar", "restore"), *([] if is_same else [("attic", "off")])]


async def test_what_does_not_open_stays_in_the_file(desk):
    write_lines(desk.path, [row("/dev/gpiochip99:1", "attic", "unheard-of")])
    desk.guarded.begin()
    await desk.guarded.open_earlier({})
    desk.guarded.write({})
    assert desk.rows() == [("attic", "off")]


def test_a_guard_that_was_blind_is_told_as_soon_as_it_can_be_and_once_that_it_was(desk):
    devices = {"cellar": app("cellar", line(desk.folder / "ours"))}
    desk.path.mkdir()
    with capture_logs() as logs:
        for _ in range(3):
            desk.guarded.write(devices)
        desk.path.rmdir()
        desk.guarded.write(devices)
    assert desk.rows() == [("cellar", "restore")]
    assert [each["event"] for each in logs if each["log_level"] == "warning"] == [
        "guard.blind",
        "guard.sees",
    ]


def test_the_file_is_not_written_again_for_nothing(desk):
    devices = {"cellar": app("cellar", line(desk.folder / "ours"))}
    desk.guarded.write(devices)
    desk.path.write_text("")
    desk.guarded.write(devices)
    assert desk.path.read_text() == ""
    desk.is_stopping = True
    desk.guarded.write(devices)
    assert desk.rows() == [("cellar", "off")]

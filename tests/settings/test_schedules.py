"""`[device.schedules]`: each fault with its line, what was found, and what is allowed."""

from pathlib import Path

import pytest

from agent.settings.device import SocketSettings
from agent.settings.load import load
from tests.settings.device_files import DEVICE, faults, only, write


def of(tmp_path: Path, text: str, head: str = "") -> Path:
    return write(tmp_path, f"{DEVICE}{head}[device.schedules]\n{text}\n")


def test_every_fault_of_a_schedule_is_told_with_its_line(tmp_path: Path):
    text = """\
good = "on at 07:00 mon-fri"
bad_day = "on at 07:00 mon-fry"
Bad_Name = "on at 07:00"
bad_property = "set curent_limit = 2 at 07:00"
number = 7
"""
    found = faults(of(tmp_path, text))
    assert [(each.line, each.key, each.found, each.hint) for each in found] == [
        (6, "device.schedules.bad_day", "'mon-fry' names no days", "did you mean 'mon-fri'?"),
        (7, "device.schedules.Bad_Name", '"on at 07:00"', ""),
        (
            *(8, "device.schedules.bad_property", "set curent_limit"),
            "did you mean 'current_limit'?",
        ),
        (9, "device.schedules.number", "7", ""),
    ]
    assert found[1].allowed == "1 to 32 of a-z, 0-9, '_' and '-', first a letter"
    assert found[2].allowed == "power_switch | count_down | current_limit | child_lock"


@pytest.mark.parametrize(
    ("section", "doing", "allowed"),
    [
        ("schedules", "set power_switch = 0", "power_switch takes true or false"),
        ("schedules", "set count_down = 90000", "count_down is 0 to 86400 s"),
        ("button", "set power_switch = maybe", "power_switch takes true or false"),
        ("button", "set current_limit = 1000", "current_limit is 0 to 50 A"),
    ],
)
def test_a_value_that_could_never_be_set_is_told_at_the_load(
    tmp_path: Path, section: str, doing: str, allowed: str
):
    key, rest = ("night", " at 22:00") if section == "schedules" else ("click", "")
    fault = only(write(tmp_path, f'{DEVICE}[device.{section}]\n{key} = "{doing}{rest}"\n'))
    assert (fault.line, fault.key, fault.allowed) == (5, f"device.{section}.{key}", allowed)


@pytest.mark.parametrize("head", ["", "[device.place]\nlatitude = 52.5\n"])
def test_the_sun_needs_a_place(tmp_path: Path, head: str):
    fault = only(of(tmp_path, 'a = "on at 07:00"\nb = "on at sunset"', head))
    assert fault.key == "device.schedules.b"
    assert fault.line == 6 + head.count("\n")
    assert fault.found == "a schedule by the sun"
    assert fault.allowed == "one once latitude and longitude stand in [device.place]"


def test_a_place_with_faults_tells_only_those(tmp_path: Path):
    fault = only(of(tmp_path, 'b = "on at sunset"', "[device.place]\nlatitude = 95\n"))
    assert fault.key == "device.place.latitude"


def test_forty_are_the_most(tmp_path: Path):
    text = "\n".join(f'a{number} = "on at 07:00"' for number in range(41))
    fault = only(of(tmp_path, text))
    assert (fault.found, fault.allowed) == ("41 of them", "up to 40")


def test_schedules_and_place_are_made_ready_once(tmp_path: Path):
    place = "[device.place]\nlatitude = 52.5\nlongitude = 13.4\n"
    device = load(of(tmp_path, 'b = "on at sunset"', place), {}).devices[0].device
    assert device.timetable.place is not None
    assert device.timetable is device.timetable
    assert device == SocketSettings.model_validate(device.model_dump())

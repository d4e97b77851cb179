"""Rules, schedules and gestures of a file against a thing that is no socket."""

from pathlib import Path

import pytest

from agent.settings.document import read_document
from agent.settings.suiting import misfits
from tests.devices.automated.hall import hall
from tests.settings.device_files import write

HEAD = '[device]\nid = "hall"\nkind = "hall"\n'


def told(tmp_path: Path, text: str, switch: str | None = None) -> list[tuple[int | None, str]]:
    document = read_document(write(tmp_path, HEAD + text))
    return [
        (each.line, f"{each.key}: {each.found}; {each.allowed}; {each.hint}")
        for each in misfits(document, hall(switch))
    ]


def test_what_suits_has_no_fault(tmp_path: Path):
    text = """\
[device.rules]
smoke = "when MQ2 > 300 and DoorOpen == off for 10s: set Fan1 = on; event smoke"
[device.schedules]
lamp = "set HallLamp = on at 19:00"
cycle = "cycle 10m/20m"
[device.button]
click = "toggle"
double_click = "none"
pin = "GPIO27"
"""
    assert told(tmp_path, text, "HallLamp") == []


@pytest.mark.parametrize(
    ("text", "key", "found", "allowed", "hint"),
    [
        (
            *("[device.rules]\na = 'when DHT11_t > 30: event x'", "device.rules.a"),
            "\"when DHT11_t > 30: event x\": no value is named 'DHT11_t'",
            "MQ2 | DHT11_T | DoorOpen | HallLamp | Fan1",
            "did you mean 'DHT11_T'?",
        ),
        (
            *("[device.rules]\na = 'preset standby_killer'", "device.rules.a"),
            (
                '"preset standby_killer": preset standby_killer reads active_power, power_switch,'
                " which this device does not have"
            ),
            *("a rule about MQ2 | DHT11_T | DoorOpen | HallLamp | Fan1", ""),
        ),
        (
            *("[device.schedules]\na = 'set fan1 = on at 07:00'", "device.schedules.a"),
            *("set fan1", "HallLamp | Fan1", "did you mean 'Fan1'?"),
        ),
        (
            *("[device.schedules]\na = 'set Fan1 = 3 at 07:00'", "device.schedules.a"),
            *("set Fan1 = 3", "Fan1 takes true or false", ""),
        ),
        (
            *("[device.schedules]\na = 'cycle 10m/20m'", "device.schedules.a"),
            "on: this device has no one switch that on, off and toggle mean",
            *("set HallLamp | Fan1 = on | event NAME", ""),
        ),
        (
            *("[device.button]\nclick = 'toggle'", "device.button.click"),
            *('"toggle"', "set HallLamp | Fan1 = on | event NAME", ""),
        ),
        (
            *("[device.button]\nclick = 'countdown 5m'", "device.button.click"),
            *('"countdown 5m"', "set HallLamp | Fan1 = on | event NAME", ""),
        ),
        (
            *("[device.button]\nclick = 'set fan1 = on'", "device.button.click"),
            *('"set fan1 = on"', "set NAME = VALUE with NAME HallLamp | Fan1"),
            "did you mean 'Fan1'?",
        ),
    ],
)
def test_what_does_not_is_told_with_its_line(
    tmp_path: Path, text: str, key: str, found: str, allowed: str, hint: str
):
    assert told(tmp_path, text) == [(5, f"{key}: {found}; {allowed}; {hint}")]


def test_what_is_no_text_of_its_kind_is_left_to_the_section(tmp_path: Path):
    text = """\
rules = 3
schedules = {a = "nonsense", b = 7, B = "on at 07:00"}
button = {click = "nonsense", pin = "toggle"}
"""
    assert told(tmp_path, text) == []
    assert told(tmp_path, '[device.rules]\na = "when"\nB = "when MQ7 > 1: off"\n') == []

"""The sections of a strip: outlets in the place of a relay, one meter before them all."""

import re
from pathlib import Path

import pytest

from agent.app.codecs import check_codecs
from agent.app.kinds import make_device
from agent.settings.changes import restart_reasons
from agent.settings.faults import ConfigFaults
from agent.settings.load import load
from agent.settings.names import CLOUDS
from agent.settings.notices import notices
from agent.settings.strip import StripSettings
from tests.settings.device_files import write
from tests.settings.test_declared_examples import only, shipped

HEAD = """[device]
id = "strip-1"
kind = "strip"
[device.meter]
driver = "simulated"
[device.button]
driver = "none"
[device.indicator]
driver = "none"
"""
OUTLET = """[[device.outlets]]
driver = "gpiod"
pin = "GPIO%d"
"""
TWO = HEAD + OUTLET % 17 + OUTLET % 22


def faults(folder: Path, text: str):
    with pytest.raises(ConfigFaults) as caught:
        load(write(folder, text), {})
    return caught.value.faults


@pytest.mark.parametrize("clouds", [None, *([each] for each in CLOUDS), [], list(CLOUDS)])
def test_the_shipped_file_loads_with_every_cloud(tmp_path, clouds):
    entry = only(tmp_path, shipped(tmp_path, "strip", clouds))
    assert isinstance(entry.device, StripSettings)
    check_codecs(entry)
    rows = [row.field for row in make_device(entry.device).thing.properties][:4]
    assert [row.name for row in rows] == [
        "power_switch",
        "power_switch_1",
        "power_switch_2",
        "power_switch_3",
    ]
    assert [row.title for row in rows[1:]] == ["Lamp", "Screen", "Fan"]


def test_what_is_commented_out_in_the_shipped_file_can_be_taken_in(tmp_path):
    text = shipped(tmp_path, "strip")
    taken = re.sub(r"^# (\[[a-z]|\w+ = (?!\"…\"))", r"\1", text, flags=re.MULTILINE)
    assert taken != text
    check_codecs(only(tmp_path, taken))


def test_the_meter_measures_the_mains_whatever_the_board_presets(tmp_path):
    for board in ("code504", "direct"):
        text = TWO.replace('kind = "strip"', f'kind = "strip"\nboard = "{board}"')
        assert only(tmp_path, text).device.meter.voltage_from == "mains"


def test_a_meter_behind_a_contact_is_refused(tmp_path):
    text = TWO.replace('driver = "simulated"', 'driver = "simulated"\nvoltage_from = "load"')
    (fault,) = faults(tmp_path, text)
    assert fault.key == "device.meter.voltage_from"
    assert '"mains"' in fault.allowed


def test_a_strip_has_no_relay_beside_its_outlets(tmp_path):
    (fault,) = faults(tmp_path, TWO + '[device.relay]\npin = "GPIO5"\n')
    assert (fault.key, fault.line) == ("device.relay", 16)
    assert "[[device.outlets]]" in fault.allowed


@pytest.mark.parametrize("count", [0, 1, 9])
def test_a_strip_has_two_to_eight_outlets(tmp_path, count):
    text = HEAD + "".join(OUTLET % pin for pin in range(5, 5 + count))
    (fault,) = faults(tmp_path, text)
    assert fault.key == "device.outlets"
    assert fault.allowed == "2 to 8 tables [[device.outlets]]"


def test_a_pin_of_two_outlets_is_claimed_twice(tmp_path):
    (fault,) = faults(tmp_path, HEAD + OUTLET % 17 + OUTLET % 17)
    assert fault.key == "device.outlets[1].pin"
    assert "device.outlets[0].pin" in fault.found


def test_a_bare_number_is_no_line(tmp_path):
    (fault,) = faults(tmp_path, TWO.replace("GPIO22", "22"))
    assert fault.key == "device.outlets[1].pin"
    assert fault.hint == "did you mean 'GPIO22'?"


def test_an_unknown_key_of_an_outlet_is_told_with_what_was_meant(tmp_path):
    (fault,) = faults(tmp_path, TWO + "min_of_s = 1\n")
    assert fault.key == "device.outlets[1].min_of_s"
    assert fault.hint == "did you mean 'min_off_s'?"


def test_a_key_of_an_outlet_that_stands_elsewhere_is_told_where_it_belongs(tmp_path):
    (fault,) = faults(
        tmp_path,
        TWO.replace("name = ", "").replace("[device.button]", '[device.button]\nstate_file = "x"'),
    )
    assert "[[device.outlets]]" in fault.hint


def test_outlets_can_be_renamed_and_named_by_rules_and_no_others(tmp_path):
    text = TWO + '[device.rules]\na = "when power_switch_1 == on: set power_switch_2 = on"\n'
    assert only(tmp_path, text)
    (fault,) = faults(tmp_path, text.replace("set power_switch_2", "set power_switch_3"))
    assert fault.key == "device.rules.a"
    cloud = '[clouds.onenet]\nproduct_id = "p"\ndevice_name = "d"\ndevice_key = "c2VjcmV0"\n'
    cloud += '[clouds.onenet.rename]\npower_switch_%d = "left"\n'
    assert only(tmp_path, TWO + cloud % 2)
    (fault,) = faults(tmp_path, TWO + cloud % 3)
    assert fault.key == "clouds.onenet.rename.power_switch_3"


def test_a_changed_outlet_needs_a_restart_and_protection_does_not(tmp_path):
    folders = [tmp_path / name for name in ("old", "new")]
    for folder in folders:
        folder.mkdir()
    old = load(write(folders[0], TWO), {})
    for text, reasons in (
        (
            TWO.replace("GPIO22", "GPIO23"),
            ["device 'strip-1': outlets has changed: needs a restart"],
        ),
        (TWO + "[device.protection]\nrated_current_a = 3\n", []),
    ):
        assert list(restart_reasons(old, load(write(folders[1], text), {}))) == reasons


def test_one_outlet_that_clicks_on_a_restart_is_told_once(tmp_path):
    config = load(write(tmp_path, TWO.replace('"gpiod"', '"gpiozero"')), {})
    assert sum("clicks the contact" in each for each in notices(config, has_gpiod=True)) == 1


def test_an_outlet_without_a_name_has_its_number(tmp_path):
    rows = make_device(only(tmp_path, TWO).device).thing.properties
    assert [(row.field.title, row.field.title_zh) for row in rows[1:3]] == [
        ("Outlet 1", "插座1"),
        ("Outlet 2", "插座2"),
    ]


BOARD = """[[device.outlets]]
driver = "modbus"
port = "/dev/serial/by-id/board"
coil = %d
"""
USB = """[[device.outlets]]
driver = "usb_serial"
port = "/dev/serial/by-id/usb"
channel = %d
name = "Lamp"
"""


def test_outlets_may_be_contacts_of_boards_that_they_share(tmp_path):
    entry = only(tmp_path, HEAD + BOARD % 0 + BOARD % 1 + USB % 1 + USB % 2)
    assert [each.driver for each in make_device(entry.device).needs.relays.values()] == [
        *("modbus", "modbus", "usb_serial", "usb_serial")
    ]


def test_one_contact_of_a_board_is_claimed_once(tmp_path):
    (fault,) = faults(tmp_path, HEAD + BOARD % 3 + BOARD % 3)
    assert fault.key == "device.outlets[1].coil"


def test_what_holds_for_a_board_is_told_once(tmp_path):
    config = load(write(tmp_path, HEAD + USB % 1 + USB % 2), {})
    found = notices(config, has_gpiod=True)
    assert len(found) == len(set(found))


def test_an_outlet_on_a_line_names_it(tmp_path):
    (fault,) = faults(tmp_path, TWO + '[[device.outlets]]\ndriver = "gpiod"\n')
    assert fault.key == "device.outlets[2].pin"


def test_a_key_of_another_driver_is_told_with_that_driver(tmp_path):
    (fault,) = faults(tmp_path, TWO + "coil = 1\n")
    assert fault.hint == "'coil' goes with driver = \"modbus\""

"""Many devices as a person reads them."""

import pytest

from agent.cli.fleet_table import fleet_text
from agent.cli.table import MOST_FAULTS, MOST_WHOLE, status_text

METERING = {"power_switch": True, "voltage": 230.04, "active_power": 60.0, "total_energy": 1.25}


def device(number, **more):
    return {
        "id": f"socket-{number}",
        "kind": "socket",
        "properties": METERING,
        "switch": "power_switch",
        "units": {"voltage": "V", "active_power": "W", "total_energy": "kWh"},
        "clouds": {},
        **more,
    }


def test_each_has_a_line_with_what_matters():
    head, first, second, foot = fleet_text([device(1), device(22)]).splitlines()
    assert head.split() == ["device", "is", "values", "clouds", "note"]
    assert first.split("  ")[:1] == ["socket-1"]
    assert second.startswith("socket-22  on  60 W, 230.04 V, 1.25 kWh  none")
    assert first.index("on") == second.index("on  ")
    assert foot == "2 devices, 0 with a note; polycloud status DEVICE says more"


@pytest.mark.parametrize(
    ("more", "shown"),
    [
        ({"error": "GPIO17: no such line"}, "NOT WORKING: GPIO17: no such line"),
        ({"trip": {"cause": "overcurrent", "text": "overcurrent 7.3 A"}}, "TRIPPED: overcurrent 7"),
        ({"trip": {"cause": "meter_lost"}}, "TRIPPED: meter_lost"),
        ({"fault": {"name": "contact_welded"}}, "FAULT: contact_welded"),
        ({"output_errors": {"": "no answer"}}, "relay DOES NOT OBEY: no answer"),
        ({"meter_error": "no such port"}, "meter: no such port"),
        ({"temperature_error": "no such file"}, "temperature: no such file"),
        ({"sensor_errors": {"MQ2": "no such channel"}}, "MQ2: no such channel"),
        ({"clouds": {"tencent": {"connected": True}}}, "  tencent"),
        ({"clouds": {"aliyun": {"connected": False, "pending": 7}}}, "aliyun DOWN (7 wait)"),
        ({"properties": {"humidity": 41.5}, "units": {"humidity": "%"}}, "41.5 %"),
        ({"properties": {}}, "—"),
        ({"properties": {"power_switch": None, "voltage": None}}, "—"),
    ],
)
def test_what_is_wrong_or_otherwise_is_said(more, shown):
    assert shown in fleet_text([device(1, **more)])


def test_few_devices_are_shown_whole_and_many_with_a_line_each():
    few = status_text({"devices": [device(n) for n in range(MOST_WHOLE)], "agent": {}})
    many = status_text({"devices": [device(n) for n in range(MOST_WHOLE + 1)], "agent": {}})
    assert ("countdown" in few, "countdown" in many) == (True, False)
    assert f"{MOST_WHOLE + 1} devices" in many


def test_files_that_were_left_out_are_told_and_many_of_them_counted():
    fault = {"device": "cellar", "text": "a.toml:3: device.bord: found an unknown key"}
    text = status_text({"devices": [], "agent": {"faults": [fault]}})
    assert "device cellar LEFT OUT: a.toml:3: device.bord" in text
    many = status_text({"devices": [], "agent": {"faults": [{"text": "x"}] * (MOST_FAULTS + 4)}})
    assert many.count("a device LEFT OUT") == MOST_FAULTS
    assert "and 4 more" in many


def test_a_device_that_does_not_work_says_when_it_is_tried_again():
    text = status_text({"devices": [device(1, error="no line", retry_in_s=7.0)], "agent": {}})
    assert "no line, tried again in 7 s" in text

"""What a report to Aliyun says of the properties, and of a countdown."""

import json
import re
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.clouds.aliyun.names import to_wire
from agent.devices.socket.thing_table import SOCKET
from agent.messages import PropertyReport
from agent.thing import Field, Kind
from tests.clouds.aliyun_device import AT, POST, encoded, make_codec


def report(wall_time=None, **values):
    return PropertyReport(values=values, wall_time=wall_time)


def test_a_report_is_the_documented_one():
    publish, _ = encoded(report(AT, power_switch=True))
    assert (publish.topic, publish.qos, publish.is_answered) == (POST, 1, True)
    assert publish.payload == (
        b'{"id":"1","version":"1.0","sys":{"ack":1},'
        b'"params":{"PowerSwitch":{"value":1,"time":1524448722000}},'
        b'"method":"thing.event.property.post"}'
    )


def test_a_report_without_a_trusted_clock_is_bare():
    publish, _ = encoded(report(power_switch=False, current=0.35))
    assert b'"params":{"PowerSwitch":0,"Current":0.35}' in publish.payload


def test_every_property_has_its_identifier():
    values = {
        "voltage": 229.84,
        "current": 0.4301,
        "active_power": 60.04,
        "apparent_power": 61.0,
        "power_factor": 0.98,
        "total_energy": 1234567.5,
        "current_limit": 4.5,
    }
    _, body = encoded(report(**values))
    assert body["params"] == {
        "CurrentVoltage": 229.8,
        "Current": 0.43,
        "RealTimePower": 60.0,
        "ApparentPower": 61.0,
        "PowerFactor": 0.98,
        "PowerConsumption": 1234567.5,
        "OverCurrentThreshold": 4.5,
    }


def test_a_float_has_a_decimal_point_even_where_it_is_whole():
    publish, _ = encoded(report(voltage=230, current_limit=5))
    assert b'"CurrentVoltage":230.0,"OverCurrentThreshold":5.0' in publish.payload


@given(value=st.floats() | st.integers(-(10**20), 10**20))
@settings(max_examples=150)
def test_any_number_of_a_float_is_digits_with_a_point_or_left_out(value):
    for field in (None, SOCKET.property("current").field):
        wired = to_wire(float(value), field)
        if wired is not None:
            assert re.fullmatch(r"-?\d+\.\d+", json.dumps(wired))
    whole = to_wire(value, SOCKET.property("voltage").field)
    assert whole is None or re.fullmatch(r"-?\d+\.\d+", json.dumps(whole))


def test_a_value_without_a_float_field_keeps_its_kind():
    assert to_wire(7) == 7
    assert to_wire("x") == "x"
    assert to_wire(value=True) == 1
    assert to_wire(3, Field(name="n", kind=Kind.INT, title="", title_zh="")) == 3


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 1e15, sys.float_info.max])
def test_what_no_meter_shows_is_left_out(value):
    _, body = encoded(report(voltage=value, current=1.0))
    assert body["params"] == {"Current": 1.0}
    assert make_codec().encode(report(voltage=value), "1") is None
    assert make_codec().encode(report(), "1") is None


def test_a_countdown_that_was_told_where_to_end_says_so_and_that_is_no_property_of_its_own():
    _, body = encoded(report(power_switch=True, count_down=9, count_down_to=True))
    assert set(body["params"]) == {"PowerSwitch", "CountDown", "CountDownList"}
    members = body["params"]["CountDown"]
    assert (members.get("value") or members)["PowerSwitch"] == 1


def test_a_running_countdown_tells_what_it_will_switch_to():
    publish, _ = encoded(report(AT, power_switch=True, count_down=600))
    assert (
        b'"CountDown":{"value":{"IsRunning":1,"TimeLeft":600,"PowerSwitch":0,'
        b'"Timestamp":"1524448722000"},"time":1524448722000}'
    ) in publish.payload
    _, body = encoded(report(power_switch=False, count_down=1))
    assert body["params"]["CountDown"] == {"IsRunning": 1, "TimeLeft": 1, "PowerSwitch": 1}


def test_a_countdown_may_end_where_the_switch_is_already():
    values = report(power_switch=True, count_down=60, count_down_to=True)
    _, body = encoded(values, countdown="struct")
    assert body["params"] == {
        "PowerSwitch": 1,
        "CountDown": {"IsRunning": 1, "TimeLeft": 60, "PowerSwitch": 1},
    }
    assert make_codec().encode(report(count_down_to=True), "1") is None


def test_a_countdown_that_does_not_run_says_so():
    _, body = encoded(report(count_down=0))
    assert body["params"] == {
        "CountDown": {"IsRunning": 0, "TimeLeft": 0},
        "CountDownList": {"Target": "PowerSwitch", "Contents": ""},
    }


def test_the_time_left_ends_where_the_standard_model_does():
    _, body = encoded(report(count_down=86_400))
    assert body["params"]["CountDown"]["TimeLeft"] == 86_399


def test_every_identifier_can_be_renamed():
    rename = {
        "power_switch": "Module:OnOff",
        "count_down": "Timer",
        "count_down.is_running": "Runs",
        "count_down.time_left": "Left",
        "count_down.power_switch": "Ends",
        "count_down.timestamp": "At",
    }
    _, body = encoded(report(1.0, power_switch=True, count_down=5), rename=rename)
    assert body["params"]["Module:OnOff"]["value"] == 1
    assert body["params"]["Timer"]["value"] == {"Runs": 1, "Left": 5, "Ends": 0, "At": "1000"}

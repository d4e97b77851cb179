"""Limits can be set, and never past what the hardware allows."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from agent.settings.protection import SLOWEST, ProtectionSettings
from tests.settings.device_files import DEVICE, only, write


def told(**values):
    with pytest.raises(ValidationError) as caught:
        ProtectionSettings.model_validate(values)
    (details,) = caught.value.errors()
    return details["ctx"]


def test_the_default_is_the_slowest_curve():
    assert ProtectionSettings().bands == SLOWEST


@pytest.mark.parametrize(
    ("bands", "hint"),
    [
        ([], "1 to 8 bands"),
        ([[1 + n / 10, 0] for n in range(1, 10)], "1 to 8 bands"),
        ([[1.3, 10], [1.1, 0]], "must rise"),
        ([[1.0, 10], [2.5, 0]], "above 1"),
        ([[1.02, 10], [1.1, 20], [2.5, 0]], "must fall"),
        ([[1.02, 300], [1.1, 60], [1.3, 10], [1.6, 3], [2.5, 1]], "to 0 in the last"),
        ([[1.02, 300], [1.1, 60], [1.3, 11], [1.6, 3], [2.5, 0]], "1.3 times the rating"),
        ([[1.02, 300], [1.1, 60], [1.3, 10], [1.6, 3], [2.6, 0]], "2.5 times the rating"),
        ([[1.1, 60], [2.5, 0]], "1.02 times the rating"),
    ],
)
def test_a_curve_that_is_slower_than_the_default_is_refused(bands, hint):
    assert hint in told(bands=bands)["hint"]


def test_a_faster_curve_is_taken():
    assert ProtectionSettings.model_validate({"bands": [[1.02, 5], [1.5, 0]]}).bands[1] == (1.5, 0)


@given(st.lists(st.tuples(st.floats(0.5, 5), st.floats(0, 400)), max_size=9))
def test_whatever_curve_is_taken_opens_no_later_than_the_default(bands):
    try:
        taken = ProtectionSettings.model_validate({"bands": bands}).bands
    except ValidationError:
        return
    for factor, seconds in SLOWEST:
        assert min(s for f, s in taken if f <= factor) <= seconds


@pytest.mark.parametrize(
    ("values", "key"),
    [
        ({"low_voltage_v": 240, "high_voltage_v": 240}, "low_voltage_v"),
        ({"high_voltage_v": 275}, "high_voltage_v"),
        ({"close_below_c": 70}, "close_below_c"),
        ({"warn_c": 85}, "warn_c"),
    ],
)
def test_limits_that_cross_are_refused(values, key):
    assert told(**values)["key"] == key


@pytest.mark.parametrize(
    "values",
    [
        {"rated_current_a": 16.1},
        {"overvoltage_v": 301},
        {"meter_lost_s": 11},
        {"inrush_s": 2.1},
        {"cloud_resets_per_hour": 4},
        {"cloud_reset_after_s": 9},
        {"open_c": 101},
    ],
)
def test_no_limit_can_be_set_past_the_hardware(values):
    with pytest.raises(ValidationError):
        ProtectionSettings.model_validate(values)


def test_a_wrong_curve_is_told_with_its_line_and_what_is_allowed(tmp_path):
    text = DEVICE + "[device.protection]\nbands = [[1.02, 300], [2.5, 0]]\n"
    fault = only(write(tmp_path, text))
    assert fault.line == 5
    assert fault.key == "device.protection.bands"
    assert "[times the rating, seconds]" in fault.allowed
    assert fault.hint == "above 1.1 times the rating it must open within 60 s"


def test_a_sensor_needs_the_path_of_its_file(tmp_path):
    text = DEVICE + '[device.temperature]\ndriver = "sysfs"\n'
    fault = only(write(tmp_path, text))
    assert (fault.key, fault.allowed) == (
        "device.temperature.path",
        "the absolute path of the sensor's file",
    )

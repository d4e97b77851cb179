"""What the kernel's sensor files say: any bytes give a finite number or a `ValueError`."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.drivers.sysfs_text import (
    LONGEST,
    hwmon_parts,
    iio_parts,
    is_called,
    number,
    shared_names,
    w1_celsius,
)

GOOD_W1 = b"72 01 4b 46 7f ff 0e 10 57 : crc=57 YES\n72 01 4b 46 7f ff 0e 10 57 t=23125\n"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (b"23000\n", 23000),
        (b"-1250\n", -1250),
        (b"0.062500000\n", 0.0625),
        (b"+1.5e-3", 0.0015),
        (b"  7  ", 7),
    ],
)
def test_a_number_of_the_kernels_is_read(text, value):
    assert number(text) == value


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"\n",
        b"nan",
        b"inf",
        b"1_000",
        b"0x10",
        b"12 dB",
        b"1 2",
        b"1" * (LONGEST + 1),
        b" " * LONGEST + b"1",
        "٣".encode(),
        b"1e999",
        b"\xff",
    ],
)
def test_what_is_no_number_is_refused(text):
    with pytest.raises(ValueError, match="is no number"):
        number(text)


@given(st.binary(max_size=100))
def test_any_bytes_are_a_finite_number_or_none(text):
    try:
        value = number(text)
    except ValueError:
        return
    assert math.isfinite(value)


@given(st.floats(min_value=-1e12, max_value=1e12))
def test_every_number_that_is_written_is_read_back(value):
    assert number(f"{value:.9f}\n".encode()) == pytest.approx(value, abs=1e-8)


def test_a_checked_temperature_is_read():
    assert w1_celsius(GOOD_W1) == 23.125
    assert w1_celsius(GOOD_W1.replace(b"t=23125", b"t=-10062")) == -10.062


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (b"", "checksum"),
        (GOOD_W1.replace(b"YES", b"NO"), "checksum"),
        (GOOD_W1.replace(b"t=23125", b""), "is no temperature"),
        (GOOD_W1.replace(b"t=23125", b"t=99999999"), "is no temperature"),
        (b"00 00 00 00 00 00 00 00 00 : crc=00 YES\n00 t=0\n", "is no temperature"),
    ],
)
def test_an_unchecked_temperature_is_refused(text, says):
    with pytest.raises(ValueError, match=says):
        w1_celsius(text)


@given(st.binary(max_size=200), st.booleans())
def test_any_bytes_of_a_w1_slave_are_a_temperature_or_none(text, is_behind):
    try:
        value = w1_celsius(GOOD_W1[:60] + text if is_behind else text)
    except ValueError:
        return
    assert math.isfinite(value)


@pytest.mark.parametrize(
    ("channel", "parts"),
    [
        ("in_temp_input", 1000),
        ("in_humidityrelative_raw", 1000),
        ("in_voltage0_raw", 1000),
        ("in_voltage0-voltage1_raw", 1000),
        ("in_altvoltage0_rms_raw", 1000),
        ("in_illuminance_raw", 1),
        ("in_intensity_both_raw", 1),
        ("nonsense", 1),
    ],
)
def test_what_the_kernel_counts_in_thousandths_is_known(channel, parts):
    assert iio_parts(channel) == parts


@pytest.mark.parametrize(
    ("channel", "parts"),
    [("temp1_input", 1000), ("in12_input", 1000), ("power1_average", 10**6), ("fan2_input", 1)],
)
def test_the_units_of_monitors_are_known(channel, parts):
    assert hwmon_parts(channel) == parts


@pytest.mark.parametrize(
    ("channel", "names"),
    [
        ("in_voltage0_raw", ["in_voltage0_scale", "in_voltage_scale", "in_scale", "scale"]),
        (
            "in_voltage0-voltage1_raw",
            [
                *("in_voltage0-voltage1_scale", "in_voltage-voltage_scale"),
                *("in_voltage_scale", "in_scale", "scale"),
            ],
        ),
        ("nonsense", ["nonsense_scale", "in_scale", "scale"]),
    ],
)
def test_a_scale_is_the_channels_own_or_one_that_it_shares(channel, names):
    assert list(shared_names(channel, "scale")) == names


def test_a_device_is_called_by_its_name_with_or_without_its_place():
    assert is_called("dht11@4", "dht11")
    assert is_called("dht11@4", "dht11@4")
    assert is_called("ads1015", "ads1115")
    assert is_called("ads1115", "ads1115")
    assert is_called("dht11@0", "dht22")
    assert not is_called("dht11@4", "dht11@0")
    assert not is_called("dht110", "dht11")

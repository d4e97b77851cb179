"""The sections of sensors and dimmers: each driver has keys of its own, and takes what it names."""

import pytest
from pydantic import Field

from agent.settings.change import Change
from agent.settings.conflicts import conflicts
from agent.settings.dimmers import (
    AnyDimmerSettings,
    DimmerSettings,
    LedDimmerSettings,
    PinDimmerSettings,
    PwmDimmerSettings,
    SimulatedDimmerSettings,
)
from agent.settings.faults import Place, faults_of
from agent.settings.relays import ContactSettings
from agent.settings.section import Section
from agent.settings.sensors import (
    AnySensorSettings,
    HwmonSensorSettings,
    IioSensorSettings,
    InputSensorSettings,
    Mcp3008SensorSettings,
    SensorSettings,
    SimulatedSensorSettings,
    W1SensorSettings,
)
from agent.settings.taken import lines_of, pin_name, taken_by


class Parts(Section):
    sensors: dict[str, AnySensorSettings] = Field(default_factory=dict)
    dimmers: dict[str, AnyDimmerSettings] = Field(default_factory=dict)


def sensor(**keys):
    return Parts.model_validate({"sensors": {"T": keys}}).sensors["T"]


def dimmer(**keys):
    return Parts.model_validate({"dimmers": {"L": keys}}).dimmers["L"]


SENSORS = [
    ({"driver": "iio", "device": "dht11", "channel": "in_temp_input"}, IioSensorSettings),
    ({"driver": "iio", "device": "dht11@4", "channel": "in_temp_input"}, IioSensorSettings),
    (
        {"driver": "iio", "device": "/sys/bus/spi/devices/spi0.0", "channel": "in_voltage0_raw"},
        IioSensorSettings,
    ),
    (
        {"driver": "iio", "device": "ads1115", "channel": "in_voltage0-voltage1_raw"},
        IioSensorSettings,
    ),
    ({"driver": "hwmon", "device": "lm75", "channel": "temp1_input"}, HwmonSensorSettings),
    ({"driver": "w1", "device": "28-0316a27948ff"}, W1SensorSettings),
    ({"driver": "gpiozero", "pin": "GPIO22"}, InputSensorSettings),
    ({"driver": "gpiod", "pin": "GPIO22", "pull": "up"}, InputSensorSettings),
    ({"driver": "gpiod", "pin": "GPIO22", "active_low": True}, InputSensorSettings),
    ({"driver": "gpiozero", "pin": "GPIO22", "pull": "none", "active_low": True}, None),
    ({"driver": "gpiozero", "pin": "GPIO22", "pull": "up", "active_low": True}, None),
    ({"driver": "mcp3008", "channel": 0}, Mcp3008SensorSettings),
    ({"driver": "simulated"}, SimulatedSensorSettings),
]


@pytest.mark.parametrize(("keys", "kind"), SENSORS)
def test_each_driver_has_its_section(keys, kind):
    made = sensor(**keys)
    assert isinstance(made, SensorSettings)
    assert type(made) is (kind or InputSensorSettings)
    assert made.driver == keys["driver"]


def test_a_reportable_change_is_understood_as_elsewhere():
    assert sensor(driver="simulated", change="2% or 0.5").reportable == Change(
        relative=0.02, absolute=0.5
    )


def test_a_section_that_is_made_already_is_kept():
    made = SimulatedSensorSettings(driver="simulated")
    assert Parts(sensors={"T": made}).sensors["T"] is made


def test_an_input_is_on_or_off_and_a_simulated_one_as_its_value_is():
    assert sensor(driver="gpiod", pin="GPIO22").is_binary
    assert InputSensorSettings.IS_BINARY
    assert not SensorSettings.IS_BINARY
    assert not sensor(driver="mcp3008", channel=0).is_binary
    assert not sensor(driver="simulated", value=1).is_binary
    assert sensor(driver="simulated", value=True).is_binary


def test_an_input_that_is_pulled_up_is_on_while_it_is_low():
    assert sensor(driver="gpiod", pin="GPIO22", pull="up").is_active_low
    assert not sensor(driver="gpiod", pin="GPIO22").is_active_low
    assert sensor(driver="gpiod", pin="GPIO22", active_low=True).is_active_low


def fault_of(part, **keys):
    value = {part: {"X": keys}}
    try:
        Parts.model_validate(value)
    except ValueError as error:
        locate = lambda path: Place(file="f", line=1, key=".".join(map(str, path)))  # noqa: E731
        (fault,) = faults_of(error, section=Parts, value=value, at=(), locator=locate)
        return fault
    raise AssertionError


NAMES = "iio | hwmon | w1 | gpiozero | gpiod | mcp3008 | simulated"


@pytest.mark.parametrize(
    ("keys", "key", "allowed", "hint"),
    [
        ({}, "sensors.X.driver", NAMES, ""),
        ({"driver": "gpiodd"}, "sensors.X.driver", NAMES, "did you mean 'gpiod'?"),
        (
            {"driver": "iio", "device": "dht11", "channel": "temp"},
            *("sensors.X.channel", "the channel's file, such as in_temp_input or in_voltage0_raw"),
            "",
        ),
        (
            {"driver": "iio", "device": "../etc", "channel": "in_temp_input"},
            "sensors.X.device",
            "the kernel's name of it, such as dht11, or the path of its folder in /sys",
            "",
        ),
        (
            {"driver": "w1", "device": "28-xyz"},
            "sensors.X.device",
            "its folder in /sys/bus/w1/devices, such as 28-0316a27948ff",
            "",
        ),
        ({"driver": "mcp3008", "channel": 8}, "sensors.X.channel", "0 to 7", ""),
        (
            {"driver": "gpiozero", "pin": "GPIO22", "active_low": True},
            "sensors.X.active_low",
            'false with pull = "down", or driver = "gpiod"',
            "",
        ),
        (
            {"driver": "gpiozero", "pin": "GPIO22", "pull": "up", "active_low": False},
            "sensors.X.active_low",
            'true with pull = "up", or driver = "gpiod"',
            "",
        ),
    ],
)
def test_a_fault_says_where_and_what_is_allowed(keys, key, allowed, hint):
    fault = fault_of("sensors", **keys)
    assert (fault.key, fault.allowed, fault.hint) == (key, allowed, hint)


def test_a_key_of_another_driver_is_told_as_such():
    fault = fault_of("sensors", driver="w1", device="28-0316a27948ff", vref=3.3)
    assert fault.hint == "'vref' goes with driver = \"mcp3008\""


DIMMERS = [
    ({"driver": "gpiozero", "pin": "GPIO18"}, PinDimmerSettings),
    ({"driver": "leds", "led": "ACT"}, LedDimmerSettings),
    ({"driver": "pwm", "channel": 0}, PwmDimmerSettings),
    ({"driver": "pwm", "chip": "/sys/devices/platform/pwm", "channel": 1}, PwmDimmerSettings),
    ({"driver": "simulated"}, SimulatedDimmerSettings),
]


@pytest.mark.parametrize(("keys", "kind"), DIMMERS)
def test_each_dimmer_has_its_section(keys, kind):
    assert type(dimmer(**keys)) is kind


@pytest.mark.parametrize("led", ["..", ".hidden", "a/b", "", "x" * 65])
def test_a_light_is_a_name_and_no_path(led):
    assert fault_of("dimmers", driver="leds", led=led).key == "dimmers.X.led"


@pytest.mark.parametrize(("on_start", "policy"), [(0, "off"), (40, "on"), ("restore", "restore")])
def test_the_guard_is_told_what_becomes_of_a_dimmer(on_start, policy):
    made = DimmerSettings(on_start=on_start, on_stop="keep")
    assert made.policy == ContactSettings(on_start=policy, on_stop="keep")


@pytest.mark.parametrize(
    ("section", "kind", "what"),
    [
        (sensor(driver="gpiod", pin="BCM4"), "a pin", ("GPIO4",)),
        (dimmer(driver="gpiozero", pin="gpio18"), "a pin", ("GPIO18",)),
        (
            sensor(driver="iio", device="dht11", channel="in_temp_input"),
            "a channel",
            ("iio", "dht11", "in_temp_input"),
        ),
        (sensor(driver="w1", device="28-0316a27948ff"), "a sensor", ("w1", "28-0316a27948ff")),
        (
            sensor(driver="mcp3008", channel=3, select=1),
            "a channel",
            ("mcp3008", "0.1", "3"),
        ),
        (dimmer(driver="leds", led="ACT"), "a light", ("ACT",)),
        (dimmer(driver="pwm", channel=1), "a channel", ("pwm", "pwmchip0", "1")),
    ],
)
def test_a_section_takes_what_it_names(section, kind, what):
    (taken,) = taken_by(section)
    assert (taken.kind, taken.what) == (kind, what)
    assert taken.key in type(section).model_fields


def test_a_simulated_part_takes_nothing():
    assert not list(taken_by(sensor(driver="simulated")))
    assert not list(taken_by(dimmer(driver="simulated")))


def test_the_lines_of_a_section_are_listed_for_a_check_of_their_names():
    assert lines_of(sensor(driver="gpiod", pin="22")) == {"pin": "22"}
    assert lines_of(dimmer(driver="gpiozero", pin="GPIO18")) == {"pin": "GPIO18"}
    assert lines_of(dimmer(driver="leds", led="ACT")) == {}


def test_a_pin_has_one_name():
    assert {pin_name(name) for name in ("BCM17", "gpio17", " GPIO17 ", "17")} == {"GPIO17"}
    assert pin_name("RELAY1") == "RELAY1"
    assert not list(conflicts(()))

"""The doctor's look at sensors and switches."""

from contextlib import asynccontextmanager
from types import SimpleNamespace

import pytest

from agent import registry
from agent.doctor.sensors import check_sensor, examine_parts
from agent.drivers.iio_sensor import iio_sensor
from agent.drivers.simulated.sensor import SimulatedSensor
from agent.errors import ConfigError, LineBusyError
from agent.ports import Needs
from agent.settings.relays import RelaySettings
from agent.settings.sensors import (
    IioSensorSettings,
    InputSensorSettings,
    SimulatedSensorSettings,
)
from tests.drivers.sysfs import Devices

OUTSIDE = (
    "reads 200 % (200 before scale and offset), outside its range of 0 to 100: it counts as not"
    " known"
)


def simulated(**keys):
    return SimulatedSensorSettings(driver="simulated", **keys)


async def judged(section, make=SimulatedSensor):
    return await check_sensor("MQ2", section, make, retry_s=0)


@pytest.mark.parametrize(
    ("section", "level", "text"),
    [
        (simulated(value=1.5, scale=100, offset=5, unit="ppm"), "ok", "reads 155 ppm now"),
        (simulated(value=21.5), "ok", "reads 21.5 now"),
        (simulated(value=True), "ok", "is on now"),
        (simulated(value=False), "ok", "is off now"),
        (
            simulated(value=1.5, fault="error", fault_every=2),
            *("ok", "reads 1.5 now"),
        ),
        (
            simulated(value=200, range=(0, 100), unit="%"),
            "warn",
            OUTSIDE,
        ),
        (
            simulated(fault="error"),
            *("FAILED", "the simulated sensor fails, as it was told to"),
        ),
    ],
)
async def test_what_a_sensor_reads_is_told(section, level, text):
    verdict = await judged(section)
    assert (verdict.level, verdict.name, verdict.text) == (level, "sensor MQ2", text)


async def test_a_sensor_that_answers_only_at_a_later_try_is_told_as_such():
    made = SimulatedSensor(simulated(value=1.5, fault="error", fault_every=2))
    made.measured = 1
    verdict = await judged(simulated(), lambda _: made)
    assert (verdict.level, verdict.text) == ("ok", "reads 1.5 now, at try 2: look at its wiring")


async def test_a_missing_device_says_what_to_do(tmp_path):
    section = IioSensorSettings(driver="iio", device="dht11", channel="in_temp_input", retries=0)
    folder = Devices(tmp_path / "iio").folder
    verdict = await judged(section, lambda each: iio_sensor(each, folder=folder))
    assert verdict.level == "FAILED"
    assert "dtoverlay=dht11,gpiopin=4" in verdict.text


class Busy:
    def __init__(self, _):
        pass

    @asynccontextmanager
    async def open(self):
        raise LineBusyError("GPIO22: the line is in use by 'polycloud'")
        yield


async def test_a_line_that_somebody_has_is_left_alone():
    verdict = await judged(InputSensorSettings(driver="gpiod", pin="GPIO22", retries=0), Busy)
    assert verdict.level == "warn"
    assert "the running agent may have it" in verdict.text


async def test_a_missing_package_is_told():
    def make(_):
        raise ConfigError("sensor 'gpiod' needs the package gpiod")

    verdict = await judged(simulated(), make)
    assert (verdict.level, verdict.text) == ("FAILED", "sensor 'gpiod' needs the package gpiod")


async def test_a_plug_ins_sensor_is_told_as_it_is():
    verdict = await judged(SimpleNamespace(driver="x"), lambda _: SimulatedSensor(simulated()))
    assert verdict.text == "reads 20.0 now"


def test_sensors_and_switches_are_looked_at_in_turn(tmp_path):
    needs = Needs(
        sensors={"T": simulated(value=21.5, unit="°C")},
        relays={
            "Lamp": RelaySettings(driver="gpiod", pin="GPIO4"),
            "Fan": RelaySettings(driver="gpiod", pin="GPIO17"),
            "Show": RelaySettings(driver="simulated"),
        },
    )
    make = lambda section: registry.made("sensor", section, None)  # noqa: E731
    verdicts = list(examine_parts(needs, make, tmp_path))
    assert [(each.level, each.name) for each in verdicts] == [
        ("ok", "sensor T"),
        ("FAILED", "gpio"),
        ("FAILED", "switch Lamp"),
        ("warn", "switch Lamp"),
        ("FAILED", "switch Fan"),
    ]
    assert "pulls GPIO4 up until the agent starts" in verdicts[3].text

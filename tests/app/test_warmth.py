"""Temperatures reach the device; a sensor that fails is told once and is unknown meanwhile."""

import pytest
from structlog.testing import capture_logs

from agent.app.warmth import CPU_EVERY_S, EVERY_S, watch
from agent.devices.inputs import Heat
from agent.drivers.simulated.thermometer import SimulatedThermometer
from agent.drivers.sysfs_thermometer import SysfsThermometer
from agent.errors import DriverError
from agent.settings.device import TemperatureSettings


class EndOfTestError(Exception):
    """The last turn is over."""


class Turns:
    """A clock on which each sleep does the next thing."""

    def __init__(self, *turns):
        self._turns = list(turns)
        self.slept = []

    async def sleep(self, seconds):
        self.slept.append(seconds)
        if not self._turns:
            raise EndOfTestError
        self._turns.pop(0)()


def simulated():
    return SimulatedThermometer(TemperatureSettings(driver="simulated", simulated_c=40))


async def test_a_failing_sensor_is_told_once_and_its_return_too():
    sensor, told = simulated(), []

    def fail():
        sensor.fails = True

    def mend():
        sensor.fails = False

    clock = Turns(fail, lambda: None, mend)
    with capture_logs() as logs, pytest.raises(EndOfTestError):
        await watch(sensor, told.append, clock)
    assert [heat.celsius for heat in told] == [40, None, None, 40]
    assert [entry["event"] for entry in logs] == ["temperature.lost", "temperature.found"]
    assert set(clock.slept) == {EVERY_S}


async def test_the_processor_is_asked_less_often():
    told, clock = [], Turns()
    with pytest.raises(EndOfTestError):
        await watch(simulated(), told.append, clock, is_cpu=True)
    assert told == [Heat(celsius=40, is_cpu=True)]
    assert clock.slept == [CPU_EVERY_S]


def sysfs(path, **more):
    return SysfsThermometer(TemperatureSettings(driver="sysfs", path=str(path), **more))


@pytest.mark.parametrize(("text", "scale", "celsius"), [("41500\n", 0.001, 41.5), ("38", 1, 38)])
async def test_a_file_of_the_kernel_is_read(tmp_path, text, scale, celsius):
    file = tmp_path / "temp"
    file.write_text(text)
    assert await sysfs(file, scale=scale).celsius() == pytest.approx(celsius)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "is no number"),
        ("hot", "is no number"),
        ("\xff", "is no number"),
        ("900000", "cannot be"),
    ],
)
async def test_what_is_no_temperature_says_what_it_is(tmp_path, text, says):
    file = tmp_path / "temp"
    file.write_text(text, encoding="latin-1")
    with pytest.raises(DriverError, match=says):
        await sysfs(file).celsius()


async def test_a_sensor_that_is_not_there_says_where_it_was_looked_for(tmp_path):
    with pytest.raises(DriverError, match=r"missing.*is the sensor connected"):
        await sysfs(tmp_path / "missing").celsius()

"""Temperatures reach the device; a sensor that fails is told once and is unknown meanwhile."""

import asyncio
import os
import subprocess
import sys
import threading

import pytest
from structlog.testing import capture_logs

from agent.app.warmth import CPU_EVERY_S, EVERY_S, Warmth
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
        await Warmth("socket-1").watch(sensor, told.append, clock)
    assert [heat.celsius for heat in told] == [40, None, None, 40]
    assert [entry["event"] for entry in logs] == ["temperature.lost", "temperature.found"]
    assert {entry["device"] for entry in logs} == {"socket-1"}
    assert set(clock.slept) == {EVERY_S}


async def test_a_fault_that_changes_its_words_is_told_once():
    class Wavering:
        def __init__(self):
            self.reads = 0

        async def celsius(self):
            self.reads += 1
            raise DriverError(f"fault {self.reads}")

    warmth, clock = Warmth("socket-1"), Turns(lambda: None, lambda: None)
    with capture_logs() as logs, pytest.raises(EndOfTestError):
        await warmth.watch(Wavering(), lambda _: None, clock)
    assert [entry["error"] for entry in logs] == ["fault 1"]
    assert warmth.error == "fault 3"


async def test_the_error_of_the_processor_is_not_the_sockets():
    sensor, warmth = simulated(), Warmth("socket-1")
    sensor.fails = True
    with pytest.raises(EndOfTestError):
        await warmth.watch(sensor, lambda _: None, Turns(), is_cpu=True)
    assert warmth.error is None


async def test_the_processor_is_asked_less_often():
    told, clock = [], Turns()
    with pytest.raises(EndOfTestError):
        await Warmth("socket-1").watch(simulated(), told.append, clock, is_cpu=True)
    assert told == [Heat(celsius=40, is_cpu=True)]
    assert clock.slept == [CPU_EVERY_S]


def sysfs(path, *, patience_s=5.0, **more):
    settings = TemperatureSettings(driver="sysfs", path=str(path), **more)
    return SysfsThermometer(settings, patience_s=patience_s)


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


# ── a sensor that hangs ─────────────────────────────────────────────────────────────────────


def hanging(tmp_path):
    """Make a file whose reads do not return before somebody writes to it."""
    file = tmp_path / "temp"
    os.mkfifo(file)
    return file


def answer(file, text):
    """Let the read that hangs return, and each later one at once."""
    descriptor = os.open(file, os.O_WRONLY)
    file.unlink()
    file.write_text(text)
    os.write(descriptor, text.encode())
    os.close(descriptor)


def readers():
    return [each for each in threading.enumerate() if each.name == "temperature"]


async def test_a_sensor_that_hangs_is_lost_with_one_thread_and_found_when_it_answers(tmp_path):
    file, told, warmth = hanging(tmp_path), [], Warmth("socket-1")
    threads, errors = [], []

    def look():
        threads.append(readers())
        errors.append(warmth.error)

    def mend():
        (reader,) = readers()
        answer(file, "41500")
        reader.join()

    clock = Turns(look, look, mend)
    sensor = sysfs(file, patience_s=0.01, scale=0.001)
    with capture_logs() as logs, pytest.raises(EndOfTestError):
        await warmth.watch(sensor, told.append, clock)
    assert [heat.celsius for heat in told] == [None, None, None, 41.5]
    assert [len(each) for each in threads] == [1, 1]
    assert all(each.daemon for each in threads[0])
    assert "no answer within 0.01 s" in errors[0]
    assert warmth.error is None
    assert [entry["event"] for entry in logs] == ["temperature.lost", "temperature.found"]
    assert "look at its wiring" in logs[0]["error"]


ENDS = """\
import asyncio, sys
from agent.drivers.sysfs_thermometer import SysfsThermometer
from agent.errors import DriverError
from agent.settings.device import TemperatureSettings

async def main():
    settings = TemperatureSettings(driver="sysfs", path=sys.argv[1])
    try:
        await SysfsThermometer(settings, patience_s=0.01).celsius()
    except DriverError:
        print("lost")

asyncio.run(main())
"""


async def test_a_sensor_that_hangs_does_not_hold_up_the_end_of_the_process(tmp_path):
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", ENDS, str(hanging(tmp_path)), stdout=subprocess.PIPE
    )
    try:
        async with asyncio.timeout(20):
            said, _ = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
    assert (process.returncode, said) == (0, b"lost\n")

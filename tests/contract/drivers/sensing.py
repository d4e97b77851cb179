"""Stands of the sensors and thermometers that are built in."""

import errno
import os
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from gpiozero.pins.mock import MockFactory

from agent.conformance.drivers.stands import Fault
from agent.drivers.gpiod_input import GpiodInput
from agent.drivers.gpiozero_input import GpiozeroInput
from agent.drivers.hwmon_sensor import hwmon_sensor
from agent.drivers.iio_sensor import iio_sensor
from agent.drivers.mcp3008_sensor import Mcp3008Sensor
from agent.drivers.simulated.sensor import SimulatedSensor
from agent.drivers.simulated.thermometer import SimulatedThermometer
from agent.drivers.sysfs_thermometer import SysfsThermometer
from agent.drivers.w1_sensor import w1_sensor
from agent.settings.device import TemperatureSettings
from agent.settings.sensors import (
    HwmonSensorSettings,
    IioSensorSettings,
    InputSensorSettings,
    Mcp3008SensorSettings,
    SimulatedSensorSettings,
    W1SensorSettings,
)
from tests.drivers.kernel import Kernel
from tests.drivers.sysfs import Devices, fail, hang
from tests.drivers.test_mcp3008 import Bus
from tests.drivers.test_mcp3008 import Factory as SpiFactory

PIN = "GPIO22"
CHIP = "28-0316a27948ff"


class KernelFile:
    """A file that the kernel makes up: `make_driver` reads *file* in thousandths."""

    faults = frozenset({Fault.GONE, Fault.ERROR, Fault.SILENT})
    samples = (21.5, -4.0)
    tolerance = 0.001

    def __init__(self, file, make_driver):
        self.file = file
        self.driver = make_driver
        self._is_silent = False
        self.show(self.samples[0])

    def show(self, value):
        self._text = f"{round(value * 1000)}\n"
        self.file.write_text(self._text)

    def make(self, fault):
        match fault:
            case Fault.GONE:
                self.file.unlink()
            case Fault.ERROR:
                fail(self.file)
            case Fault.SILENT:
                self._is_silent = True
                hang(self.file)
            case None:
                self._mend()

    def _mend(self):
        """Have what hangs read an end, and the next the value."""
        waiting = []
        if self._is_silent:
            self._is_silent = False
            waiting = [os.open(self.file, os.O_RDWR | os.O_NONBLOCK)]
        self.file.unlink(missing_ok=True)
        self.file.write_text(self._text)
        for each in waiting:
            os.write(each, self._text.encode())
            os.close(each)


@asynccontextmanager
async def iio():
    with TemporaryDirectory() as folder:
        devices = Devices(folder)
        file = devices.plug("dht11@4") / "in_temp_input"
        settings = IioSensorSettings(driver="iio", device="dht11", channel="in_temp_input")
        yield KernelFile(file, lambda: iio_sensor(settings, folder=devices.folder))


@asynccontextmanager
async def hwmon():
    with TemporaryDirectory() as folder:
        devices = Devices(folder, "hwmon")
        file = devices.plug("lm75") / "temp1_input"
        settings = HwmonSensorSettings(driver="hwmon", device="lm75", channel="temp1_input")
        yield KernelFile(file, lambda: hwmon_sensor(settings, folder=devices.folder))


@asynccontextmanager
async def w1():
    with TemporaryDirectory() as folder:
        chip = Path(folder) / CHIP
        chip.mkdir()
        settings = W1SensorSettings(driver="w1", device=CHIP)
        yield KernelFile(chip / "temperature", lambda: w1_sensor(settings, folder=Path(folder)))


@asynccontextmanager
async def sysfs():
    with TemporaryDirectory() as folder:
        file = Path(folder) / "temp"
        settings = TemperatureSettings(driver="sysfs", path=str(file))
        yield KernelFile(file, lambda: SysfsThermometer(settings))


class KernelInput:
    """A line of a kernel in memory."""

    faults = frozenset({Fault.GONE, Fault.ERROR, Fault.BUSY})
    samples = (True, False)
    tolerance = 0.0

    def __init__(self, folder):
        self.kernel = Kernel(folder, PIN)
        self.line = self.kernel.lines[PIN]
        self._claim = None

    def driver(self):
        settings = InputSensorSettings(driver="gpiod", pin=PIN)
        return GpiodInput(settings, None, **self.kernel.lines_only())

    def show(self, value):
        self.line.move(high=value)

    def make(self, fault):
        if self._claim is not None:
            os.close(self._claim)
        self._claim, self.kernel.error, self.kernel.refusal = None, None, None
        match fault:
            case Fault.GONE:
                self.kernel.unplug()
            case Fault.ERROR:
                error = OSError(errno.EIO, os.strerror(errno.EIO))
                self.kernel.error = self.kernel.refusal = error
            case Fault.BUSY:
                self._claim = self.line.request(active=False, active_low=False)


@asynccontextmanager
async def kernel_input():
    with TemporaryDirectory() as folder:
        yield KernelInput(folder)


class MockInput:
    """A mock pin of gpiozero's."""

    faults = frozenset()
    samples = (True, False)
    tolerance = 0.0

    def __init__(self, factory):
        self.factory = factory

    def driver(self):
        settings = InputSensorSettings(driver="gpiozero", pin=PIN, debounce_s=0)
        return GpiozeroInput(settings, None, make_factory=lambda: self.factory)

    def show(self, value):
        pin = self.factory.pin(PIN)
        (pin.drive_high if value else pin.drive_low)()

    def make(self, fault):
        assert fault is None


@asynccontextmanager
async def mock_input():
    factory = MockFactory()
    yield MockInput(factory)
    factory.reset()


class Converter:
    """A chip on a bus in memory."""

    faults = frozenset({Fault.GONE, Fault.ERROR})
    samples = (3.3, 0.0)
    tolerance = 0.01

    def __init__(self, factory):
        self.factory = factory
        Bus.levels, Bus.fails = {}, False
        self.show(0.0)

    def driver(self):
        settings = Mcp3008SensorSettings(driver="mcp3008", channel=2)
        return Mcp3008Sensor(settings, None, make_factory=lambda: self.factory)

    def show(self, value):
        Bus.levels[2] = round(value / 3.3 * 1023)

    def make(self, fault):
        Bus.fails = fault is not None
        self.factory.has_bus = fault is not Fault.GONE


@asynccontextmanager
async def converter():
    factory = SpiFactory()
    yield Converter(factory)
    factory.reset()


class Simulated:
    """A simulated sensor: driver and hardware in one."""

    faults = frozenset({Fault.GONE, Fault.ERROR, Fault.SILENT})
    samples = (20.0, -3.5)
    tolerance = 0.0

    def __init__(self):
        self.sensor = SimulatedSensor(SimulatedSensorSettings(driver="simulated"))

    def driver(self):
        return self.sensor

    def show(self, value):
        self.sensor.show(value=value)

    def make(self, fault):
        self.sensor.is_unplugged = fault is Fault.GONE
        self.sensor.fault = {Fault.ERROR: "error", Fault.SILENT: "hang"}.get(fault, "none")


class Warm:
    """A simulated thermometer."""

    faults = frozenset({Fault.ERROR})
    samples = (25.0, 90.0)
    tolerance = 0.0

    def __init__(self):
        self.thermometer = SimulatedThermometer(TemperatureSettings(driver="simulated"))

    def driver(self):
        return self.thermometer

    def show(self, value):
        self.thermometer.shown_c = value

    def make(self, fault):
        self.thermometer.fails = fault is not None


@asynccontextmanager
async def simulated():
    yield Simulated()


@asynccontextmanager
async def warm():
    yield Warm()

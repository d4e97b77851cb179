"""Stands of the dimmers, buttons and lights that are built in."""

import asyncio
import errno
import os
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from gpiozero.pins.mock import MockFactory, MockPWMPin

from agent.conformance.drivers.stands import Fault
from agent.drivers.gpiod_button import GpiodButton
from agent.drivers.gpiod_rgb import GpiodRgb
from agent.drivers.gpiozero_button import GpiozeroButton
from agent.drivers.gpiozero_dimmer import GpiozeroDimmer
from agent.drivers.gpiozero_rgb import GpiozeroRgb
from agent.drivers.led_dimmer import LedDimmer
from agent.drivers.pwm_dimmer import PwmDimmer
from agent.drivers.simulated.button import SimulatedButton
from agent.drivers.simulated.dimmer import SimulatedDimmer
from agent.drivers.simulated.indicator import SimulatedIndicator
from agent.drivers.spi_light import SpiIndicator
from agent.drivers.ws281x import Ws281xIndicator
from agent.drivers.ws2812_bits import encode
from agent.model import BLACK, Color
from agent.settings.device import ButtonSettings, IndicatorSettings
from agent.settings.dimmers import (
    LedDimmerSettings,
    PinDimmerSettings,
    PwmDimmerSettings,
    SimulatedDimmerSettings,
)
from agent.settings.indicator import RgbIndicatorSettings, SpiIndicatorSettings
from tests.drivers.kernel import Kernel
from tests.drivers.sysfs import put
from tests.drivers.test_gpio_ws281x import FakeStrip
from tests.drivers.test_rgb_light import PINS
from tests.drivers.test_spi_light import Bus

RED, GREEN = Color(red=255, green=0, blue=0), Color(red=0, green=255, blue=0)
PIN = "GPIO27"
IO_ERROR = OSError(errno.EIO, os.strerror(errno.EIO))


# ── dimmers ─────────────────────────────────────────────────────────────────────────────────


class LevelFile:
    """A file of the kernel's that holds a level; what it held before is nobody's to know."""

    faults = frozenset({Fault.GONE})
    moves = ()
    step = 0.01

    def __init__(self, file, full, make_driver):
        self.file, self.full, self.driver = file, full, make_driver

    def level(self):
        return int(self.file.read_text()) / self.full

    def put(self, *, level):
        self.file.write_text(str(round(level * self.full)))

    def make(self, fault):
        away = self.file.parent.with_name("away")
        if fault is Fault.GONE:
            self.file.parent.rename(away)
        elif away.exists():
            away.rename(self.file.parent)


@asynccontextmanager
async def leds():
    with TemporaryDirectory() as folder:
        light = Path(folder) / "status"
        light.mkdir()
        put(light, brightness="0", max_brightness="255", trigger="[none] timer")
        settings = LedDimmerSettings(driver="leds", led="status")
        yield LevelFile(
            light / "brightness", 255, lambda: LedDimmer(settings, None, folder=Path(folder))
        )


@asynccontextmanager
async def pwm():
    with TemporaryDirectory() as folder:
        channel = Path(folder) / "pwmchip0" / "pwm0"
        channel.mkdir(parents=True)
        put(channel.parent, npwm="2", export="")
        put(channel, period="1000000", duty_cycle="0", enable="1")
        settings = PwmDimmerSettings(driver="pwm", channel=0)
        yield LevelFile(
            channel / "duty_cycle",
            1_000_000,
            lambda: PwmDimmer(settings, None, folder=Path(folder), poll_s=0),
        )


class PwmPin:
    """A mock pin of gpiozero's."""

    faults = frozenset()
    step = 0.01

    def __init__(self, factory):
        self.factory = factory
        self.pin = factory.pin("GPIO18")

    def driver(self):
        settings = PinDimmerSettings(driver="gpiozero", pin="GPIO18")
        return GpiozeroDimmer(settings, None, make_factory=lambda: self.factory)

    @property
    def moves(self):
        return [float(each.state) for each in self.pin.states]

    def level(self):
        return float(self.pin.state)

    def put(self, *, level):
        """Leave nothing: a pin that nobody drives is an input."""

    def make(self, fault):
        assert fault is None


@asynccontextmanager
async def pwm_pin():
    factory = MockFactory(pin_class=MockPWMPin)
    yield PwmPin(factory)
    factory.reset()


class Remembering:
    """A simulated dimmer."""

    faults = frozenset({Fault.ERROR})
    step = 0.0

    def __init__(self):
        self.dimmer = SimulatedDimmer(SimulatedDimmerSettings(driver="simulated"))

    def driver(self):
        return self.dimmer

    @property
    def moves(self):
        return tuple(self.dimmer.history)

    def level(self):
        return self.dimmer.level

    def put(self, *, level):
        self.dimmer.set(level=level)

    def make(self, fault):
        self.dimmer.fails = fault is not None


@asynccontextmanager
async def remembering():
    yield Remembering()


# ── buttons ─────────────────────────────────────────────────────────────────────────────────


class KernelButton:
    """A line of a kernel in memory."""

    faults = frozenset({Fault.GONE, Fault.ERROR, Fault.BUSY})

    def __init__(self, folder):
        self.kernel = Kernel(folder, PIN)
        self.line = self.kernel.lines[PIN]
        self._claim = None

    def driver(self):
        settings = ButtonSettings(driver="gpiod", pin=PIN)
        return GpiodButton(settings, None, **self.kernel.lines_only())

    def press(self):
        self.line.move(high=not self.line.active_low)

    def release(self):
        self.line.move(high=self.line.active_low)

    def make(self, fault):
        if self._claim is not None:
            os.close(self._claim)
        self._claim, self.kernel.error, self.kernel.refusal = None, None, None
        match fault:
            case Fault.GONE:
                self.kernel.unplug()
            case Fault.ERROR:
                self.kernel.error = self.kernel.refusal = IO_ERROR
            case Fault.BUSY:
                self._claim = self.line.request(active=False, active_low=False)


@asynccontextmanager
async def kernel_button():
    with TemporaryDirectory() as folder:
        yield KernelButton(folder)


class MockButton:
    """A mock pin of gpiozero's."""

    faults = frozenset()

    def __init__(self, factory):
        self.factory = factory

    def driver(self):
        return GpiozeroButton(ButtonSettings(pin=PIN), None, make_factory=lambda: self.factory)

    def press(self):
        self.factory.pin(PIN).drive_low()

    def release(self):
        self.factory.pin(PIN).drive_high()

    def make(self, fault):
        assert fault is None


@asynccontextmanager
async def mock_button():
    factory = MockFactory()
    yield MockButton(factory)
    factory.reset()


class Finger:
    """A simulated button, which is pressed on the loop."""

    faults = frozenset()

    def __init__(self):
        self.button = SimulatedButton(ButtonSettings(driver="simulated"))
        self.loop = asyncio.get_running_loop()

    def driver(self):
        return self.button

    def press(self):
        self.loop.call_soon_threadsafe(self.button.press)

    def release(self):
        self.loop.call_soon_threadsafe(self.button.release)

    def make(self, fault):
        assert fault is None


@asynccontextmanager
async def finger():
    yield Finger()


# ── lights ──────────────────────────────────────────────────────────────────────────────────


class SpiLight:
    """A light on a bus in memory."""

    faults = frozenset({Fault.GONE, Fault.ERROR})
    colors = (RED, GREEN)

    def __init__(self):
        self.bus = Bus()

    def driver(self):
        return SpiIndicator(SpiIndicatorSettings(driver="spi"), None, files=self.bus)

    def color(self):
        by_message = {self._message(each): each for each in (*self.colors, BLACK)}
        return by_message[self.bus.messages[-1]] if self.bus.messages else BLACK

    def _message(self, color):
        return encode(color, leds=1, order="GRB", speed_hz=6_400_000)

    def make(self, fault):
        calls = {Fault.GONE: ("open", "write"), Fault.ERROR: ("open", "ioctl", "write")}
        self.bus.errors = dict.fromkeys(calls.get(fault, ()), errno.EIO)


@asynccontextmanager
async def spi():
    yield SpiLight()


class Strip:
    """A strip of the library's, in memory."""

    faults = frozenset({Fault.ERROR})
    colors = (RED, GREEN)

    def __init__(self, folder):
        self.model = Path(folder) / "model"
        self.model.write_bytes(b"Raspberry Pi 4 Model B Rev 1.4\0")
        self.strip = FakeStrip(10, 0)

    def driver(self):
        settings = IndicatorSettings()
        return Ws281xIndicator(
            settings, None, make_strip=lambda _pin, _channel: self.strip, model_file=self.model
        )

    def color(self):
        red, green, blue = self.strip.shown[-1] if self.strip.shown else (0, 0, 0)
        return Color(red=red, green=green, blue=blue)

    def make(self, fault):
        self.strip.error = "as it was told to" if fault else None


@asynccontextmanager
async def strip():
    with TemporaryDirectory() as folder:
        yield Strip(folder)


class ThreeMockPins:
    """Three mock pins of gpiozero's."""

    faults = frozenset()
    colors = (RED, GREEN)

    def __init__(self, factory):
        self.factory = factory
        self.pins = [factory.pin(name) for name in PINS]

    def driver(self):
        settings = RgbIndicatorSettings(driver="rgb")
        return GpiozeroRgb(settings, None, make_factory=lambda: self.factory)

    def color(self):
        red, green, blue = (round(255 * pin.state) for pin in self.pins)
        return Color(red=red, green=green, blue=blue)

    def make(self, fault):
        assert fault is None


@asynccontextmanager
async def three_mock_pins():
    factory = MockFactory(pin_class=MockPWMPin)
    yield ThreeMockPins(factory)
    factory.reset()


class ThreeLines:
    """Three lines of a kernel in memory."""

    faults = frozenset({Fault.GONE, Fault.ERROR})
    colors = (RED, GREEN)

    def __init__(self, folder):
        self.kernel = Kernel(folder, *PINS)

    def driver(self):
        return GpiodRgb(RgbIndicatorSettings(driver="rgb"), None, **self.kernel.lines_only())

    def color(self):
        red, green, blue = (
            255 * int(line.is_active and line.is_claimed) for line in self.kernel.lines.values()
        )
        return Color(red=red, green=green, blue=blue)

    def make(self, fault):
        self.kernel.error = IO_ERROR if fault else None
        self.kernel.refusal = IO_ERROR if fault else None


@asynccontextmanager
async def three_lines():
    with TemporaryDirectory() as folder:
        yield ThreeLines(folder)


class Shown:
    """A simulated light."""

    faults = frozenset()
    colors = (RED, GREEN)

    def __init__(self):
        self.light = SimulatedIndicator(IndicatorSettings(driver="simulated"))

    def driver(self):
        return self.light

    def color(self):
        return self.light.color

    def make(self, fault):
        assert fault is None


@asynccontextmanager
async def shown():
    yield Shown()

"""A WS2812 light on a Raspberry Pi, by rpi_ws281x.

`show` renders at once, on the loop. The library holds the interpreter's lock while it renders
(about 0.35 ms for one light), so that a thread would stop the loop for just as long.
"""

import importlib
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final, Protocol

from agent.drivers.darkening import darken
from agent.errors import ConfigError, DriverError
from agent.model import BLACK, Color
from agent.settings.device import IndicatorSettings

MODEL_FILE: Final = Path("/proc/device-tree/model")
CHANNELS: Final = {
    "GPIO10": 0,  # SPI0 MOSI: needs no root
    "GPIO12": 0,  # PWM0
    "GPIO18": 0,
    "GPIO13": 1,  # PWM1
    "GPIO19": 1,
    "GPIO21": 0,  # PCM
}
"""The library's channel for each pin that it can drive."""


class _Strip(Protocol):
    def begin(self) -> None: ...

    def setPixelColorRGB(  # noqa: N802 - the library's name
        self, n: int, red: int, green: int, blue: int
    ) -> None: ...

    def show(self) -> None: ...


MakeStrip = Callable[[int, int], _Strip]
"""(pin number, channel) → a strip of one light."""


class Ws281xLight:
    """One light; what is not a change is not rendered."""

    def __init__(self, strip: _Strip) -> None:
        self._strip = strip
        self._shown: Color | None = None

    def show(self, color: Color) -> None:
        """Show *color*; raise `DriverError`."""
        if color == self._shown:
            return
        try:
            self._strip.setPixelColorRGB(0, color.red, color.green, color.blue)
            self._strip.show()
        except (RuntimeError, OSError) as error:
            self._shown = None
            raise DriverError(f"indicator: {error}: is SPI on (`dtparam=spi=on`)?") from error
        self._shown = color


class Ws281xIndicator:
    """Opens the light; off a Raspberry Pi the library is never touched, as it would crash."""

    def __init__(
        self,
        settings: IndicatorSettings,
        thing: object = None,
        *,
        make_strip: MakeStrip | None = None,
        model_file: Path = MODEL_FILE,
    ) -> None:
        del thing
        if settings.pin not in CHANNELS:
            allowed = ", ".join(CHANNELS)
            raise ConfigError(
                f"device.indicator.pin = {settings.pin!r}: rpi_ws281x can drive {allowed};"
                " GPIO10 needs no root"
            )
        self._pin = settings.pin
        self._make_strip = make_strip or make_pixel_strip
        self._model_file = model_file

    @asynccontextmanager
    async def open(self) -> AsyncGenerator[Ws281xLight, None]:
        """Claim the light, dark; it is dark again at the end."""
        light = Ws281xLight(self._begin())
        light.show(BLACK)
        try:
            yield light
        finally:
            darken(light)

    def _begin(self) -> _Strip:
        model = model_of(self._model_file)
        if "Raspberry Pi" not in model:
            raise DriverError(
                f"indicator: rpi_ws281x works on a Raspberry Pi only, and this is"
                f" {model or 'another machine'}: use"
                ' driver = "spi" or "rgb", or none'
            )
        try:
            strip = self._make_strip(int(self._pin.removeprefix("GPIO")), CHANNELS[self._pin])
            strip.begin()
        except (RuntimeError, OSError) as error:
            raise DriverError(f"indicator on {self._pin} of {model}: {_advice(error)}") from error
        return strip


def make_pixel_strip(pin: int, channel: int) -> _Strip:
    """Make the library's strip of one light."""
    try:
        module = importlib.import_module("rpi_ws281x")
    except ImportError as error:
        raise DriverError(
            "indicator: the driver rpi_ws281x needs the package rpi_ws281x:"
            " sudo scripts/install-service --extras pi"
        ) from error
    strip: _Strip = module.PixelStrip(1, pin, channel=channel)
    return strip


def model_of(path: Path) -> str:
    """Read the name of this machine; empty where it has none."""
    try:
        return path.read_text(encoding="utf-8", errors="replace").strip("\0\n ")
    except OSError:
        return ""


def _advice(error: RuntimeError | OSError) -> str:
    text = str(error)
    if "Hardware revision is not supported" in text:
        return (
            f"{text}: this release of the library does not know the board; use"
            ' driver = "spi", which works on a Pi 5 too'
        )
    if "(SPI)" in text or "SPI" in text:
        return f"{text}: switch SPI on (`dtparam=spi=on`), and add the agent's user to group spi"
    if "mem" in text or "Permission" in text:
        return f"{text}: this pin needs root; GPIO10 with SPI does not"
    return text

"""A light of three pins of a Raspberry Pi, dimmed by gpiozero over lgpio."""

from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final, Protocol

from agent.drivers.gpiozero_pins import (
    are_packages_installed,
    lgpio_factory,
    load_gpiozero,
    plain_errors,
)
from agent.drivers.ws281x import MODEL_FILE, model_of
from agent.model import BLACK, Color
from agent.settings.indicator import RgbIndicatorSettings

FULL: Final = 255


class _Led(Protocol):
    value: tuple[float, float, float]

    def close(self) -> None: ...


class GpiozeroRgbLight:
    """Three pins; what is not a change is not set again."""

    def __init__(self, led: _Led, pins: str) -> None:
        self._led = led
        self._pins = pins
        self._shown = BLACK

    def show(self, color: Color) -> None:
        """Show *color*; raise `DriverError`."""
        if color == self._shown:
            return
        with plain_errors(self._pins):
            self._led.value = (color.red / FULL, color.green / FULL, color.blue / FULL)
        self._shown = color


class GpiozeroRgb:
    """Opens the pins that are named in the settings."""

    def __init__(
        self,
        settings: RgbIndicatorSettings,
        thing: object = None,
        *,
        make_factory: Callable[[], object] = lgpio_factory,
        model_file: Path = MODEL_FILE,
    ) -> None:
        del thing
        self._settings = settings
        self._pins = ", ".join(settings.pins)
        self._make_factory = make_factory
        self._model_file = model_file

    def is_present(self) -> bool:
        """Tell whether this is a Raspberry Pi with the packages."""
        return are_packages_installed() and "Raspberry Pi" in model_of(self._model_file)

    @asynccontextmanager
    async def open(self) -> AsyncGenerator[GpiozeroRgbLight, None]:
        """Claim the pins, dark; at the end they are inputs."""
        with plain_errors(self._pins):
            led: _Led = load_gpiozero().RGBLED(
                *self._settings.pins,
                active_high=self._settings.active_high,
                pin_factory=self._make_factory(),
            )
        try:
            yield GpiozeroRgbLight(led, self._pins)
        finally:
            with plain_errors(self._pins):
                led.close()

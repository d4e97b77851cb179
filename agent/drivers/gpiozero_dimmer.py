"""A pin of a Raspberry Pi that gpiozero pulses by software, over lgpio."""

from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from typing import Protocol

from agent.drivers.gpiozero_pins import lgpio_factory, load_gpiozero, plain_errors
from agent.ports import Line
from agent.settings.dimmers import PinDimmerSettings


class _Led(Protocol):
    value: float

    def close(self) -> None: ...


class GpiozeroDimmerPin:
    """An open pin."""

    def __init__(self, led: _Led, pin: str) -> None:
        self._led = led
        self._pin = pin

    @property
    def line(self) -> Line:
        """The pin: without its process it stays high or low, as it happens to be."""
        return Line(driver="gpiozero", address=self._pin, active_high=True)

    def set(self, *, level: float) -> None:
        """Drive it; raise `DriverError`."""
        with plain_errors(self._pin):
            self._led.value = level


class GpiozeroDimmer:
    """Opens the pin that is named in the settings; it is low until it has its level."""

    def __init__(
        self,
        settings: PinDimmerSettings,
        thing: object = None,
        *,
        make_factory: Callable[[], object] = lgpio_factory,
    ) -> None:
        del thing
        self._settings = settings
        self._make_factory = make_factory

    @asynccontextmanager
    async def open(self, *, level: float) -> AsyncGenerator[GpiozeroDimmerPin, None]:
        """Claim the pin at *level*; at the end it is an input: its pulses end with the process."""
        pin = self._settings.pin
        with plain_errors(pin):
            led: _Led = load_gpiozero().PWMLED(
                pin,
                initial_value=level,
                frequency=self._settings.frequency_hz,
                pin_factory=self._make_factory(),
            )
        try:
            yield GpiozeroDimmerPin(led, pin)
        finally:
            with plain_errors(pin):
                led.close()

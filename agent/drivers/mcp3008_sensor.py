"""A channel of an MCP3008, an analogue converter on a Raspberry Pi's SPI, by gpiozero."""

import warnings
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from typing import Final, Protocol

from agent.drivers.gpiozero_pins import lgpio_factory, load_gpiozero, plain_errors
from agent.drivers.off_loop import PATIENCE_S, OffLoop
from agent.errors import DriverError
from agent.settings.sensors import Mcp3008SensorSettings

ADVICE: Final = "dtparam=spi=on in /boot/firmware/config.txt makes the bus; then reboot"


class _Converter(Protocol):
    @property
    def value(self) -> float: ...

    def close(self) -> None: ...


class Mcp3008Channel:
    """An open channel."""

    def __init__(
        self, converter: _Converter, name: str, vref: float, asking: OffLoop[float]
    ) -> None:
        self._converter = converter
        self._name = name
        self._vref = vref
        self._asking = asking

    async def measure(self) -> float:
        """Convert now, in volts; raise `DriverError`."""
        return await self._asking.ask(self._volts)

    def _volts(self) -> float:
        with plain_errors(self._name):
            return self._converter.value * self._vref


class Mcp3008Sensor:
    """Opens one channel; several of one chip share its bus."""

    def __init__(
        self,
        settings: Mcp3008SensorSettings,
        thing: object = None,
        *,
        make_factory: Callable[[], object] = lgpio_factory,
        patience_s: float = PATIENCE_S,
    ) -> None:
        del thing
        self._settings = settings
        self._name = f"MCP3008 on SPI {settings.bus}.{settings.select}, channel {settings.channel}"
        self._make_factory = make_factory
        self._asking: OffLoop[float] = OffLoop("sensor", self._name, patience_s=patience_s)

    @asynccontextmanager
    async def open(self) -> AsyncGenerator[Mcp3008Channel, None]:
        """Claim the bus; raise `DriverError`. A chip that is not there reads 0 V all the same."""
        converter = self._claimed()
        try:
            yield Mcp3008Channel(converter, self._name, self._settings.vref, self._asking)
        finally:
            with plain_errors(self._name):
                converter.close()

    def _claimed(self) -> _Converter:
        """Claim the kernel's bus, and no other.

        gpiozero would move the pins one by one where there is none, by a second pin factory,
        whose end makes inputs of all pins.
        """
        settings, gpiozero = self._settings, load_gpiozero()
        try:
            with plain_errors(self._name), warnings.catch_warnings():
                warnings.simplefilter("error", gpiozero.SPISoftwareFallback)
                converter: _Converter = gpiozero.MCP3008(
                    channel=settings.channel,
                    port=settings.bus,
                    device=settings.select,
                    pin_factory=self._make_factory(),
                )
        except Warning as error:
            raise DriverError(f"{self._name}: {error}: {ADVICE}") from error
        return converter

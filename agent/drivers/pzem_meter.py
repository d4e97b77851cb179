"""A PZEM-004T v3 on a Modbus line, asked once a second. Its energy is never reset by us."""

import asyncio
from collections.abc import AsyncGenerator

from agent.drivers.modbus_bus import BUSES, Buses, read_registers
from agent.drivers.pzem import REGISTERS, Scale, decode
from agent.errors import DriverError
from agent.model import Factors, Reading
from agent.settings.meters import PzemSettings

LOST_AFTER = 5
"""So many requests in a row without a good answer, and the meter counts as lost."""


class PzemMeter:
    """Polls one meter; others on the same line are asked in between."""

    def __init__(
        self, settings: PzemSettings, thing: object = None, *, buses: Buses = BUSES
    ) -> None:
        del thing
        self._settings = settings
        self._bus = buses.of(settings)
        self._configured = Scale(
            kv=settings.kv, ki=settings.ki, kp=settings.kp, range_a=settings.range_a
        )
        self._scale = self._configured

    def rescale(self, factors: Factors) -> None:
        """Multiply the configured coefficients by *factors*, from the next answer on."""
        self._scale = self._configured.scaled(factors)

    async def readings(self) -> AsyncGenerator[Reading, None]:
        """Ask, and yield a reading an answer; raise `DriverError` when it is lost.

        After an answer it is left alone for the interval, so that no measurement is read twice;
        a question without an answer is asked again at once.
        """
        failures = 0
        async with self._bus.joined():
            while True:
                try:
                    reading = await self._ask()
                except DriverError as error:
                    failures += 1
                    if failures >= LOST_AFTER:
                        raise DriverError(f"meter on {error}") from error
                    continue
                failures = 0
                yield reading
                await asyncio.sleep(self._settings.interval_s)

    async def _ask(self) -> Reading:
        settings = self._settings
        registers = await read_registers(
            self._bus, REGISTERS, address=settings.address, timeout_s=settings.timeout_s
        )
        return decode(registers, self._scale, settings.address)

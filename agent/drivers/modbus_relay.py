"""`driver = "modbus"`: a coil of a relay board, by RTU or TCP."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from agent.board_ways import modbus_address
from agent.drivers.board_relay import BoardRelay, Pace, driven
from agent.drivers.modbus_bus import BUSES, Buses, ModbusBus
from agent.errors import DriverError
from agent.ports import HeldLine, Line
from agent.settings.relays import ModbusRelaySettings


class Coil:
    """One coil: function 05 writes it, and the echo confirms; function 01 reads it."""

    def __init__(self, settings: ModbusRelaySettings, bus: ModbusBus) -> None:
        self._settings = settings
        self._bus = bus

    @property
    def line(self) -> Line:
        """Port, address, coil."""
        settings = self._settings
        how = f"{settings.baud}{settings.parity}"
        return Line(
            driver="modbus",
            address=modbus_address(settings.port, how, settings.address, settings.coil),
            active_high=settings.active_high,
        )

    async def command(self, *, on: bool, is_urgent: bool) -> None:
        """Write it; an echo that says something else is an older one's, and confirms nothing."""
        settings, value = self._settings, on is self._settings.active_high
        echo = await self._bus.ask(
            lambda client: client.write_coil(settings.coil, value, device_id=settings.address),
            address=settings.address,
            timeout_s=settings.timeout_s,
            is_urgent=is_urgent,
        )
        if echo.function_code != 5 or echo.address != settings.coil or echo.bits[:1] != [value]:
            raise DriverError(f"{self._place()}: the echo is not that of the command: {echo}")

    async def look(self) -> bool:
        """Read it."""
        settings = self._settings
        answer = await self._bus.ask(
            lambda client: client.read_coils(settings.coil, device_id=settings.address),
            address=settings.address,
            timeout_s=settings.timeout_s,
        )
        if answer.function_code != 1 or not answer.bits:
            raise DriverError(f"{self._place()}: the answer holds no coil")
        return answer.bits[0] is settings.active_high

    def _place(self) -> str:
        return f"{self._settings.port}, address {self._settings.address}"


class ModbusRelay:
    """Opens a coil of a board."""

    def __init__(
        self,
        settings: ModbusRelaySettings,
        thing: object = None,
        *,
        buses: Buses = BUSES,
        pace: Pace | None = None,
    ) -> None:
        del thing
        self._bus = buses.of(settings)
        self._coil = Coil(settings, self._bus)
        self._pace = pace or Pace(check_s=settings.check_s)

    @property
    def line(self) -> Line:
        """How the contact is reached, before anything is commanded."""
        return self._coil.line

    @staticmethod
    def probe(held: int) -> HeldLine | None:
        """None: a board is held by no descriptor."""
        del held
        return None

    @asynccontextmanager
    async def open(self, *, on: bool, held: int | None = None) -> AsyncGenerator[BoardRelay, None]:
        """Command the coil to *on*, and from then on to what is wanted last."""
        del held
        async with self._bus.joined(), driven(self._coil, self._pace, on=on) as relay:
            yield relay

"""A Modbus line, by pymodbus: one object for each port, whatever parts are on it."""

import asyncio
import errno
import logging
import os
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Final
from weakref import WeakValueDictionary

import serial
from pymodbus import FramerType, ModbusException
from pymodbus.client import AsyncModbusSerialClient, AsyncModbusTcpClient
from pymodbus.pdu import ModbusPDU

from agent.drivers.bus_turns import Turns
from agent.errors import DriverError
from agent.settings.bus import BusSettings

Client = AsyncModbusSerialClient | AsyncModbusTcpClient
Request = Callable[[Client], Awaitable[ModbusPDU]]

CONNECT_S: Final = 1.0
DEAF_AFTER: Final = 3
"""After so many requests in a row without any answer a connection is opened anew."""

BITS: Final = 11
"""A character on the wire at most: start, eight bits, parity, stop."""

GAP_CHARACTERS: Final = 3.5
LEAST_GAP_S: Final = 0.00175

_EXCEPTIONS: Final[Mapping[int, str]] = {
    1: "it does not know this function",
    2: "it has no such coil or register",
    3: "it does not take this value",
    4: "it has failed",
    6: "it is busy",
}
_ADVICE: Final[Mapping[int, str]] = {
    errno.ENOENT: "no such device; plug it in, or look for its name with: ls -l /dev/serial/by-id",
    errno.EACCES: "no permission; add the agent's user to the group dialout, then start it again",
    errno.EBUSY: "another program holds the port; stop it",
    errno.ENOTTY: "this is not a serial port",
}


class ModbusBus:
    """Carries one request at a time; a command waits for no more than the one under way.

    It is opened by the first request, and again after it was lost.
    """

    def __init__(self, settings: BusSettings) -> None:
        self.port: Final = settings.port
        self._baud = settings.baud
        self._parity = settings.parity
        self._turns = Turns()
        self._users = 0
        self._client: Client | None = None
        self._deaf = 0

    @asynccontextmanager
    async def joined(self) -> AsyncGenerator[None, None]:
        """Use the line; the last to leave closes it."""
        self._users += 1
        try:
            yield
        finally:
            self._users -= 1
            if not self._users:
                self._close()

    async def ask(
        self, request: Request, *, address: int, timeout_s: float, is_urgent: bool = False
    ) -> ModbusPDU:
        """Send one request in its turn and give its answer; raise `DriverError`."""
        place = f"{self.port}, address {address}"
        async with self._turns.taken(is_urgent=is_urgent):
            client = await self._opened()
            await asyncio.sleep(self._gap_s())
            try:
                async with asyncio.timeout(timeout_s):
                    answer = await request(client)
            except TimeoutError as error:
                self._note_silence()
                raise DriverError(f"{place}: no good answer in {timeout_s:g} s") from error
            except (ModbusException, serial.SerialException, OSError) as error:
                self._close()
                raise DriverError(f"{place}: {error}") from error
        self._deaf = 0
        if answer.isError():
            code = answer.exception_code
            reason = _EXCEPTIONS.get(code, "")
            raise DriverError(f"{place}: it refuses, {reason or 'code'} ({code})")
        return answer

    async def _opened(self) -> Client:
        if self._client is not None and self._client.connected:
            return self._client
        self._close()
        self._client = client = self._made()
        try:
            async with asyncio.timeout(CONNECT_S):
                is_open = await client.connect()
        except (TimeoutError, OSError) as error:
            self._close()
            raise DriverError(f"{self.port}: {error or 'no connection'}") from error
        if not is_open:
            self._close()
            raise DriverError(f"{self.port}: {self._why_closed()}")
        return client

    def _made(self) -> Client:
        logging.getLogger("pymodbus").setLevel(logging.CRITICAL)  # what it says is raised too
        if self.port.startswith("/"):
            return AsyncModbusSerialClient(
                self.port,
                baudrate=self._baud,
                parity=self._parity,
                timeout=CONNECT_S,
                retries=0,
                reconnect_delay=0,
            )
        is_rtu = self.port.startswith("socket://")
        host, _, number = self.port.removeprefix("socket://").rpartition(":")
        return AsyncModbusTcpClient(
            host.strip("[]"),
            port=int(number),
            framer=FramerType.RTU if is_rtu else FramerType.SOCKET,
            timeout=CONNECT_S,
            retries=0,
            reconnect_delay=0,
        )

    def _gap_s(self) -> float:
        """Tell how long the line must rest before a frame; a network need not."""
        if not self.port.startswith("/"):
            return 0.0
        return max(LEAST_GAP_S, GAP_CHARACTERS * BITS / self._baud)

    def _note_silence(self) -> None:
        self._deaf += 1
        if self._deaf >= DEAF_AFTER:
            self._close()

    def _close(self) -> None:
        client, self._client, self._deaf = self._client, None, 0
        if client is not None:
            client.close()

    def _why_closed(self) -> str:
        """Tell why a port does not open: the library keeps the reason to itself."""
        if not self.port.startswith("/"):
            return "no connection; check host, port and network"
        try:
            os.close(os.open(self.port, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK))
        except OSError as error:
            return _ADVICE.get(error.errno or 0, error.strerror or str(error))
        return _ADVICE[errno.EBUSY]


class Buses:
    """The lines in use, by port: the parts that name the same port share one object."""

    def __init__(self) -> None:
        self._known: WeakValueDictionary[str, ModbusBus] = WeakValueDictionary()

    def of(self, settings: BusSettings) -> ModbusBus:
        """Find the line of *settings*, or make it; the configuration's check has them agree."""
        bus = self._known.get(settings.port)
        if bus is None:
            bus = self._known[settings.port] = ModbusBus(settings)
        return bus


BUSES: Final = Buses()
"""Those of this process: a port can be opened once."""


async def read_registers(
    bus: ModbusBus, count: int, *, address: int, timeout_s: float
) -> Sequence[int]:
    """Read input registers from 0 on; raise `DriverError`."""
    answer = await bus.ask(
        lambda client: client.read_input_registers(0, count=count, device_id=address),
        address=address,
        timeout_s=timeout_s,
    )
    return answer.registers

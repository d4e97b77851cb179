"""A USB relay board that shows up as a serial port: one object for each port."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from typing import Final
from weakref import WeakValueDictionary

import serialx

from agent.drivers.board_bytes import MOST_STATUS, QUERY, lcus, lcus_status
from agent.drivers.bus_turns import Turns
from agent.errors import DriverError

BAUD: Final = 9600
REST_S: Final = 0.1
"""The board takes one command at a time, and a relay needs its time to move."""

QUIET_S: Final = 0.05
"""So long a silence ends an answer."""

Streams = tuple[asyncio.StreamReader, serialx.SerialStreamWriter[serialx.BaseSerialTransport]]


class UsbBoard:
    """Sends one command at a time. It is opened by the first, and again after it was lost."""

    def __init__(self, port: str) -> None:
        self.port: Final = port
        self._turns = Turns()
        self._users = 0
        self._streams: Streams | None = None

    @asynccontextmanager
    async def joined(self) -> AsyncGenerator[None, None]:
        """Use the board; the last to leave closes it."""
        self._users += 1
        try:
            yield
        finally:
            self._users -= 1
            if not self._users:
                await self._close()

    async def command(self, channel: int, *, on: bool, is_urgent: bool, answer_s: float) -> None:
        """Command a channel; where *answer_s* is not 0 it must say so; raise `DriverError`."""
        async with self._turns.taken(is_urgent=is_urgent):
            await self._send(lcus(channel, on=on))
            await asyncio.sleep(REST_S)
            if answer_s and await self._asked(channel, answer_s) is not on:
                raise DriverError(f"{self.port}: channel {channel} does not obey")

    async def look(self, channel: int, answer_s: float) -> bool:
        """Ask where a channel stands; raise `DriverError`."""
        async with self._turns.taken(is_urgent=False):
            return await self._asked(channel, answer_s)

    async def _asked(self, channel: int, answer_s: float) -> bool:
        await self._send(QUERY)
        told = lcus_status(await self._heard(answer_s))
        if channel not in told:
            raise DriverError(f"{self.port}: no answer tells where channel {channel} stands")
        return told[channel]

    async def _heard(self, answer_s: float) -> bytes:
        """Hear a whole answer: up to a silence, so that none of it is taken for the next one."""
        assert self._streams is not None, "a request has been sent"
        heard, limit_s = b"", answer_s
        while len(heard) < MOST_STATUS:
            try:
                async with asyncio.timeout(limit_s):
                    data = await self._streams[0].read(MOST_STATUS)
            except TimeoutError:
                return heard
            except OSError as error:
                raise await self._lost(error) from error
            if not data:
                raise await self._lost("the other end hung up")
            heard, limit_s = heard + data, QUIET_S
        return heard

    async def _send(self, data: bytes) -> None:
        """Send *data*; what came before it is no answer to it."""
        try:
            reader, writer = await self._opened()
            with suppress(TimeoutError):
                async with asyncio.timeout(0):
                    await reader.read(MOST_STATUS)
            writer.write(data)
            await writer.drain()
        except (OSError, serialx.SerialException, ValueError) as error:
            raise await self._lost(error) from error

    async def _lost(self, why: object) -> DriverError:
        """Close what is lost, and make the error that says why."""
        await self._close()
        return DriverError(f"{self.port}: {why}")

    async def _opened(self) -> Streams:
        if self._streams is None or self._streams[0].at_eof():
            await self._close()
            self._streams = await serialx.open_serial_connection(self.port, BAUD)
        return self._streams

    async def _close(self) -> None:
        streams, self._streams = self._streams, None
        if streams is not None:
            streams[1].close()
            with suppress(OSError):  # why a lost port was lost has been said
                await streams[1].wait_closed()


class UsbBoards:
    """The boards in use, by port."""

    def __init__(self) -> None:
        self._known: WeakValueDictionary[str, UsbBoard] = WeakValueDictionary()

    def of(self, port: str) -> UsbBoard:
        """Find the board on *port*, or make it."""
        board = self._known.get(port)
        if board is None:
            board = self._known[port] = UsbBoard(port)
        return board


BOARDS: Final = UsbBoards()
"""Those of this process: a port can be opened once."""

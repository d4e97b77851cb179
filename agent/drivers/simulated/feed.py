"""The line of the simulated chip: a loopback socket on which its frames come in real time."""

import asyncio
from typing import Final, Self

from agent.drivers.hlw8032.frame import FRAME_PERIOD_S
from agent.drivers.simulated.chip import Chip
from agent.drivers.simulated.faults import Line

LATEST_S: Final = 2.0
"""Frames later than this (the machine slept) are left out rather than sent in a burst."""


class Feed:
    """Sends each frame at its time to whoever is connected, while the context is open.

    Time is counted from the first frame, so that a late one makes no later one late.
    """

    def __init__(self, chip: Chip, line: Line, *, period_s: float = FRAME_PERIOD_S) -> None:
        self._chip = chip
        self._line = line
        self._period_s = period_s
        self._connections: set[asyncio.Transport] = set()
        self._server: asyncio.Server | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._due = 0.0

    @property
    def port(self) -> int:
        """The port number on 127.0.0.1."""
        assert self._server is not None, "the feed is not open"
        port: int = self._server.sockets[0].getsockname()[1]
        return port

    async def __aenter__(self) -> Self:
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(
            lambda: _Connection(self._connections), "127.0.0.1", 0
        )
        self._due = loop.time()
        self._send(loop)
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._timer is not None
        assert self._server is not None
        self._timer.cancel()
        self._server.close()
        self.disconnect()
        await self._server.wait_closed()

    def disconnect(self) -> None:
        """Cut every connection, as a pulled plug does."""
        for connection in tuple(self._connections):
            connection.abort()

    def _send(self, loop: asyncio.AbstractEventLoop) -> None:
        now = loop.time()
        if now - self._due > LATEST_S:
            self._due = now
        while self._due <= now:
            self._chip.advance(self._due)
            for piece in self._line.carry(self._chip.frame()):
                for connection in self._connections:
                    connection.write(piece)
            self._due += self._period_s
        self._timer = loop.call_at(self._due, self._send, loop)


class _Connection(asyncio.Protocol):
    def __init__(self, connections: set[asyncio.Transport]) -> None:
        self._connections = connections
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._connections.add(transport)

    def connection_lost(self, exc: Exception | None) -> None:
        del exc
        if self._transport is not None:
            self._connections.discard(self._transport)

    def pause_writing(self) -> None:
        """Cut off a reader that does not read: nothing is kept for it."""
        if self._transport is not None:
            self._transport.abort()

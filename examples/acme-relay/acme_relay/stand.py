"""The board's fake, which is told to fail, and what `polycloud conformance` examines at it."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from acme_relay import AcmeRelay, AcmeSettings
from agent.conformance.drivers.stands import Fault
from agent.conformance.drivers.subject import DriverSubject


class Board:
    """A board with one contact, on a port of this machine."""

    faults = frozenset({Fault.GONE, Fault.ERROR, Fault.SILENT})

    def __init__(self) -> None:
        self.moves = [False]
        self.port = 0
        self._fault: Fault | None = None
        self._callers = set[asyncio.StreamWriter]()

    def driver(self) -> AcmeRelay:
        return AcmeRelay(AcmeSettings(driver="acme", host="127.0.0.1", port=self.port))

    def make(self, fault: Fault | None) -> None:
        self._fault = fault
        for caller in tuple(self._callers) if fault is Fault.GONE else ():
            caller.transport.abort()

    def is_on(self) -> bool:
        return self.moves[-1]

    def put(self, *, on: bool) -> None:
        self.moves.append(on)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._callers.add(writer)
        while self._fault is not Fault.GONE and (line := await reader.readline()):
            if self._fault is None:
                self.moves.append(line.endswith(b" 1\n"))
            if self._fault is not Fault.SILENT:
                writer.write(b"NO\n" if self._fault else b"OK\n")
        writer.close()


@asynccontextmanager
async def board() -> AsyncGenerator[Board, None]:
    """Plug a board in."""
    made = Board()
    async with await asyncio.start_server(made.serve, "127.0.0.1", 0) as server:
        made.port = server.sockets[0].getsockname()[1]
        yield made


CONFORMANCE = DriverSubject(
    title="acme",
    role="relay",
    stand=board,
    factory=AcmeRelay,
    section={"driver": "acme", "host": "relays.example", "contact": 2},
)

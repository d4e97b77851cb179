"""The line of a simulated BL0942: a loopback socket that answers, well or badly."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Self

from agent.drivers.bl0942.packet import PACKET_SIZE, Packet, request, serialize
from agent.drivers.simulated.faults import Line

LONGEST: Final = 64
"""So much of what is asked is looked at."""


@dataclass(slots=True)
class Manners:
    """How it answers from now on."""

    is_silent: bool = False
    has_wrong_checksum: bool = False
    cut_to: int = PACKET_SIZE
    """So many bytes of an answer are sent; the rest never comes."""


class Bl0942Port:
    """Answers every question with *packet* over *line*; `manners` may change while it is open."""

    def __init__(
        self, packet: Callable[[], Packet], line: Line | None = None, *, address: int = 0
    ) -> None:
        self.manners = Manners()
        self.questions = 0
        self._packet = packet
        self._line = line or Line()
        self._address = address
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.StreamWriter] = set()

    @property
    def url(self) -> str:
        """The port's name for the driver."""
        assert self._server is not None, "the port is not open"
        return f"socket://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()
        self.disconnect()
        await self._server.wait_closed()

    def disconnect(self) -> None:
        """Cut every connection, as a pulled plug does."""
        for writer in tuple(self._open):
            writer.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open.add(writer)
        asked = request(self._address)
        heard = b""
        try:
            while data := await reader.read(LONGEST):
                heard += data
                for _ in range(heard.count(asked)):
                    self.questions += 1
                    self._answer(writer)
                heard = heard[-1:] if heard.endswith(asked[:1]) else b""
        finally:
            self._open.discard(writer)
            writer.close()

    def _answer(self, writer: asyncio.StreamWriter) -> None:
        manners = self.manners
        if manners.is_silent:
            return
        data = bytearray(serialize(self._packet(), self._address))
        if manners.has_wrong_checksum:
            data[-1] ^= 0x01
        for piece in self._line.carry(bytes(data[: manners.cut_to])):
            writer.write(piece)

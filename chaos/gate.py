"""A door before a broker that notes every MQTT CONNECT: when, and by whom."""

import asyncio
import time
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final

CONNECT: Final = 0x10
READ: Final = 65_536


@dataclass(slots=True)
class Gate:
    """Passes bytes on to *target*, on 127.0.0.1; `seen` holds the times by client id."""

    target: int
    seen: dict[str, list[float]] = field(default_factory=dict[str, list[float]])

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Note what a connection begins with, and pass everything on."""
        with suppress(OSError, asyncio.IncompleteReadError, ValueError):
            head = await reader.readexactly(2)
            length = head[1] & 0x7F
            while head[-1] & 0x80:
                head += await reader.readexactly(1)
                length |= (head[-1] & 0x7F) << (7 * (len(head) - 2))
            body = await reader.readexactly(length)
            if head[0] == CONNECT:
                self.seen.setdefault(client_id(body), []).append(time.monotonic())
            away, back = await asyncio.open_connection("127.0.0.1", self.target)
            back.write(head + body)
            await asyncio.gather(_pass(reader, back), _pass(away, writer))
        writer.close()


def client_id(body: bytes) -> str:
    """Read the client id of a CONNECT's body: after protocol name, level, flags and keepalive."""
    at = 2 + int.from_bytes(body[:2], "big") + 4
    size = int.from_bytes(body[at : at + 2], "big")
    return body[at + 2 : at + 2 + size].decode("utf-8", "replace")


def closest_s(seen: Mapping[str, list[float]]) -> float | None:
    """Tell the shortest time between two CONNECTs of one identity; None with no two of any."""
    pairs = (pairwise(times) for times in seen.values())
    return min((after - before for pair in pairs for before, after in pair), default=None)


@asynccontextmanager
async def gate(target: int, host: str = "127.0.0.1") -> AsyncGenerator[tuple[Gate, int], None]:
    """Open a gate before a port; give it and its own port."""
    made = Gate(target=target)
    server = await asyncio.start_server(made.serve, host, 0)
    try:
        yield made, int(server.sockets[0].getsockname()[1])
    finally:
        server.close()


async def _pass(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while data := await reader.read(READ):
            writer.write(data)
            await writer.drain()
    finally:
        writer.close()

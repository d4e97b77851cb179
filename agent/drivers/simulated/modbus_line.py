"""A simulated Modbus line: slaves behind a pseudo-terminal or socket, and what goes wrong."""

import asyncio
from collections import deque
from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Final, Literal, Self

from agent.drivers.board_bytes import crc
from agent.drivers.simulated.modbus_slaves import Slave, refused
from agent.drivers.simulated.pty_line import PtyLine

REQUEST_SIZE: Final = 8
"""An RTU request of the functions 01, 04 and 05."""

MBAP_SIZE: Final = 6
MOST: Final = 1024
DEVICE_FAILED: Final = 4

Kind = Literal["pty", "rtu", "tcp"]
Say = Callable[[bytes], None]
Framed = Callable[[int, bytes], bytes]


class Mishap(StrEnum):
    """What becomes of one answer."""

    LOST = "lost"
    """The request itself, which never arrives."""
    SILENCE = "silence"
    WRONG_SUM = "wrong_sum"
    LATE = "late"
    WRONG_SLAVE = "wrong_slave"
    EXCEPTION = "exception"
    HALF = "half"
    NOISE = "noise"
    """Bytes before it that are no frame."""


class SimulatedModbusLine:
    """Answers for its *slaves* by address; `mishaps` hold what befalls the next answers of each.

    *kind*: RTU on a pseudo-terminal, RTU over a socket, or Modbus TCP. A slave of `silent` does
    not answer at all. `log` holds the address and function of every request, in order.
    """

    def __init__(
        self, slaves: Mapping[int, Slave], *, kind: Kind = "pty", late_s: float = 0.5
    ) -> None:
        self.slaves = slaves
        self.mishaps: dict[int, deque[Mishap]] = {address: deque() for address in slaves}
        self.silent: set[int] = set()
        self.log: list[tuple[int, int]] = []
        self.port = ""
        self._kind = kind
        self._late_s = late_s
        self._buffer = b""
        self._pty = PtyLine(lambda data: self._hear(data, self._pty.say))
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()

    async def __aenter__(self) -> Self:
        if self._kind == "pty":
            await self._pty.__aenter__()
            self.port = self._pty.port
            return self
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        number = self._server.sockets[0].getsockname()[1]
        self.port = f"{'socket://' if self._kind == 'rtu' else ''}127.0.0.1:{number}"
        return self

    async def __aexit__(self, *_: object) -> None:
        self._pty.unplug()
        if self._server is not None:
            self._server.close()
            self.hang_up()
            await self._server.wait_closed()

    def unplug(self) -> None:
        """Pull the adapter's plug."""
        self._pty.unplug()

    def hang_up(self) -> None:
        """Cut every connection."""
        for writer in tuple(self._writers):
            writer.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        try:
            while data := await reader.read(MOST):
                self._hear(data, writer.write)
        except ConnectionError:
            return
        finally:
            self._writers.discard(writer)
            writer.close()

    def _hear(self, data: bytes, say: Say) -> None:
        self._buffer = (self._buffer + data)[-MOST:]
        if self._kind == "tcp":
            self._hear_tcp(say)
            return
        while len(self._buffer) >= REQUEST_SIZE:
            frame = self._buffer[:REQUEST_SIZE]
            if crc(frame) != 0:
                self._buffer = self._buffer[1:]
                continue
            self._buffer = self._buffer[REQUEST_SIZE:]
            self._answer(frame[0], frame[1:-2], _rtu, say)

    def _hear_tcp(self, say: Say) -> None:
        while len(self._buffer) > MBAP_SIZE:
            end = MBAP_SIZE + int.from_bytes(self._buffer[4:6], "big")
            if len(self._buffer) < end:
                return
            head, body = self._buffer[:4], self._buffer[MBAP_SIZE:end]
            self._buffer = self._buffer[end:]

            def framed(address: int, answer: bytes, head: bytes = head) -> bytes:
                return head + (len(answer) + 1).to_bytes(2, "big") + bytes([address]) + answer

            self._answer(body[0], body[1:], framed, say)

    def _answer(
        self,
        address: int,
        request: bytes,
        framed: Framed,
        say: Say,
    ) -> None:
        self.log.append((address, request[0]))
        slave = self.slaves.get(address)
        if slave is None or address in self.silent:
            return
        waiting = self.mishaps[address]
        mishap = waiting.popleft() if waiting else None
        if mishap is Mishap.LOST:
            return
        if mishap is Mishap.EXCEPTION:
            say(framed(address, refused(request, DEVICE_FAILED)))
            return
        self._say(mishap, address, slave.answer(request), framed, say)

    def _say(
        self,
        mishap: Mishap | None,
        address: int,
        answer: bytes,
        framed: Framed,
        say: Say,
    ) -> None:
        """Say what is left of an answer to a request that was carried out."""
        frame = framed(address, answer)
        match mishap:
            case Mishap.SILENCE:
                return
            case Mishap.LATE:
                asyncio.get_running_loop().call_later(self._late_s, say, frame)
            case Mishap.WRONG_SUM:
                say(frame[:-1] + bytes([frame[-1] ^ 0x40]))
            case Mishap.WRONG_SLAVE:
                say(framed(address + 1, answer))
            case Mishap.HALF:
                say(frame[: len(frame) // 2])
            case Mishap.NOISE:
                say(b"\x00\xff\x55" + frame)
            case _:
                say(frame)


def _rtu(address: int, answer: bytes) -> bytes:
    body = bytes([address]) + answer
    return body + crc(body).to_bytes(2, "little")

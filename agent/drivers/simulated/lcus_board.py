"""A simulated USB relay board of the LCUS kind, at the end of a pseudo-terminal."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Final, Literal, Self

from agent.drivers.board_bytes import QUERY, lcus
from agent.drivers.simulated.pty_line import PtyLine

SIZE: Final = 4
MOST: Final = 64

Answers = Literal["text", "bytes", ""]


class SimulatedLcusBoard(AbstractAsyncContextManager["SimulatedLcusBoard"]):
    """Moves its channels as it is told; `stuck` ones do not, and a `deaf` board does nothing.

    *answers*: how it answers a query; an LCUS-1 does not.
    """

    def __init__(self, channels: int = 4, *, answers: Answers = "text") -> None:
        self.contacts = [False] * channels
        self.stuck: set[int] = set()
        self.deaf = False
        self.heard = 0
        self.line = PtyLine(self._hear)
        self.on_move: Callable[[int, bool], None] = _ignore
        self._answers = answers
        self._buffer = b""

    @property
    def port(self) -> str:
        """The path of its port, while it is open."""
        return self.line.port

    async def __aenter__(self) -> Self:
        await self.line.__aenter__()
        return self

    async def __aexit__(self, *exception: object) -> None:
        await self.line.__aexit__(*exception)

    def _hear(self, data: bytes) -> None:
        self._buffer = (self._buffer + data)[-MOST:]
        while self._buffer:
            if self._buffer.startswith(QUERY):
                self._buffer = self._buffer[1:]
                self._tell()
            elif len(self._buffer) < SIZE and self._buffer[0] == lcus(1, on=True)[0]:
                return
            else:
                self._buffer = self._buffer[SIZE if self._take(self._buffer[:SIZE]) else 1 :]

    def _take(self, frame: bytes) -> bool:
        """Obey a command; tell whether it was one."""
        channel, on = frame[1] if len(frame) == SIZE else 0, frame[2:3] == b"\x01"
        if frame != lcus(channel, on=on) or not 1 <= channel <= len(self.contacts):
            return False
        self.heard += 1
        if not self.deaf and channel not in self.stuck:
            self.contacts[channel - 1] = on
            self.on_move(channel, on)
        return True

    def _tell(self) -> None:
        if self.deaf:
            return
        if self._answers == "bytes":
            self.line.say(bytes(self.contacts))
        elif self._answers == "text":
            for number, is_on in enumerate(self.contacts, start=1):
                self.line.say(f"CH{number}: {'ON' if is_on else 'OFF'} \r\n".encode())


def _ignore(*_: object) -> None:
    """Tell nobody."""

"""The other end of a serial port, without a cable: a pseudo-terminal."""

import asyncio
import os
import pty
import tty
from collections.abc import Callable
from typing import Final, Self

READ_SIZE: Final = 1024


class PtyLine:
    """Gives a port's path while it is open, hears what is written there, and may answer."""

    def __init__(self, hear: Callable[[bytes], None]) -> None:
        self.port = ""
        self._hear = hear
        self._master = self._slave = -1

    async def __aenter__(self) -> Self:
        self._master, self._slave = pty.openpty()
        tty.setraw(self._slave)
        self.port = os.ttyname(self._slave)
        asyncio.get_running_loop().add_reader(self._master, self._read)
        return self

    async def __aexit__(self, *_: object) -> None:
        self.unplug()

    def say(self, data: bytes) -> None:
        """Answer."""
        if self._master >= 0:
            os.write(self._master, data)

    def unplug(self) -> None:
        """Pull the plug: the port is gone, and does not come back."""
        if self._master >= 0:
            asyncio.get_running_loop().remove_reader(self._master)
            os.close(self._master)
            os.close(self._slave)
            self._master = self._slave = -1

    def _read(self) -> None:
        self._hear(os.read(self._master, READ_SIZE))

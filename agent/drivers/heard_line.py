"""A line that is only listened to: its bytes are handed on in the very callback that reads them.

A stream would wake a task for each piece, a turn of the loop later; with hundreds of lines that
costs more than all that is made of the bytes.
"""

import asyncio
from collections.abc import Callable
from typing import Final

READ_SIZE: Final = 4096
"""What a read asks for: as much as a tty keeps. More would cost: the room for it is made anew."""


class HeardLine(asyncio.BufferedProtocol, asyncio.Protocol):
    """Hands every piece to *take* once it was told to begin; it remembers how the line ended.

    asyncio's own transports fill its buffer, others hand their bytes over.
    """

    def __init__(self, take: Callable[[bytes], None]) -> None:
        loop = asyncio.get_running_loop()
        self._take = take
        self._early: bytearray | None = bytearray()
        self._buffer = memoryview(bytearray(READ_SIZE))
        self._ended: asyncio.Future[None] = loop.create_future()
        self._ended.add_done_callback(_taken)
        self._waiter: asyncio.Future[None] | None = None
        self._closed = asyncio.Event()

    def begin(self) -> None:
        """Hand on what has come since the line was opened, and from now on at once."""
        early, self._early = self._early, None
        if early:
            self.data_received(bytes(early))

    async def ended(self) -> None:
        """Wait until the other end hangs up; raise why else it ended, a bug of *take* too."""
        await asyncio.shield(self._ended)

    async def more(self) -> bool:
        """Wait until something was handed on, or the line has ended; False: it had before."""
        if self._ended.done():
            return False
        self._waiter = asyncio.get_running_loop().create_future()
        await self._waiter
        return True

    async def closed(self) -> None:
        """Wait until the transport has let go of it."""
        await self._closed.wait()

    # ── for the transport ───────────────────────────────────────────────────────────────────

    def get_buffer(self, sizehint: int) -> memoryview:
        """Lend the buffer."""
        del sizehint
        return self._buffer

    def buffer_updated(self, nbytes: int) -> None:
        """Hand on what was read into the buffer."""
        self.data_received(bytes(self._buffer[:nbytes]))

    def data_received(self, data: bytes) -> None:
        """Hand on what was read, up to the first bug: whoever waits for the end gets that."""
        if self._early is not None:
            self._early += data
            return
        if self._ended.done():
            return
        try:
            self._take(data)
        except BaseException as error:
            self._end(error)
            raise
        if self._waiter is not None:
            self._wake()

    def connection_lost(self, exc: Exception | None) -> None:
        """Note how it ended."""
        self._closed.set()
        self._end(exc)

    def _end(self, error: BaseException | None) -> None:
        if self._ended.done():
            return
        if error is None:
            self._ended.set_result(None)
        else:
            self._ended.set_exception(error)
        self._wake()

    def _wake(self) -> None:
        waiter, self._waiter = self._waiter, None
        if waiter is not None and not waiter.done():
            waiter.set_result(None)


def _taken(ended: asyncio.Future[None]) -> None:
    """Look at how a line ended: nobody need wait for that, as when the agent stops."""
    if not ended.cancelled():
        ended.exception()

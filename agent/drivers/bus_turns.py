"""Whose turn it is on a line that carries one request at a time: commands before polls."""

import asyncio
import heapq
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from itertools import count

_Waiting = tuple[bool, int, asyncio.Future[None]]


class Turns:
    """Gives the line to one at a time: to the urgent first, and to each kind in order.

    What has begun is never cut off: on RS485 an answer that is not waited for would meet the next
    request on the wire.
    """

    def __init__(self) -> None:
        self._is_taken = False
        self._waiting: list[_Waiting] = []
        self._numbers = count()

    @asynccontextmanager
    async def taken(self, *, is_urgent: bool) -> AsyncGenerator[None, None]:
        """Wait for a turn and hold the line meanwhile."""
        if self._is_taken:
            await self._wait(is_urgent=is_urgent)
        self._is_taken = True
        try:
            yield
        finally:
            self._pass_on()

    async def _wait(self, *, is_urgent: bool) -> None:
        turn = asyncio.get_running_loop().create_future()
        heapq.heappush(self._waiting, (not is_urgent, next(self._numbers), turn))
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self._pass_on()
            raise

    def _pass_on(self) -> None:
        """Hand the line over, so that nobody who comes now gets in between."""
        while self._waiting:
            _, _, turn = heapq.heappop(self._waiting)
            if not turn.done():
                turn.set_result(None)
                return
        self._is_taken = False

"""Somebody new listens at a broker: facts and values are told again, not by all at once."""

import asyncio
from collections.abc import Callable
from typing import Final

from agent.clouds.delivery import Delivery
from agent.ports import Clock, Session

SPREAD_S: Final = 3.0
"""Devices that hear of the same newcomer tell it within so long, each at a time of its own."""


class Newcomers:
    """Those that one session has heard of; who comes while another waits is told together."""

    def __init__(self, delivery: Delivery, clock: Clock, jitter: Callable[[], float]) -> None:
        self._delivery = delivery
        self._clock = clock
        self._jitter = jitter
        self._came = asyncio.Event()

    def take(self) -> None:
        """Note that somebody came."""
        self._came.set()

    async def run(self, session: Session) -> None:
        """Tell whoever comes, until the session ends."""
        while True:
            await self._came.wait()
            await self._clock.sleep(self._jitter() * SPREAD_S)
            self._came.clear()
            await self._delivery.introduce(session)

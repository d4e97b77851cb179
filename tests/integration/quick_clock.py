"""A clock for tests that wait for the real one: it goes faster than the world."""

import asyncio
import time

from agent.timeline import stamp_of

SPEED = 25.0
"""So much faster is the clock by which a link waits; the wire is as fast as it is."""


class QuickClock:
    def __init__(self, *, is_trusted: bool = True) -> None:
        self.is_trusted = is_trusted

    def now(self) -> float:
        return time.monotonic() * SPEED

    def wall_time(self) -> float | None:
        return time.time() if self.is_trusted else None

    def stamp(self):
        return stamp_of(self.since_boot(), self.wall_time())

    def learn(self, wall_time):
        """Take no platform's word."""

    def since_boot(self) -> float:
        return self.now()

    def wall_time_at(self, at: float) -> float | None:
        now = self.wall_time()
        return None if now is None else now - (self.since_boot() - at)

    def tls_is_possible(self) -> bool:
        return True

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds / SPEED)

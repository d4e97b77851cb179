"""Keep below a platform's rate: so many messages in any second, wherever it begins."""

import asyncio
from collections import deque
from typing import Final

from agent.ports import Clock

MARGIN: Final = 1.05
"""The platform's second is not ours: two messages may be nearer there than they were here."""


class Window:
    """Allows *per_s* messages in any second; below one in a second, one in a longer time."""

    def __init__(self, *, per_s: float) -> None:
        span_s = max(1.0, 1 / per_s)
        self._span_s = span_s * MARGIN
        self._sent: deque[float] = deque(maxlen=max(1, int(per_s * span_s)))

    def spend(self, now: float) -> None:
        """Count one message, even one that could not wait (it delays those that can)."""
        self._sent.append(now)

    def delay_s(self, now: float) -> float:
        """Tell how long to wait before the next message may be sent."""
        if len(self._sent) < (self._sent.maxlen or 0):
            return 0.0
        return max(0.0, self._sent[0] + self._span_s - now)


class Pacer:
    """A window on a clock; turns come in the order in which they were asked for."""

    def __init__(self, *, per_s: float, clock: Clock) -> None:
        self._clock = clock
        self._window = Window(per_s=per_s)
        self._turns = asyncio.Lock()

    def count(self) -> None:
        """Count a message that does not wait, such as a reply."""
        self._window.spend(self._clock.now())

    async def turn(self) -> None:
        """Wait until a message may be sent, and count it."""
        async with self._turns:
            while (delay_s := self._window.delay_s(self._clock.now())) > _TICK_S:
                await self._clock.sleep(delay_s)
            self.count()


_TICK_S: Final = 1e-6
"""Less than this is a rounding error of the sums, not a wait."""

"""Keep below a platform's rate: a bucket of messages that fills up at that rate."""

import asyncio
from collections import deque

from agent.ports import Clock


class TokenBucket:
    """Allows bursts of *burst* messages and *per_s* a second in the long run."""

    def __init__(self, *, per_s: float, burst: float, now: float) -> None:
        self._per_s = per_s
        self._burst = burst
        self._tokens = burst
        self._filled_at = now

    def spend(self, now: float) -> None:
        """Count one message, even one that could not wait (it delays those that can)."""
        self._fill(now)
        self._tokens = max(self._tokens - 1, -self._burst)

    def delay_s(self, now: float) -> float:
        """Tell how long to wait before the next message may be sent."""
        self._fill(now)
        return max(0.0, (1 - self._tokens) / self._per_s)

    def _fill(self, now: float) -> None:
        gained = max(0.0, now - self._filled_at) * self._per_s
        self._tokens = min(self._burst, self._tokens + gained)
        self._filled_at = now


class Pacer:
    """Gives turns in the order in which they were asked for, at a platform's rate.

    A bucket alone would let through a burst and, in the same second, what flows in after it.
    """

    def __init__(self, *, per_s: float, clock: Clock) -> None:
        self._clock = clock
        self._bucket = TokenBucket(per_s=per_s, burst=per_s, now=clock.now())
        self._sent_at: deque[float] = deque(maxlen=max(1, int(per_s)))
        self._window_s = 1.0 + _JITTER_S if per_s > 1 else 0.0
        self._turns = asyncio.Lock()

    def count(self) -> None:
        """Count a message that does not wait, such as a reply."""
        now = self._clock.now()
        self._bucket.spend(now)
        self._sent_at.append(now)

    async def turn(self) -> None:
        """Wait until a message may be sent, and count it."""
        async with self._turns:
            while (delay_s := self._delay_s(self._clock.now())) > _TICK_S:
                await self._clock.sleep(delay_s)
            self.count()

    def _delay_s(self, now: float) -> float:
        is_full = len(self._sent_at) == self._sent_at.maxlen
        window_s = self._sent_at[0] + self._window_s - now if is_full else 0.0
        return max(self._bucket.delay_s(now), window_s)


_JITTER_S = 0.1
"""So much closer together may messages arrive than they were sent."""

_TICK_S = 1e-6
"""Less than this is a rounding error of the bucket's sums, not a wait."""

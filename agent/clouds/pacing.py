"""Keep below a platform's rate: a bucket of messages that fills up at that rate."""

import asyncio

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
    """A token bucket on a clock; whoever waits longest is next, so that no lane starves."""

    def __init__(self, *, per_s: float, clock: Clock) -> None:
        self._clock = clock
        self._queue = asyncio.Lock()
        self._bucket = TokenBucket(per_s=per_s, burst=per_s, now=clock.now())

    def count(self) -> None:
        """Count a message that does not wait, such as a reply."""
        self._bucket.spend(self._clock.now())

    async def turn(self) -> None:
        """Wait until a message may be sent, and count it."""
        async with self._queue:
            while (delay_s := self._bucket.delay_s(self._clock.now())) > _TICK_S:
                await self._clock.sleep(delay_s)
            self.count()


_TICK_S = 1e-6
"""Less than this is a rounding error of the bucket's sums, not a wait."""

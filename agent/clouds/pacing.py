"""Keep below a platform's rate: a bucket of messages that fills up at that rate."""

from typing import Final

from agent.ports import Clock

BURST: Final = 0.2
"""How much of a second's messages may leave at once."""


class TokenBucket:
    """Lets no second hold more than *per_s* messages; a few of them may leave at once.

    A full bucket and what flows in during a second leave together at worst: the platforms count
    by the second, and some drop what is too much without a word.
    """

    def __init__(self, *, per_s: float, now: float) -> None:
        self._burst = max(1.0, per_s * BURST)
        self._rate = per_s - self._burst if per_s > self._burst else per_s
        self._debt = per_s
        self._tokens = self._burst
        self._filled_at = now

    def spend(self, now: float) -> None:
        """Count one message, even one that could not wait (it delays those that can)."""
        self._fill(now)
        self._tokens = max(self._tokens - 1, -self._debt)

    def delay_s(self, now: float) -> float:
        """Tell how long to wait before the next message may be sent."""
        self._fill(now)
        return max(0.0, (1 - self._tokens) / self._rate)

    def _fill(self, now: float) -> None:
        gained = max(0.0, now - self._filled_at) * self._rate
        self._tokens = min(self._burst, self._tokens + gained)
        self._filled_at = now


class Pacer:
    """A token bucket on a clock."""

    def __init__(self, *, per_s: float, clock: Clock) -> None:
        self._clock = clock
        self._bucket = TokenBucket(per_s=per_s, now=clock.now())

    def count(self) -> None:
        """Count a message that does not wait, such as a reply."""
        self._bucket.spend(self._clock.now())

    async def turn(self) -> None:
        """Wait until a message may be sent, and count it."""
        while (delay_s := self._bucket.delay_s(self._clock.now())) > _TICK_S:
            await self._clock.sleep(delay_s)
        self.count()


_TICK_S = 1e-6
"""Less than this is a rounding error of the bucket's sums, not a wait."""

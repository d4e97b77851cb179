"""Keep below a platform's rate: so many messages in any second, wherever it begins."""

import asyncio
from collections import deque
from typing import Final

from agent.clouds.usage import Report, Usage
from agent.ports import Clock, PlatformLimits

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

    def fill(self, now: float) -> None:
        """Count as many as may be sent at once: somebody else may have sent them."""
        self._sent.extend([now] * (self._sent.maxlen or 0))

    def delay_s(self, now: float) -> float:
        """Tell how long to wait before the next message may be sent."""
        if len(self._sent) < (self._sent.maxlen or 0):
            return 0.0
        return max(0.0, self._sent[0] + self._span_s - now)


class Pacer:
    """A window on a clock; turns come in the order in which they were asked for.

    Every message of one identity passes here with its payload's *size*, whichever link sends it.
    *is_resumed*: an earlier process may have sent for the identity just now.
    """

    def __init__(
        self,
        *,
        per_s: float,
        clock: Clock,
        billed_bytes: int | None = None,
        is_resumed: bool = False,
    ) -> None:
        self._clock = clock
        self._per_s: float = per_s
        self._billed_bytes = billed_bytes
        self._window = Window(per_s=per_s)
        self._turns = asyncio.Lock()
        self._usage = Usage(clock.now())
        if is_resumed:
            self._window.fill(clock.now())

    def keep_to(self, limits: PlatformLimits) -> None:
        """Keep to *limits* from now on; with another rate, as if all of it had just been used."""
        if limits.messages_per_s != self._per_s:
            self._window = Window(per_s=limits.messages_per_s)
            self._window.fill(self._clock.now())
        self._per_s, self._billed_bytes = limits.messages_per_s, limits.billed_bytes

    def count(self, size: int) -> None:
        """Count a message that does not wait, such as a reply."""
        now = self._clock.now()
        self._window.spend(now)
        self._usage.add_message(size, self._billed_bytes, now)

    def count_connect(self) -> None:
        """Count an attempt to connect."""
        self._usage.add_connect(self._clock.now())

    async def turn(self, size: int) -> None:
        """Wait until a message may be sent, and count it."""
        async with self._turns:
            while (delay_s := self._window.delay_s(self._clock.now())) > _TICK_S:
                await self._clock.sleep(delay_s)
            self.count(size)

    def report(self, limits: PlatformLimits) -> Report:
        """Tell how much was sent, and how much more there may be."""
        return self._usage.report(limits, self._clock.now())


class Pacers:
    """The pacers of all identities: one has one window, whichever link speaks for it."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._known: dict[str, Pacer] = {}

    def of(self, identity: str, limits: PlatformLimits, *, is_resumed: bool) -> Pacer:
        """Find the pacer of an identity, or make it; it keeps to *limits*."""
        if identity not in self._known:
            self._known[identity] = Pacer(
                per_s=limits.messages_per_s, clock=self._clock, is_resumed=is_resumed
            )
        pacer = self._known[identity]
        pacer.keep_to(limits)
        return pacer


_TICK_S: Final = 1e-6
"""Less than this is a rounding error of the sums, not a wait."""

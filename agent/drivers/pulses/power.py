"""CF: the energy counter, and the power from the time between its pulses."""

from typing import Final

from agent.drivers.pulses.counting import Count, Stretch

STRETCH_S: Final = 0.2
RECENT_S: Final = 1.1
"""A measurement is up to date for so long; then only the time since the last pulse says more."""

NOTHING_S: Final = 16.7
"""So long without a pulse, and the power counts as zero, as an HLW8032's register does."""


class Power:
    """Takes CF's edges. Whatever happens to times, every pulse is counted once."""

    def __init__(self, now: float) -> None:
        self.count = Count()
        self.edge_at: float | None = None
        """When the newest edge came."""
        self.number = 0
        """How many measurements there were: tells a new one from one that is repeated."""
        self._stretch = Stretch(STRETCH_S, 1)
        self._hz: float | None = None
        self._measured_at = float("-inf")
        self._begun_at = now

    def take(self, at: float, number: int) -> None:
        """Take an edge at *at*, of the kernel's *number*."""
        if not self.count.take(number):
            return
        self.edge_at = at
        hz = self._stretch.take(at, self.count.total)
        if hz is not None:
            self._hz, self._measured_at = hz, at
            self.number += 1

    def hz(self, now: float) -> float | None:
        """Tell the pulses a second: no more than one in the time since the last; None: unknown."""
        idle_s = now - (self._begun_at if self.edge_at is None else self.edge_at)
        if idle_s >= NOTHING_S:
            return 0.0
        if self._hz is None:
            return None
        return min(self._hz, 1 / idle_s) if idle_s > 0 else self._hz

    def is_recent(self, now: float) -> bool:
        """Tell whether the power was measured of late."""
        return now - self._measured_at <= RECENT_S

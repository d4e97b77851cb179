"""Pulses of one line, counted by the kernel's numbers, and timed by its clock."""

from typing import Final

NUMBERS: Final = 1 << 32
"""The kernel numbers a line's edges modulo this."""


class Count:
    """How many edges a line has had.

    The kernel numbers every edge and keeps the newest: where it had no room for some, the next
    one's number tells how many, and they are counted.
    """

    def __init__(self) -> None:
        self.total = 0
        self.untimed = 0
        """How many of them the kernel had no room for: counted, at an unknown time."""
        self._number = 0

    def take(self, number: int) -> bool:
        """Count up to the edge of this number; False where it was counted already."""
        step = (number - self._number) % NUMBERS
        if step == 0 or step > NUMBERS // 2:
            return False
        self._number = number
        self.total += step
        self.untimed += step - 1
        return True


class Stretch:
    """The frequency between two edges of a line that lie far enough apart."""

    def __init__(self, least_s: float, least_pulses: int) -> None:
        self._least_s = least_s
        self._least_pulses = least_pulses
        self._first: tuple[float, int] | None = None
        self._total = 0

    @property
    def began_at(self) -> float | None:
        """When its first edge came; None where there was none yet."""
        return None if self._first is None else self._first[0]

    @property
    def pulses(self) -> int:
        """How many have come since the stretch began."""
        return 0 if self._first is None else self._total - self._first[1]

    def clear(self) -> None:
        """Begin anew at the next edge."""
        self._first = None

    def take(self, at: float, total: int) -> float | None:
        """Take an edge; give the frequency in Hz where the stretch is long enough now."""
        self._total = total
        if self._first is None:
            self._first = (at, total)
            return None
        since, before = self._first
        span_s, pulses = at - since, total - before
        if span_s < self._least_s or pulses < self._least_pulses:
            return None
        self._first = (at, total)
        return pulses / span_s

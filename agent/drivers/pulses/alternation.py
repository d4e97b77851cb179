"""CF1 shows current or voltage by turns: when to look at which, and what was measured of each."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from agent.drivers.pulses.counting import Count, Stretch

SETTLE_S: Final = 0.4
"""So long after SEL has moved, CF1 still shows something of what it showed before (c)."""

STRETCH_S: Final = 0.3
LEAST_PULSES: Final = 2
"""One pulse in a stretch is as likely a leftover: it is dropped."""

CURRENT_QUIET_S: Final = 0.6
VOLTAGE_QUIET_S: Final = 1.2
"""So long without a pulse, and there is nothing to be measured: a wrong 0 V would say more."""

MOST_S: Final = 2.0
"""A weak current may take so long for two pulses; slower is none."""

CURRENT_STRETCHES: Final = 2
"""Protection needs two measurements: both come in one turn."""
VOLTAGE_STRETCHES: Final = 1
MOVED_STRETCHES: Final = 5
MOVED: Final = 0.05
"""A voltage that moved by this share since its last turn is looked at for longer."""


class Shown(StrEnum):
    """What CF1 shows."""

    CURRENT = "current"
    VOLTAGE = "voltage"


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """The last measurement of one quantity: `hz` is 0.0 for nothing, None for too little to tell.

    `number` tells one measurement from another; 0: there was none yet.
    """

    hz: float | None = None
    number: int = 0


NEVER: Final = Measured()


class Alternation:
    """Takes CF1's edges, and tells when SEL is to move; `shown` is what it must select."""

    def __init__(self, now: float) -> None:
        self.shown = Shown.CURRENT
        self.count = Count()
        self.edge_at: float | None = None
        """When the newest edge came, settled or not: a sign of life."""
        self._measured = {Shown.CURRENT: NEVER, Shown.VOLTAGE: NEVER}
        self._stretch = Stretch(STRETCH_S, LEAST_PULSES)
        self._stretches, self._wanted = 0, CURRENT_STRETCHES
        self._quiet_s = CURRENT_QUIET_S
        self._settled_at = now + SETTLE_S

    @property
    def current(self) -> Measured:
        """The last measurement of the current."""
        return self._measured[Shown.CURRENT]

    @property
    def voltage(self) -> Measured:
        """The last measurement of the voltage."""
        return self._measured[Shown.VOLTAGE]

    def take(self, at: float, number: int) -> None:
        """Take an edge at *at*, of the kernel's *number*."""
        if not self.count.take(number):
            return
        self.edge_at = at
        if at < self._settled_at:
            return
        hz = self._stretch.take(at, self.count.total)
        if hz is None:
            return
        before = self._measured[self.shown].hz
        self._found(hz)
        self._stretches += 1
        if self.shown is Shown.VOLTAGE and self._has_moved(before, hz):
            self._wanted = MOVED_STRETCHES

    def turn(self, now: float) -> bool:
        """Tell whether SEL must move now; `shown` says to where."""
        if self._stretches < self._wanted and not self._is_quiet(now):
            return False
        self.shown = Shown.VOLTAGE if self.shown is Shown.CURRENT else Shown.CURRENT
        self._begin(now)
        return True

    def _begin(self, now: float) -> None:
        is_current = self.shown is Shown.CURRENT
        self._wanted = CURRENT_STRETCHES if is_current else VOLTAGE_STRETCHES
        self._quiet_s = CURRENT_QUIET_S if is_current else VOLTAGE_QUIET_S
        self._stretches = 0
        self._settled_at = now + SETTLE_S
        self._stretch.clear()

    def _is_quiet(self, now: float) -> bool:
        """Tell whether too few pulses come; what was to be measured is nothing, or unknown."""
        began_at = self._stretch.began_at
        if began_at is None:
            is_over = now - self._settled_at >= self._quiet_s
        else:
            is_over = now - began_at >= MOST_S
        if is_over:
            self._found(None if self._stretch.pulses else 0.0)
        return is_over

    def _found(self, hz: float | None) -> None:
        number = self._measured[self.shown].number + 1
        self._measured[self.shown] = Measured(hz=hz, number=number)

    @staticmethod
    def _has_moved(before: float | None, hz: float) -> bool:
        return before is None or abs(hz - before) > MOVED * hz

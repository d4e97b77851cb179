"""Counts the measurements over a limit that frames hold, whatever the device makes of them."""

from dataclasses import dataclass, field
from typing import Final, NamedTuple

from agent.model import COUNTER_MODULUS, Reading, Register

POWER_STANDS_S: Final = 0.5
CURRENT_STANDS_S: Final = 1.2
"""A register that stands so long with its update bit has been measured again."""

_PJ_PER_J: Final = 1e12


class _Seen(NamedTuple):
    raw: int
    at: float


@dataclass(slots=True)
class Watcher:
    """What the three witnesses said over *limit_a* or *limit_w* since the last `restart`."""

    limit_a: float
    limit_w: float
    measurements: int = 0
    """Registers refreshed over the limit, and steps of the counter over it."""
    first_at: float | None = None
    """When the first frame told of it: nobody can know earlier."""
    _volts: float = 230.0
    _registers: dict[str, _Seen] = field(default_factory=dict[str, _Seen])
    _counter: _Seen | None = None

    def restart(self) -> None:
        """Forget what was counted, not where the counter stood."""
        self.measurements, self.first_at = 0, None
        self._registers.clear()

    def see(self, reading: Reading, now: float) -> None:
        """Count what this frame measured anew."""
        self._volts = reading.voltage_v or self._volts
        current_a, power_w = reading.current.value or 0.0, reading.power.value or 0.0
        is_over = current_a > self.limit_a
        witnesses = (
            self._fresh("current", reading.current, CURRENT_STANDS_S, now, is_over=is_over),
            self._fresh(
                "power", reading.power, POWER_STANDS_S, now, is_over=self._is_over(power_w)
            ),
            self._is_over(self._counted_w(reading, now)),
        )
        count = sum(witnesses)
        self._counter = _Seen(reading.pulses, now)
        self.measurements += count
        if count and self.first_at is None:
            self.first_at = now

    def _is_over(self, power_w: float) -> bool:
        return power_w > self.limit_w or power_w / self._volts > self.limit_a

    def _counted_w(self, reading: Reading, now: float) -> float:
        if self._counter is None or now <= self._counter.at:
            return 0.0
        pulses = (reading.pulses - self._counter.raw) % COUNTER_MODULUS
        return pulses * reading.pulse_pj / _PJ_PER_J / (now - self._counter.at)

    def _fresh(
        self, name: str, register: Register, stands_s: float, now: float, *, is_over: bool
    ) -> bool:
        before = self._registers.get(name)
        if not register.is_updated or not is_over:
            self._registers.pop(name, None)
            return False
        if before is not None and before.raw == register.raw and now - before.at < stands_s:
            return False
        self._registers[name] = _Seen(register.raw, now)
        return True

"""Edges → readings: two lines of pulses, and which quantity the second is to show."""

from typing import Final

from agent.drivers.gate import Evidence, Gate
from agent.drivers.pulses.alternation import Alternation, Measured, Shown
from agent.drivers.pulses.power import Power
from agent.drivers.pulses.scale import Scale
from agent.model import COUNTED_HERE, COUNTER_MODULUS, Factors, Reading, Register

SPEAKS_S: Final = 2.5
"""A chip that has mains gives an edge at least so often: of the voltage, in its turn (c)."""


class PulseDecoder:
    """One opening of a meter; *opening* tells it from every other, as its counter begins at 0.

    Where there must be a voltage to measure, no pulse at all means a dead chip or a cut line:
    there is no reading then, rather than one that says zero.
    """

    def __init__(self, scale: Scale, opening: int, now: float, *, has_mains: bool) -> None:
        self._scale = scale
        self._chip = (COUNTED_HERE, opening)
        self._has_mains = has_mains
        self._mains_since = now
        self._gate = Gate(scale.most_v, scale.most_a)
        self._power = Power(now)
        self._by_turns = Alternation(now)

    @property
    def shown(self) -> Shown:
        """What CF1 must show now."""
        return self._by_turns.shown

    @property
    def untimed(self) -> int:
        """How many pulses of CF came without their time, and were counted."""
        return self._power.count.untimed

    def cf(self, at: float, number: int) -> None:
        """Take an edge of CF."""
        self._power.take(at, number)

    def cf1(self, at: float, number: int) -> None:
        """Take an edge of CF1."""
        self._by_turns.take(at, number)

    def set_mains(self, now: float, *, on: bool) -> None:
        """Take note whether there must be a voltage where the chip measures it."""
        if on is not self._has_mains:
            self._has_mains, self._mains_since = on, now

    def rescale(self, scale: Scale) -> None:
        """Decode by another scale from now on; what is held moves with it."""
        before, self._scale = self._scale, scale
        ratios = Factors(
            voltage=scale.kv / before.kv, current=scale.ki / before.ki, power=scale.kp / before.kp
        )
        self._gate.rescale(scale.most_v, scale.most_a, ratios)

    def turn(self, now: float) -> bool:
        """Tell whether CF1 must show the other quantity from now on."""
        return self._by_turns.turn(now)

    def reading(self, now: float) -> Reading | None:
        """Tell what is known now; None where the chip does not speak."""
        if self._has_mains and now - self._spoken_at() > SPEAKS_S:
            return None
        scale, power, by_turns = self._scale, self._power, self._by_turns
        hz = power.hz(now)
        return self._gate.judge(
            Evidence(
                voltage=_register(by_turns.voltage, scale.volts),
                current=_register(by_turns.current, scale.amperes),
                power=Register(
                    raw=power.number,
                    value=None if hz is None else hz * scale.pulse_j,
                    is_updated=power.is_recent(now),
                ),
                pulses=power.count.total % COUNTER_MODULUS,
                pulse_pj=round(scale.pulse_j * 1e12),
                chip=self._chip,
            )
        )

    def _spoken_at(self) -> float:
        edges = (self._power.edge_at, self._by_turns.edge_at)
        return max([self._mains_since, *(at for at in edges if at is not None)])


def _register(measured: Measured, unit: float) -> Register:
    hz = measured.hz
    return Register(
        raw=measured.number,
        value=None if hz is None else hz * unit,
        is_updated=hz is not None,
    )

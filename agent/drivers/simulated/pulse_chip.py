"""A model of the HLW8012 and BL0937: the edges of CF and CF1, and what SEL makes of CF1."""

from collections.abc import Callable
from typing import Final, Literal

from agent.drivers.pulses.scale import Scale
from agent.drivers.simulated.plant import Supply
from agent.drivers.simulated.portions import Portions

STEP_S: Final = 0.02
SETTLES_S: Final = 0.3
"""So long after SEL has moved CF1 goes on with what it showed before."""

Edge = tuple[Literal["cf", "cf1"], float]


class PulseChip:
    """The chip behind a board's resistors; time only moves by `advance`.

    *is_high_voltage*: SEL high shows the voltage. A dead chip (`is_dead`) gives no edge.
    """

    def __init__(
        self,
        supply: Callable[[float], Supply],
        scale: Scale,
        *,
        is_high_voltage: bool,
        voltage_from: Literal["load", "mains"] = "load",
        now: float = 0.0,
    ) -> None:
        self.is_dead = False
        self._supply = supply
        self._scale = scale
        self._is_high_voltage = is_high_voltage
        self._is_behind_contact = voltage_from == "load"
        self._now = now
        self._energy = Portions(scale.pulse_j)
        self._phase = Portions(1.0)
        self._shows_voltage = self._showed_voltage = not is_high_voltage
        self._moved_at = now

    def select(self, *, high: bool) -> None:
        """Take SEL's level."""
        shows_voltage = high is self._is_high_voltage
        if shows_voltage is not self._shows_voltage:
            self._showed_voltage, self._shows_voltage = self._shows_voltage, shows_voltage
            self._moved_at = self._now

    def advance(self, to: float) -> list[Edge]:
        """Measure until *to*, and give the edges in the order in which they came."""
        edges: list[Edge] = []
        while to - self._now > 1e-9:
            span_s = min(STEP_S, to - self._now)
            edges += self._step(self._supply(self._now), span_s)
            self._now += span_s
        return edges if not self.is_dead else []

    def _step(self, supply: Supply, span_s: float) -> list[Edge]:
        scale = self._scale
        volts = min(supply.load_v if self._is_behind_contact else supply.mains_v, scale.most_v)
        clipped = min(1.0, scale.most_a / supply.current_a) if supply.current_a else 1.0
        is_settled = self._now - self._moved_at >= SETTLES_S
        shows_voltage = self._shows_voltage if is_settled else self._showed_voltage
        hz = volts / scale.volts if shows_voltage else supply.current_a * clipped / scale.amperes
        cf = self._energy.add(supply.power_w * clipped, self._now, span_s)
        cf1 = self._phase.add(hz, self._now, span_s)
        edges: list[Edge] = [*(("cf", at) for at in cf), *(("cf1", at) for at in cf1)]
        return sorted(edges, key=lambda edge: edge[1])

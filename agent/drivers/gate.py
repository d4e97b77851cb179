"""What is fit to be published of a meter's registers, whatever the chip: what cannot be waits."""

from dataclasses import dataclass
from typing import Final

from agent.drivers.hlw8032 import track
from agent.drivers.hlw8032.decoder import MARGIN, NO_LOAD_A, NO_VOLTAGE_V, POWER_MARGIN_W
from agent.drivers.hlw8032.track import Bounds, Track, follow, rescaled
from agent.model import COUNTER_MODULUS, Factors, Reading, Register

UNHEARD: Final = Track()


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """The bare registers of one reading, and the counter that measures the power too."""

    voltage: Register
    current: Register
    power: Register
    pulses: int
    pulse_pj: int
    chip: tuple[int, ...]
    modulus: int = COUNTER_MODULUS


class Gate:
    """Makes readings of registers: the evidence as it is, and beside it what may be published.

    *most_v* and *most_a* are what the chip can measure at most, calibrated.
    """

    def __init__(self, most_v: float, most_a: float) -> None:
        self._most_v, self._most_a = MARGIN * most_v, MARGIN * most_a
        self._voltage = self._current = self._power = UNHEARD

    def rescale(self, most_v: float, most_a: float, ratios: Factors) -> None:
        """Judge by another scale; what is held moves by *ratios*."""
        self._most_v, self._most_a = MARGIN * most_v, MARGIN * most_a
        self._voltage = rescaled(self._voltage, ratios.voltage)
        self._current = rescaled(self._current, ratios.current)
        self._power = rescaled(self._power, ratios.power)

    def judge(self, evidence: Evidence) -> Reading:
        """Judge one set of registers."""
        is_idle = evidence.power.value == 0.0
        self._voltage, volts = follow(
            self._voltage,
            evidence.voltage,
            track.VOLTAGE,
            Bounds(ceiling=self._most_v, clip=self._most_v, floor=NO_VOLTAGE_V),
            trusts_first=False,
        )
        floor_a = NO_LOAD_A if is_idle else 0.0
        self._current, amperes = follow(
            self._current,
            evidence.current,
            track.CURRENT,
            Bounds(ceiling=self._most_a, clip=self._most_a, floor=floor_a),
            trusts_first=False,
        )
        self._power, watts = follow(
            _bounded(self._power, evidence.power),
            evidence.power,
            track.POWER,
            self._power_bounds(evidence),
            trusts_first=False,
        )
        return Reading(
            voltage_v=volts.value,
            current_a=amperes.value,
            power_w=watts.value,
            pulses=evidence.pulses,
            pulse_pj=evidence.pulse_pj,
            voltage=evidence.voltage,
            current=evidence.current,
            power=evidence.power,
            chip=evidence.chip,
            modulus=evidence.modulus,
        )

    def _power_bounds(self, evidence: Evidence) -> Bounds:
        most = ceiling = self._most_v * self._most_a
        volts, amperes = self._voltage.value, self._current.value
        if volts is not None and amperes is not None:
            ceiling = min(most, MARGIN * volts * amperes + POWER_MARGIN_W)
        return Bounds(
            ceiling=ceiling, clip=most, pulses=evidence.pulses, pulse_pj=evidence.pulse_pj
        )


def _bounded(power: Track, register: Register) -> Track:
    """Lower what is held to what a register says that was not measured anew: no more flows."""
    held, bound = power.value, register.value
    if register.is_updated or held is None or bound is None or bound >= held:
        return power
    return Track(value=bound)

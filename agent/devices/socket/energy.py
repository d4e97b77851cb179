"""Energy from pulses: whole millijoules, an exact remainder, and a total that never falls."""

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from agent.model import COUNTER_MODULUS

PJ_PER_MJ: Final = 10**9
"""Picojoules in a millijoule."""

SLACK_S: Final = 0.5
"""Frames arrive in bunches, so their times say less than their count."""

ROUND_GAP_S: Final = 15.0
"""After a longer gap a counter below the last one may have gone round, or begun again."""

_PJ_PER_J: Final = 1e12


class Reason(StrEnum):
    """Why the count could not simply go on."""

    CHIP_RESET = "chip_reset"
    IMPOSSIBLE_STEP = "impossible_step"
    AMBIGUOUS_GAP = "ambiguous_gap"


@dataclass(frozen=True, slots=True, kw_only=True)
class Energy:
    """What was used so far; *counter* is the chip's at *counter_at* (None: not seen yet)."""

    total_mj: int = 0
    rest_pj: int = 0
    counter: int | None = None
    counter_at: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Discontinuity:
    """A break in the count: the counter's step in pulses, over *gap_s*, and what was credited."""

    reason: Reason
    gap_s: float
    step: int
    credited: int


def advance(
    energy: Energy, pulses: int, pulse_pj: int, now: float, max_power_w: float
) -> tuple[Energy, Discontinuity | None]:
    """Count what the chip counted since the last frame.

    The first frame only sets the baseline, and so does a step that *max_power_w* cannot make
    or a gap in which the counter may have gone round: rather too little is credited than too
    much. While the worth of a pulse is unknown (*pulse_pj* is 0) nothing moves: those pulses
    are counted when it is known.
    """
    if pulse_pj <= 0:
        return energy, None
    baseline = replace(energy, counter=pulses, counter_at=now)
    if energy.counter is None or energy.counter_at is None:
        return baseline, None
    gap_s = now - energy.counter_at
    step = (pulses - energy.counter) % COUNTER_MODULUS
    pulses_per_s = max_power_w * _PJ_PER_J / pulse_pj
    reason, credited = _judge(step, pulses, gap_s, pulses_per_s)
    counted = _credit(baseline, credited * pulse_pj)
    if reason is None:
        return counted, None
    return counted, Discontinuity(reason=reason, gap_s=gap_s, step=step, credited=credited)


def _judge(step: int, pulses: int, gap_s: float, pulses_per_s: float) -> tuple[Reason | None, int]:
    """Tell how many pulses to credit, and what was wrong if it is not the plain step."""
    if gap_s < 0 or gap_s * pulses_per_s > COUNTER_MODULUS / 2:
        return Reason.AMBIGUOUS_GAP, 0
    possible = pulses_per_s * (gap_s + SLACK_S)
    if pulses < step <= possible and gap_s > ROUND_GAP_S:
        return Reason.AMBIGUOUS_GAP, pulses
    if step <= possible:
        return None, step
    if pulses <= possible:
        return Reason.CHIP_RESET, pulses
    return Reason.IMPOSSIBLE_STEP, 0


def _credit(energy: Energy, energy_pj: int) -> Energy:
    whole_mj, rest_pj = divmod(energy.rest_pj + energy_pj, PJ_PER_MJ)
    return replace(energy, total_mj=energy.total_mj + whole_mj, rest_pj=rest_pj)

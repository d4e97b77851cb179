"""Energy from pulses: whole millijoules, an exact remainder, and a total that never falls."""

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final, NamedTuple

from agent.model import COUNTED_HERE, Reading
from agent.quick import quick

PJ_PER_MJ: Final = 10**9
"""Picojoules in a millijoule."""

SLACK_S: Final = 0.5
"""Frames arrive in bunches, so their times say less than their count."""

ROUND_GAP_S: Final = 15.0
"""After a longer gap a counter below the last one may have gone round, or begun again: it went
round where that fits what flowed last, and else only what it shows is certain."""

TOLD_GAP_S: Final = 5.0
"""A longer silence of the meter is told, even where nothing was lost."""

_PJ_PER_J: Final = 1e12


class Reason(StrEnum):
    """Why the count could not simply go on, or what it went on over."""

    BASELINE = "baseline"
    """The first frame of a count that knows no counter: nothing is credited."""
    RESTART = "restart"
    """The process was away; the chip counted on, and all of it is credited."""
    METER_GAP = "meter_gap"
    """The meter was silent; the chip counted on, and all of it is credited."""
    METER_CHANGED = "meter_changed"
    """Another chip answers: its counter means nothing for this count."""
    CHIP_RESET = "chip_reset"
    """The chip began at 0 again; what it has counted since is credited."""
    COUNTER_BEGAN = "counter_began"
    """The driver counts the pulses, and began at 0: what it has counted since is credited."""
    IMPOSSIBLE_STEP = "impossible_step"
    """More than can have flowed: nothing is credited."""
    RESCALED = "rescaled"
    """A pulse is worth something else now: what was not counted yet is counted at that."""
    AMBIGUOUS_GAP = "ambiguous_gap"
    """The counter may have gone round: only what is certain is credited."""


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class Energy:
    """What was used so far; *counter* is the chip's at *counter_at* (None: not seen yet).

    `chip` tells one meter from another; `is_resumed`: the counter was kept by an earlier
    process. `power_w` is what flowed last. `is_astray`: the last step cannot have flowed.
    """

    total_mj: int = 0
    rest_pj: int = 0
    counter: int | None = None
    counter_at: float | None = None
    chip: tuple[int, ...] = ()
    pulse_pj: int = 0
    power_w: float = 0.0
    is_resumed: bool = False
    is_astray: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """What can flow: *likely_w* bounds a gap that nobody watched, *most_w* any step at all."""

    likely_w: float
    most_w: float


class Rates(NamedTuple):
    """Pulses a second: of what flowed last, of what is likely at most, of what is possible."""

    last: float
    likely: float
    most: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Discontinuity:
    """A row of the ledger: the counter's step in pulses, over *gap_s*, and what was credited."""

    reason: Reason
    gap_s: float
    step: int
    credited: int
    credited_mj: int
    total_mj: int


Advanced = tuple[Energy, Discontinuity | None]


def advance(energy: Energy, reading: Reading, flow: Flow, now: float) -> Advanced:
    """Count what the chip counted since the last frame.

    The first frame only sets the baseline, and so does a step that cannot have flowed or a gap
    in which the counter may have gone round: rather too little is credited than too much. While
    the worth of a pulse is unknown nothing moves: those pulses are counted when it is known.
    """
    pulse_pj, pulses = reading.pulse_pj, reading.pulses
    if pulse_pj <= 0:
        return energy, None
    if energy.counter is None or energy.counter_at is None:
        return _told(energy, reading, Reason.BASELINE, (0.0, 0, 0), now)
    gap_s = now - energy.counter_at
    step = (pulses - energy.counter) % reading.modulus
    if energy.chip and reading.chip and energy.chip != reading.chip:
        return _began(energy, reading, flow, now)
    per_s = _PJ_PER_J / pulse_pj
    likely_w = max(flow.likely_w, energy.power_w)
    rates = Rates(energy.power_w * per_s, likely_w * per_s, flow.most_w * per_s)
    reason, credited = _judge(energy.counter, reading, gap_s, rates)
    if reason is None and energy.pulse_pj not in (0, pulse_pj):
        reason = Reason.RESCALED
    elif reason is None and energy.is_resumed:
        reason = Reason.RESTART
    elif reason is None and gap_s > TOLD_GAP_S:
        reason = Reason.METER_GAP
    if reason is None:
        return _counted(energy, reading, credited, now), None
    after, told = _told(energy, reading, reason, (gap_s, step, credited), now)
    if reason is not Reason.IMPOSSIBLE_STEP:
        return after, told
    # A counter that has gone astray, as noise is counted, is told once and not with each reading.
    return replace(after, is_astray=True), None if energy.is_astray else told


def _began(energy: Energy, reading: Reading, flow: Flow, now: float) -> Advanced:
    """Go on with another counter: of another chip, or of the driver's own anew.

    The driver's own has counted nothing but what flowed since it was opened.
    """
    assert energy.counter is not None
    assert energy.counter_at is not None
    gap_s, pulses = now - energy.counter_at, reading.pulses
    if not energy.chip[0] == reading.chip[0] == COUNTED_HERE:
        step = (pulses - energy.counter) % reading.modulus
        return _told(energy, reading, Reason.METER_CHANGED, (gap_s, step, 0), now)
    possible = _possible(flow.most_w * _PJ_PER_J / reading.pulse_pj, max(gap_s, 0.0))
    credited = pulses if pulses <= possible else 0
    return _told(energy, reading, Reason.COUNTER_BEGAN, (gap_s, pulses, credited), now)


def _possible(most_per_s: float, gap_s: float) -> float:
    """Tell how many pulses there can be: the one more has been gathering since before."""
    return most_per_s * (gap_s + SLACK_S) + 1


def _judge(counter: int, reading: Reading, gap_s: float, rates: Rates) -> tuple[Reason | None, int]:
    """Tell how many pulses to credit, and what was wrong if it is not the plain step."""
    pulses, modulus = reading.pulses, reading.modulus
    step = (pulses - counter) % modulus
    if gap_s < 0 or gap_s * rates.likely > modulus / 2:
        return Reason.AMBIGUOUS_GAP, 0
    possible = _possible(rates.most, gap_s)
    is_below = pulses < step and gap_s > ROUND_GAP_S
    if is_below and step <= possible and not _is_expected(step, rates.last * gap_s):
        return Reason.AMBIGUOUS_GAP, pulses
    if step <= possible:
        return None, step
    if pulses <= possible:
        return Reason.CHIP_RESET, pulses
    return Reason.IMPOSSIBLE_STEP, 0


def _is_expected(step: int, expected: float) -> bool:
    """Tell whether a round of the counter fits what flowed last, within a factor of two."""
    return expected / 2 <= step <= 2 * expected


def _counted(energy: Energy, reading: Reading, credited: int, now: float) -> Energy:
    whole_mj, rest_pj = divmod(energy.rest_pj + credited * reading.pulse_pj, PJ_PER_MJ)
    return Energy(
        total_mj=energy.total_mj + whole_mj,
        rest_pj=rest_pj,
        counter=reading.pulses,
        counter_at=now,
        chip=reading.chip or energy.chip,
        pulse_pj=reading.pulse_pj,
        power_w=energy.power_w if reading.power_w is None else reading.power_w,
    )


def _told(
    energy: Energy,
    reading: Reading,
    reason: Reason,
    counted: tuple[float, int, int],
    now: float,
) -> Advanced:
    gap_s, step, credited = counted
    after = _counted(energy, reading, credited, now)
    return after, Discontinuity(
        reason=reason,
        gap_s=round(gap_s, 3),
        step=step,
        credited=credited,
        credited_mj=after.total_mj - energy.total_mj,
        total_mj=after.total_mj,
    )


def resumed(energy: Energy, *, knows_counter: bool) -> Energy:
    """Make the count of a new process: from the kept counter where it still means something."""
    if knows_counter and energy.counter is not None:
        return replace(energy, is_resumed=True)
    return replace(energy, counter=None, counter_at=None, power_w=0.0)

"""Evidence of an overload: measurements counted, not frames.

The chip repeats a register until it refreshes it, so equal frames are one measurement. The
witnesses are the power register, the current register and the pulse counter; a frame that lies
in all of them at once is still one frame.
"""

from dataclasses import dataclass
from typing import Final

from agent.model import COUNTER_MODULUS, Reading, Register
from agent.quick import quick

WINDOW_S: Final = 0.3
"""The shortest time over which the counter is a witness, for or against a register."""

FRAME_S: Final = 0.103
"""No meter gives readings faster: when a busy machine takes many at once, so much lies between."""

MAX_LEAD_S: Final = 5.0
MOST_CLAIMED_S: Final = 0.5
"""What a register said holds for so long at most: of a gap between frames only the counter knows.
"""
MAX_SAMPLES: Final = 24
COUNTED_STEPS: Final = 10
"""So many of the counter's last steps, about a second, are weighed as a witness."""

FULL_SCALE_W: Final = 60_000.0
"""More than the chip can measure on any board: such a step of the counter is no measurement."""

COARSE_J: Final = 1_000.0
"""A counter whose pulse is worth more (a PZEM-004T's: 3,600 J) says nothing of a few seconds: it
counts energy, and is no witness of a load. Of any other, a single pulse in a step is none."""

_PJ_PER_J: Final = 1e12


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class Track:
    """One register: what it says, what it said a frame ago, and its last two measurements."""

    raw: int | None = None
    value: float = 0.0
    before: float = 0.0
    measured: float = 0.0
    earlier: float = 0.0
    counted_raw: int | None = None
    counted_at: float = float("-inf")

    @property
    def twice(self) -> float:
        """What two measurements in a row, and this frame, say at least."""
        return min(self.value, self.measured, self.earlier)

    @property
    def spoken(self) -> float:
        """What this frame and the one before say at least: one lying frame says nothing."""
        return min(self.value, self.before)


SILENT: Final = Track()


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """The pulse counter, unwrapped, at one frame; `at` is when the chip sent it, if known.

    `claimed_j`: the energy that the power register has claimed since the counter was at 0.
    """

    at: float
    pulses: int
    claimed_j: float = 0.0


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What the witnesses have said of late.

    `buckets`: seconds accumulated above each band. `over_since`: the first sign of a load above
    the band that opens at once; `strong_since`: since when that is proved.
    """

    power: Track = SILENT
    current: Track = SILENT
    samples: tuple[Sample, ...] = ()
    raw_pulses: int = 0
    pulse_j: float = 0.0
    buckets: tuple[float, ...] = ()
    over_since: float | None = None
    strong_since: float | None = None
    good_voltage_v: float = 230.0
    at: float | None = None


def follow_register(
    track: Track, register: Register, pace: tuple[float, float], now: float
) -> Track:
    """Add what a register says in this frame; *pace* = (shortest refresh, stands for)."""
    value = register.value
    if value is None or not register.is_updated:
        return Track(raw=register.raw, before=track.value)
    shortest_s, stands_s = pace
    age_s = now - track.counted_at
    is_refreshed = (register.raw != track.counted_raw and age_s >= shortest_s) or age_s >= stands_s
    if is_refreshed:
        return Track(
            raw=register.raw,
            value=value,
            before=track.value,
            measured=value,
            earlier=track.measured,
            counted_raw=register.raw,
            counted_at=now,
        )
    if register.raw == track.raw and track.before == value == track.value:
        return track
    return Track(
        raw=register.raw,
        value=value,
        before=track.value,
        measured=track.measured,
        earlier=track.earlier,
        counted_raw=track.counted_raw,
        counted_at=track.counted_at,
    )


def follow_counter(
    evidence: Evidence, reading: Reading, now: float
) -> tuple[tuple[Sample, ...], float]:
    """Add the frame's counter; an impossible step begins the history anew.

    Gives the samples, and what a pulse is worth in joules.
    """
    pulse_j = reading.pulse_pj / _PJ_PER_J
    first = Sample(at=now, pulses=0)
    if not evidence.samples or pulse_j <= 0 or evidence.pulse_j != pulse_j:
        return (first,), pulse_j
    last = evidence.samples[-1]
    step = (reading.pulses - evidence.raw_pulses) % COUNTER_MODULUS
    if step * pulse_j > FULL_SCALE_W * (max(now - last.at, FRAME_S) + FRAME_S):
        return (first,), pulse_j
    at = min(max(now, last.at + FRAME_S), now + MAX_LEAD_S)
    claimed_w = min(evidence.power.value, _claimed_w(reading.power))
    claimed_j = last.claimed_j + claimed_w * min(at - last.at, MOST_CLAIMED_S)
    newest = Sample(at=at, pulses=last.pulses + step, claimed_j=claimed_j)
    return (*evidence.samples[1 - MAX_SAMPLES :], newest), pulse_j


def _claimed_w(power: Register) -> float:
    return power.value if power.is_updated and power.value is not None else 0.0


def mean_power_w(samples: tuple[Sample, ...], pulse_j: float) -> float | None:
    """Tell the mean power over the shortest history of at least `WINDOW_S`; None if too short."""
    newest = samples[-1]
    for sample in reversed(samples):
        span_s = newest.at - sample.at
        if span_s >= WINDOW_S:
            return (newest.pulses - sample.pulses) * pulse_j / span_s
    return None


def is_overclaimed(samples: tuple[Sample, ...], pulse_j: float) -> bool:
    """Tell whether the power register has claimed twice what the counter can have counted.

    The whole history says more than its last moment where a pulse is large: as many pulses as
    were counted, and one that was not full yet, are the most that can have flowed.
    """
    if pulse_j > COARSE_J:
        return False
    first, last = samples[0], samples[-1]
    most_j = (last.pulses - first.pulses + 1) * pulse_j
    return most_j < (last.claimed_j - first.claimed_j) / 2


def last_step_w(samples: tuple[Sample, ...], pulse_j: float) -> float:
    """Tell the power of the counter's last step; a single pulse may have been long in coming."""
    if len(samples) < 2 or pulse_j > COARSE_J:
        return 0.0
    before, after = samples[-2:]
    pulses = after.pulses - before.pulses
    return pulses * pulse_j / max(after.at - before.at, FRAME_S) if pulses > 1 else 0.0


def most_power_w(samples: tuple[Sample, ...], pulse_j: float) -> float:
    """Tell at little cost what `least_power_w` cannot be above: its two newest steps bound it."""
    if len(samples) < 3 or pulse_j > COARSE_J:
        return 0.0
    first, second, third = samples[-3:]
    earlier = (second.pulses - first.pulses + 1) / max(second.at - first.at, FRAME_S)
    later = (third.pulses - second.pulses + 1) / max(third.at - second.at, FRAME_S)
    return min(earlier, later) * pulse_j


def least_power_w(samples: tuple[Sample, ...], pulse_j: float) -> float:
    """Tell the power that the counter proves: two or more steps in a row, none of them below it.

    Between two frames one pulse more or less is chance: the sum of the steps must be above with
    one pulse less, and each step with one pulse more. 0 where nothing is proved.
    """
    if pulse_j > COARSE_J:
        return 0.0
    best, weakest = 0.0, float("inf")
    newest = later = samples[-1]
    for steps, sample in enumerate(reversed(samples[:-1][-COUNTED_STEPS:]), start=1):
        span_s = max(later.at - sample.at, FRAME_S)
        weakest = min(weakest, (later.pulses - sample.pulses + 1) * pulse_j / span_s)
        later = sample
        if weakest <= best:
            break
        if steps >= 2:
            pulses, whole_s = newest.pulses - sample.pulses, newest.at - sample.at
            best = max(best, min(weakest, (pulses - 1) * pulse_j / whole_s))
    return best

"""Evidence of an overload: measurements counted, not frames.

The chip repeats a register until it refreshes it, so equal frames are one measurement. The
witnesses are the power register, the current register and the pulse counter; a frame that lies
in all of them at once is still one frame.
"""

from dataclasses import dataclass, replace
from typing import Final

from agent.model import COUNTER_MODULUS, Reading, Register

POWER_STANDS_S: Final = 0.5
CURRENT_STANDS_S: Final = 1.2
"""An updated register that keeps its value for so long has been measured again."""

POWER_REFRESH_S: Final = 0.2
CURRENT_REFRESH_S: Final = 0.75
"""The chip refreshes no faster than this; a register that 'changes' sooner is not refreshed."""

WINDOW_S: Final = 0.3
"""The shortest time over which the counter is a witness, for or against a register."""

LONG_WINDOW_S: Final = 1.0

FRAME_S: Final = 0.1
"""No chip sends frames faster: when a busy machine takes many at once, so much lies between."""

MAX_LEAD_S: Final = 5.0
MAX_SAMPLES: Final = 24
FULL_SCALE_W: Final = 60_000.0
"""More than the chip can measure on any board: such a step of the counter is no measurement."""

_PJ_PER_J: Final = 1e12


@dataclass(frozen=True, slots=True, kw_only=True)
class Track:
    """One register: its content, since when, and how often it was refreshed above a limit."""

    raw: int | None = None
    since: float = float("-inf")
    counted_at: float = float("-inf")
    over_since: float | None = None
    refreshes_over: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """The pulse counter, unwrapped, at one frame; `at` is when the chip sent it, if known."""

    at: float
    pulses: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What the witnesses have said of late."""

    power: Track = Track()
    current: Track = Track()
    samples: tuple[Sample, ...] = ()
    raw_pulses: int = 0
    pulse_j: float = 0.0
    counter_over: int = 0
    counter_over_since: float | None = None
    bucket_s: float = 0.0
    strong_since: float | None = None
    good_voltage_v: float = 230.0
    at: float | None = None


def without_load(evidence: Evidence) -> Evidence:
    """Forget what the registers said of a load: the contact is open, or closes anew."""
    return replace(
        evidence,
        power=Track(),
        current=Track(),
        counter_over=0,
        counter_over_since=None,
        strong_since=None,
    )


def follow_counter(evidence: Evidence, reading: Reading, now: float) -> Evidence:
    """Add the frame's counter; an impossible step begins the history anew."""
    pulse_j = reading.pulse_pj / _PJ_PER_J
    samples = _with_counter(evidence, reading.pulses, pulse_j, now)
    return replace(evidence, raw_pulses=reading.pulses, pulse_j=pulse_j, samples=samples)


def _with_counter(
    evidence: Evidence, pulses: int, pulse_j: float, now: float
) -> tuple[Sample, ...]:
    first = Sample(at=now, pulses=0)
    if not evidence.samples or pulse_j <= 0 or evidence.pulse_j != pulse_j:
        return (first,)
    last = evidence.samples[-1]
    step = (pulses - evidence.raw_pulses) % COUNTER_MODULUS
    if step * pulse_j > FULL_SCALE_W * (max(now - last.at, FRAME_S) + FRAME_S):
        return (first,)
    at = min(max(now, last.at + FRAME_S), now + MAX_LEAD_S)
    sample = Sample(at=at, pulses=last.pulses + step)
    return (*evidence.samples, sample)[-MAX_SAMPLES:]


def counter_power_w(evidence: Evidence, window_s: float) -> float | None:
    """Tell the mean power over the shortest history of at least *window_s*; None if too short."""
    newest = evidence.samples[-1]
    for sample in reversed(evidence.samples):
        span = newest.at - sample.at
        if span >= window_s:
            return (newest.pulses - sample.pulses) * evidence.pulse_j / span
    return None


def last_step_w(evidence: Evidence) -> tuple[float, float]:
    """Tell the power of the counter's last step, and what one pulse more would have made it."""
    if len(evidence.samples) < 2:
        return 0.0, 0.0
    before, after = evidence.samples[-2:]
    pulses, span_s = after.pulses - before.pulses, max(after.at - before.at, FRAME_S)
    return pulses * evidence.pulse_j / span_s, (pulses + 1) * evidence.pulse_j / span_s


def follow_register(
    track: Track, register: Register, *, is_over: bool, pace: tuple[float, float], now: float
) -> Track:
    """Count refreshes of a register above a limit; *pace* = (shortest refresh, stands for)."""
    shortest_s, stands_s = pace
    has_changed = register.raw != track.raw
    since = now if has_changed else track.since
    if not register.is_updated or not is_over:
        return Track(raw=register.raw, since=since, counted_at=now)
    if track.over_since is None:
        return Track(raw=register.raw, since=now, counted_at=now, over_since=now, refreshes_over=1)
    age_s = now - track.counted_at
    is_refreshed = (has_changed and age_s >= shortest_s) or age_s >= stands_s
    return Track(
        raw=register.raw,
        since=since,
        counted_at=now if is_refreshed else track.counted_at,
        over_since=track.over_since,
        refreshes_over=track.refreshes_over + is_refreshed,
    )


def contradicts(evidence: Evidence, power_w: float, since: float) -> bool | None:
    """Tell whether the counter denies that *power_w* flowed since then; None: too early to say."""
    newest = evidence.samples[-1]
    oldest = next((s for s in evidence.samples if s.at >= since), None)
    if oldest is None or newest.at - oldest.at < WINDOW_S:
        return None
    counted = newest.pulses - oldest.pulses
    expected = power_w * (newest.at - oldest.at) / evidence.pulse_j
    return counted + 2 < expected / 2

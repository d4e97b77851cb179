"""Samples for a calibration: measurements, not frames, as `evidence` counts them."""

from dataclasses import dataclass, replace
from typing import Final

from agent.model import Reading, Register
from agent.settings.meters import HLW8032_PACE, Pace

NEEDED: Final = 20
"""So many measurements make a mean."""

MOST_RMS: Final = 20
MOST_POWER: Final = 60
"""The power register refreshes three times as often: both windows are of about 20 s."""

OTHER_LOAD: Final = 0.05
"""A value so far from the mean is of another load: the measurements before it say nothing."""

STALE_S: Final = 3.0
"""A register that was not refreshed for so long says nothing about now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """The newest measurements of one register; `at` is when the last one was counted."""

    stands_s: float
    most: int
    raw: int | None = None
    at: float = float("-inf")
    values: tuple[float, ...] = ()

    @property
    def mean(self) -> float | None:
        """The mean, or None before the first measurement."""
        return sum(self.values) / len(self.values) if self.values else None

    @property
    def spread(self) -> float | None:
        """The largest distance from the mean, as a share of it."""
        mean = self.mean
        if not mean:
            return None
        return max(abs(value - mean) for value in self.values) / mean


@dataclass(frozen=True, slots=True, kw_only=True)
class Sampler:
    """What the three registers have said of late, under one steady load."""

    voltage: Series = Series(stands_s=HLW8032_PACE.rms[1], most=MOST_RMS)
    current: Series = Series(stands_s=HLW8032_PACE.rms[1], most=MOST_RMS)
    power: Series = Series(stands_s=HLW8032_PACE.power[1], most=MOST_POWER)
    at: float | None = None


def sampler_of(pace: Pace) -> Sampler:
    """Make the empty sampler of a meter that refreshes at *pace*."""
    stands_s = pace.rms[1]
    return Sampler(
        voltage=Series(stands_s=stands_s, most=MOST_RMS),
        current=Series(stands_s=stands_s, most=MOST_RMS),
        power=Series(stands_s=pace.power[1], most=MOST_POWER),
    )


def sampled(sampler: Sampler, reading: Reading, now: float) -> Sampler:
    """Add one frame; after a silence everything begins anew."""
    if sampler.at is not None and now - sampler.at > STALE_S:
        sampler = _emptied(sampler)
    return Sampler(
        voltage=_followed(sampler.voltage, reading.voltage, reading.voltage_v, now),
        current=_followed(sampler.current, reading.current, reading.current_a, now),
        power=_followed(sampler.power, reading.power, reading.power_w, now),
        at=now,
    )


def _emptied(sampler: Sampler) -> Sampler:
    """Forget what was measured, and keep how the meter refreshes."""
    return Sampler(
        voltage=_empty(sampler.voltage),
        current=_empty(sampler.current),
        power=_empty(sampler.power),
    )


def _empty(series: Series) -> Series:
    return replace(series, raw=None, at=float("-inf"), values=())


def _followed(series: Series, register: Register, published: float | None, now: float) -> Series:
    """Count the register where it was refreshed and is believed; forget what is stale."""
    if register.value == 0.0 or now - series.at > STALE_S:
        series = _empty(series)
    is_believed = bool(published) and published == register.value
    if not register.is_updated or not is_believed or register.value is None:
        return series
    if register.raw == series.raw and now - series.at < series.stands_s:
        return series
    mean = series.mean or register.value
    is_same = abs(register.value - mean) <= OTHER_LOAD * mean
    values = (*series.values, register.value)[-series.most :] if is_same else (register.value,)
    return replace(series, raw=register.raw, at=now, values=values)

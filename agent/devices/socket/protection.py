"""Protection by current and power: when the evidence is enough to open the relay."""

from dataclasses import dataclass, replace
from typing import Final

from agent.devices.socket.evidence import (
    SILENT,
    Evidence,
    Sample,
    follow_counter,
    follow_register,
    most_power_w,
)
from agent.devices.socket.moment import Age, Moment, moment_of
from agent.devices.socket.witnesses import Band, Witnesses, agree, hear
from agent.model import Reading
from agent.settings.meters import HLW8032_PACE, Pace
from agent.settings.protection import ProtectionSettings

MOST_COOLING_S: Final = 0.5
MOST_FILLING_S: Final = 5.0
"""A gap between frames cools a bucket by no more than the one, and fills it by no more than the
other: what flowed in the gap is not known, and the counter's step across it is."""

MOST_BUCKET_S: Final = 600.0
"""What is hotter cools no slower."""

CLIPPED: Final = 0.98
"""From this share of its full scale on a meter shows no more."""

GOOD_VOLTAGE_V: Final = 80.0

Buckets = tuple[float, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """Open: the cause, what was measured, against which limit, for how long, on what evidence."""

    cause: str
    value: float
    limit: float
    duration_s: float
    evidence: str
    rule: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """The bands of a socket, the slowest first, and the one that opens at once.

    *pace* is that of the meter by which they are judged.
    """

    bands: tuple[Band, ...]
    instant: Band
    rating: Band
    pace: Pace = HLW8032_PACE

    @property
    def lowest(self) -> Band:
        """The band that a load must exceed to be of any interest."""
        return self.bands[0] if self.bands else self.instant

    @property
    def least_a(self) -> float:
        """The current that a load must exceed: the rating itself where it opens at once."""
        return min(self.lowest.current_a, self.rating.current_a)


def curve(
    settings: ProtectionSettings, limit_a: float, full_scale_a: float, pace: Pace = HLW8032_PACE
) -> Curve:
    """Make the bands for a rating that *limit_a*, a person's own limit, may lower.

    What reaches *full_scale_a* is clipped, and so as much as opens at once.
    """
    rated_a, rated_w = min(settings.rated_current_a, limit_a), settings.rated_power_w
    bands = [
        Band(current_a=factor * rated_a, power_w=factor * rated_w, factor=factor, trip_s=trip_s)
        for factor, trip_s in settings.bands
    ]
    bands[-1] = replace(bands[-1], current_a=min(bands[-1].current_a, CLIPPED * full_scale_a))
    rating = Band(current_a=rated_a, power_w=float("inf"))
    return Curve(bands=tuple(bands[:-1]), instant=bands[-1], rating=rating, pace=pace)


def watch(evidence: Evidence, reading: Reading, now: float, pace: Pace = HLW8032_PACE) -> Evidence:
    """Follow the meter while the contact is open: no load is judged, and the buckets cool."""
    samples, pulse_j = follow_counter(evidence, reading, now)
    step_s = _step_s(evidence, samples, now)
    return Evidence(
        current=follow_register(evidence.current, reading.current, pace.rms, now),
        samples=samples,
        raw_pulses=reading.pulses,
        pulse_j=pulse_j,
        buckets=cooled(evidence.buckets, step_s),
        good_voltage_v=evidence.good_voltage_v,
        at=now,
    )


def judge(
    evidence: Evidence,
    reading: Reading,
    settings: ProtectionSettings,
    lines: Curve,
    *,
    age: Age,
    now: float,
) -> tuple[Evidence, Verdict | None]:
    """Follow the meter while the contact is closed, and tell whether it must open.

    The inrush of a load that was added, behind another contact, holds back only what opens at
    once: so no load can hide behind others that come and go.
    """
    heard, step_s = _followed(evidence, reading, lines.pace, now)
    if _is_calm(heard, lines):
        return heard, None
    moment, grown = moment_of(settings, age.closed_s), moment_of(settings, age.grown_s)
    said = hear(heard)
    is_strong = _is_strong(heard, said, lines, grown)
    is_over = is_strong or said.is_heard_over(lines.instant)
    fresh, heard_now = _fresh(heard, said, moment)
    buckets = evidence.buckets
    if moment is not Moment.INRUSH:
        buckets = filled(buckets, heard_now, lines, step_s)
    after = replace(
        heard,
        buckets=buckets,
        over_since=_since(evidence.over_since, now) if is_over else None,
        strong_since=_since(evidence.strong_since, now) if is_strong else None,
    )
    strong_s = 0.0 if after.strong_since is None else now - after.strong_since
    if is_strong and _opens_at_once(_fresh(heard, said, grown), lines, grown, strong_s, settings):
        began = min(now - strong_s, now if after.over_since is None else after.over_since)
        return after, _opened(said, lines.instant, now - began, "at once")
    if moment is Moment.INRUSH:
        return after, None
    return after, _slower_verdict(replace(fresh, buckets=buckets), heard_now, settings, lines)


def _followed(
    evidence: Evidence, reading: Reading, pace: Pace, now: float
) -> tuple[Evidence, float]:
    """Bring every witness up to date, the buckets cooled; tell what time the frame stands for."""
    samples, pulse_j = follow_counter(evidence, reading, now)
    step_s = _step_s(evidence, samples, now)
    heard = Evidence(
        power=follow_register(evidence.power, reading.power, pace.power, now),
        current=follow_register(evidence.current, reading.current, pace.rms, now),
        samples=samples,
        raw_pulses=reading.pulses,
        pulse_j=pulse_j,
        buckets=cooled(evidence.buckets, step_s),
        good_voltage_v=_good_voltage_v(evidence, reading),
        at=now,
    )
    return heard, step_s


def _since(since: float | None, now: float) -> float:
    return now if since is None else since


def _is_strong(evidence: Evidence, said: Witnesses, lines: Curve, moment: Moment) -> bool:
    """Tell whether a load above the last band is proved."""
    return (
        said.is_measured_over(lines.instant)
        or agree(evidence, said, lines.instant)
        or (moment is Moment.STEADY and said.is_current_over(lines.instant, lines.lowest))
    )


def _fresh(heard: Evidence, said: Witnesses, moment: Moment) -> tuple[Evidence, Witnesses]:
    """Leave out a mean over a second where it may still hold the inrush."""
    if moment is not Moment.SETTLING:
        return heard, said
    fresh = replace(heard, current=SILENT)
    return fresh, hear(fresh)


def _opens_at_once(
    fresh: tuple[Evidence, Witnesses],
    lines: Curve,
    moment: Moment,
    strong_s: float,
    settings: ProtectionSettings,
) -> bool:
    """Tell whether what is proved opens now: around the inrush only what lasts, or is fresh."""
    if strong_s >= settings.inrush_trip_s or moment is Moment.STEADY:
        return True
    return moment is Moment.SETTLING and _is_strong(*fresh, lines, moment)


def without_load(evidence: Evidence) -> Evidence:
    """Forget what the witnesses said of a load: the contact closes anew."""
    return Evidence(
        raw_pulses=evidence.raw_pulses,
        pulse_j=evidence.pulse_j,
        buckets=evidence.buckets,
        good_voltage_v=evidence.good_voltage_v,
        at=evidence.at,
    )


# ── following ───────────────────────────────────────────────────────────────────────────────


def cooled(buckets: Buckets, step_s: float) -> Buckets:
    """Cool every bucket by what a frame stands for."""
    if not any(buckets):
        return buckets
    step_s = min(step_s, MOST_COOLING_S)
    return tuple(max(0.0, bucket_s - step_s) for bucket_s in buckets)


def filled(buckets: Buckets, said: Witnesses, lines: Curve, step_s: float) -> Buckets:
    """Fill the buckets of the bands that the load is over; the others cool at the same rate.

    Buckets of another curve, from before a reload, count as full as the fullest of them.
    """
    if len(buckets) != len(lines.bands):
        buckets = (max(buckets, default=0.0),) * len(lines.bands)
    cooling_s = min(step_s, MOST_COOLING_S)
    return tuple(
        min(MOST_BUCKET_S, bucket_s + step_s)
        if said.is_heard_over(band)
        else max(0.0, bucket_s - cooling_s)
        for bucket_s, band in zip(buckets, lines.bands, strict=True)
    )


def _step_s(evidence: Evidence, samples: tuple[Sample, ...], now: float) -> float:
    """Tell what time a frame stands for: as the chip sent it, where many arrive at once."""
    if evidence.at is None:
        return 0.0
    if len(samples) >= 2:
        return min(samples[-1].at - samples[-2].at, MOST_FILLING_S)
    return min(now - evidence.at, MOST_COOLING_S)


def _good_voltage_v(evidence: Evidence, reading: Reading) -> float:
    voltage_v = reading.voltage_v
    if voltage_v is None or voltage_v < GOOD_VOLTAGE_V:
        return evidence.good_voltage_v
    return voltage_v


def _is_calm(evidence: Evidence, lines: Curve) -> bool:
    """Tell at little cost that no witness says anything above the lowest band."""
    samples, pulse_j = evidence.samples, evidence.pulse_j
    power_w = max(evidence.power.value, most_power_w(samples, pulse_j))
    current_a = max(evidence.current.value, power_w / evidence.good_voltage_v)
    return current_a <= lines.least_a and power_w <= lines.lowest.power_w


# ── judging ─────────────────────────────────────────────────────────────────────────────────


def _slower_verdict(
    evidence: Evidence, said: Witnesses, settings: ProtectionSettings, lines: Curve
) -> Verdict | None:
    """Open by the reference socket's rule, after the bands' seconds, or not at all."""
    if settings.profile == "reference" and _is_over_rating(evidence, said, lines.rating):
        return _opened(said, lines.rating, 0.0, "at the first confirmed measurement")
    for band, bucket_s in zip(reversed(lines.bands), reversed(evidence.buckets), strict=True):
        if bucket_s >= band.trip_s and said.is_borne_out_over(band):
            return _opened(said, band, bucket_s, f"for {band.trip_s:g} s")
    return None


def _is_over_rating(evidence: Evidence, said: Witnesses, rating: Band) -> bool:
    return said.is_measured_over(rating) or agree(evidence, said, rating)


def _opened(said: Witnesses, band: Band, duration_s: float, how: str) -> Verdict:
    """Name the cause: overcurrent whenever the current of any witness is over the band."""
    heard = {name: load for name, load in said.named if band.is_exceeded(load)}
    over = heard or {"pulse counter": said.step}
    current_a = max(load.current_a for load in over.values())
    if current_a > band.current_a:
        cause, value, limit = "overcurrent", current_a, band.current_a
    else:
        cause, value = "overpower", max(load.power_w for load in over.values())
        limit = band.power_w
    return Verdict(
        cause=cause,
        value=round(value, 3),
        limit=round(limit, 3),
        duration_s=round(duration_s, 3),
        evidence=" and ".join(over),
        rule=f"above {band.factor:g} x the rating {how}",
    )

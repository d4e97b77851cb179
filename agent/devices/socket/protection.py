"""Protection by current and power: when the evidence is enough to open the relay."""

from dataclasses import dataclass, replace
from typing import Final

from agent.devices.socket.evidence import (
    CURRENT_REFRESH_S,
    CURRENT_STANDS_S,
    FRAME_S,
    LONG_WINDOW_S,
    POWER_REFRESH_S,
    POWER_STANDS_S,
    WINDOW_S,
    Evidence,
    contradicts,
    counter_power_w,
    follow_counter,
    follow_register,
    last_step_w,
    without_load,
)
from agent.model import Reading
from agent.settings.device import ProtectionSettings

STRONG_FACTOR: Final = 2.5
BAND_FACTOR: Final = 1.1
BAND_TRIP_S: Final = 10.0
INRUSH_S: Final = 2.0
INRUSH_TRIP_S: Final = 1.0
MAX_STEP_S: Final = 0.5
"""A gap between frames counts as no more overload than this."""

GOOD_VOLTAGE_V: Final = 80.0
_POWER_PACE: Final = (POWER_REFRESH_S, POWER_STANDS_S)
_CURRENT_PACE: Final = (CURRENT_REFRESH_S, CURRENT_STANDS_S)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """One band: the current and the power above which it counts."""

    current_a: float
    power_w: float

    def is_exceeded(self, load: "Load") -> bool:
        """Tell whether *load* is over the band, by current or by power."""
        return load.current_a > self.current_a or load.power_w > self.power_w


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """What one witness says flows: its current (a power divided by the last good voltage)."""

    current_a: float
    power_w: float


NO_LOAD: Final = Load(current_a=0.0, power_w=0.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Witnesses:
    """What each witness says at one frame; a silent one says `NO_LOAD`."""

    power: Load
    current: Load
    step: Load
    """The counter's last step."""
    step_at_most: Load
    """The same with one pulse more: the counter's resolution."""
    counter: Load
    counter_long: Load


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """Open: the cause, what was measured, against which limit, for how long, on what evidence."""

    cause: str
    value: float
    limit: float
    duration_s: float
    evidence: str

    def details(self) -> dict[str, object]:
        """Say it by name, as a log takes it."""
        return {name: getattr(self, name) for name in self.__slots__}


def limit(settings: ProtectionSettings, factor: float) -> Limit:
    """Make the band at *factor* times the rating."""
    return Limit(
        current_a=settings.rated_current_a * factor, power_w=settings.rated_power_w * factor
    )


def watch(evidence: Evidence, reading: Reading, now: float) -> Evidence:
    """Follow the meter while the contact is open: no load is judged, and the bucket cools."""
    evidence = follow_counter(evidence, reading, now)
    step_s = _step_s(evidence, now)
    bucket_s = max(0.0, evidence.bucket_s - step_s)
    return replace(without_load(evidence), bucket_s=bucket_s, at=now)


def judge(
    evidence: Evidence,
    reading: Reading,
    settings: ProtectionSettings,
    *,
    closed_for_s: float,
    now: float,
) -> tuple[Evidence, Verdict | None]:
    """Follow the meter while the contact is closed, and tell whether it must open."""
    evidence = _with_voltage(follow_counter(evidence, reading, now), reading)
    step_s = _step_s(evidence, now)
    said = _hear(evidence, reading)
    is_inrush = closed_for_s < INRUSH_S
    evidence = _follow(evidence, reading, said, limit(settings, STRONG_FACTOR), now)
    bucket_s = evidence.bucket_s
    step_s = 0.0 if is_inrush else step_s
    filled_s = _filled_s(evidence, said, limit(settings, BAND_FACTOR), step_s)
    evidence = replace(evidence, bucket_s=filled_s, at=now)
    strong_s = 0.0 if evidence.strong_since is None else now - evidence.strong_since
    if evidence.strong_since is not None and (not is_inrush or strong_s >= INRUSH_TRIP_S):
        band = limit(settings, STRONG_FACTOR)
        began = min(_began(evidence, now), evidence.strong_since)
        return evidence, _verdict(evidence, said, band, now - began)
    if evidence.bucket_s >= BAND_TRIP_S and evidence.bucket_s > bucket_s:
        band = limit(settings, BAND_FACTOR)
        return evidence, _verdict(evidence, said, band, evidence.bucket_s)
    return evidence, None


def _step_s(evidence: Evidence, now: float) -> float:
    """Tell what time a frame stands for: as the chip sent it, where many arrive at once."""
    if evidence.at is None:
        return 0.0
    sent = [sample.at for sample in evidence.samples[-2:]]
    return min(sent[1] - sent[0] if len(sent) == 2 else now - evidence.at, MAX_STEP_S)


def _with_voltage(evidence: Evidence, reading: Reading) -> Evidence:
    voltage_v = reading.voltage_v
    if voltage_v is None or voltage_v < GOOD_VOLTAGE_V or voltage_v == evidence.good_voltage_v:
        return evidence
    return replace(evidence, good_voltage_v=voltage_v)


def _hear(evidence: Evidence, reading: Reading) -> Witnesses:
    volts = evidence.good_voltage_v

    def of_power(power_w: float | None) -> Load:
        power_w = power_w or 0.0
        return Load(current_a=power_w / volts, power_w=power_w)

    power, current = reading.power, reading.current
    step_w, step_at_most_w = last_step_w(evidence)
    current_a = current.value if current.is_updated else None
    return Witnesses(
        power=of_power(power.value if power.is_updated else None),
        current=Load(current_a=current_a or 0.0, power_w=0.0),
        step=of_power(step_w),
        step_at_most=of_power(step_at_most_w),
        counter=of_power(counter_power_w(evidence, WINDOW_S)),
        counter_long=of_power(counter_power_w(evidence, LONG_WINDOW_S)),
    )


def _follow(
    evidence: Evidence, reading: Reading, said: Witnesses, band: Limit, now: float
) -> Evidence:
    """Bring every witness of the strongest band up to date."""
    power = follow_register(
        evidence.power,
        reading.power,
        is_over=band.is_exceeded(said.power),
        pace=_POWER_PACE,
        now=now,
    )
    current = follow_register(
        evidence.current,
        reading.current,
        is_over=band.is_exceeded(said.current),
        pace=_CURRENT_PACE,
        now=now,
    )
    evidence = replace(evidence, power=power, current=current)
    evidence = _follow_counter_over(evidence, said, band, now)
    is_strong = _is_strong(evidence, said, now)
    if is_strong == (evidence.strong_since is not None):
        return evidence
    return replace(evidence, strong_since=now if is_strong else None)


def _follow_counter_over(evidence: Evidence, said: Witnesses, band: Limit, now: float) -> Evidence:
    """Count the counter's steps over the band in a row; one that one pulse decides counts not."""
    if band.is_exceeded(said.step):
        since = now if evidence.counter_over_since is None else evidence.counter_over_since
        return replace(evidence, counter_over=evidence.counter_over + 1, counter_over_since=since)
    if band.is_exceeded(said.step_at_most) or not evidence.counter_over:
        return evidence
    return replace(evidence, counter_over=0, counter_over_since=None)


def _is_strong(evidence: Evidence, said: Witnesses, now: float) -> bool:
    """Two witnesses agree, or one has been refreshed twice and is not contradicted.

    Witnesses that began to speak in this very frame are one: a frame may lie in all of them.
    """
    power, current = evidence.power, evidence.current
    is_denied: bool | None = None
    if power.over_since is not None:
        is_denied = contradicts(evidence, said.power.power_w, power.over_since)
    speaks = [current.over_since] if is_denied else [power.over_since, current.over_since]
    has_spoken = any(since is not None and since < now for since in speaks)
    if evidence.counter_over >= 2 or (evidence.counter_over == 1 and has_spoken):
        return True
    if power.refreshes_over >= 2 and is_denied is False:
        return True
    return current.refreshes_over >= 2


def _filled_s(evidence: Evidence, said: Witnesses, band: Limit, step_s: float) -> float:
    """Fill the bucket while the load is over *band*; it cools at the same rate."""
    is_over = (
        (_trusts_power(evidence, said) and band.is_exceeded(said.power))
        or band.is_exceeded(said.current)
        or band.is_exceeded(said.counter_long)
    )
    return max(0.0, evidence.bucket_s + (step_s if is_over else -step_s))


def _trusts_power(evidence: Evidence, said: Witnesses) -> bool:
    """Tell whether the counter bears the power register out, within its own steps."""
    return said.power.power_w <= 2 * said.counter.power_w + 4 * evidence.pulse_j / WINDOW_S


def _began(evidence: Evidence, now: float) -> float:
    times = [evidence.power.over_since, evidence.current.over_since]
    if evidence.counter_over_since is not None:
        times.append(evidence.counter_over_since - FRAME_S)
    return min((at for at in times if at is not None), default=now)


def _names(evidence: Evidence) -> str:
    names = {
        "power register": evidence.power.over_since,
        "current register": evidence.current.over_since,
        "pulse counter": evidence.counter_over_since,
    }
    spoken = [name for name, since in names.items() if since is not None]
    return " and ".join(spoken) or "accumulated time over the limit"


def _verdict(evidence: Evidence, said: Witnesses, band: Limit, duration_s: float) -> Verdict:
    """Name the cause: overcurrent whenever any trusted witness' current is over the band."""
    power = said.power if _trusts_power(evidence, said) else NO_LOAD
    step = said.step if evidence.counter_over else NO_LOAD
    loads = (power, said.current, step, said.counter, said.counter_long)
    current_a = max(load.current_a for load in loads)
    if current_a > band.current_a:
        cause, value, bound = "overcurrent", current_a, band.current_a
    else:
        cause, value, bound = "overpower", max(load.power_w for load in loads), band.power_w
    return Verdict(
        cause=cause,
        value=round(value, 3),
        limit=round(bound, 3),
        duration_s=round(duration_s, 3),
        evidence=_names(evidence),
    )

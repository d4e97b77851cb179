"""When values are reported: minimum and maximum interval, and reportable change."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Final, TypeVar

from agent.messages import PropertyReport
from agent.model import Snapshot, Stamp, Value, Values
from agent.settings.change import Change
from agent.thing import Thing

S = TypeVar("S")

ROUNDING: Final = 1e-9
RETOLD_S: Final = 2.0
"""What has not changed is told again so often at most, however often it is asked for."""

NO_VALUES: Mapping[str, Value] = MappingProxyType({})
NO_VERSIONS: Mapping[str, object] = MappingProxyType({})
NO_COMPANY: Mapping[str, tuple[str, ...]] = MappingProxyType({})
NO_TIMES: Mapping[str, float] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """How often at most, how often at least, and what change counts, by property."""

    min_interval_s: float
    max_interval_s: float
    changes: Mapping[str, Change]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """What could be reported now: the snapshot, and what stands for a value's change.

    `versions` holds the rows whose change is told by something other than their value (a
    countdown is told when it is set, not each second). `beside`: what is told together with it.
    """

    snapshot: Snapshot
    versions: Mapping[str, object] = field(default_factory=lambda: NO_VERSIONS)
    beside: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: NO_COMPANY)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reported:
    """What was reported last, and when. `owed`: what is told again though it may not differ."""

    values: Values = field(default_factory=lambda: NO_VALUES)
    versions: Mapping[str, object] = field(default_factory=lambda: NO_VERSIONS)
    at: Mapping[str, float] = field(default_factory=lambda: NO_TIMES)
    measured_at: float = float("-inf")
    owed: frozenset[str] = frozenset()
    retold_at: float = float("-inf")


def sight_of(thing: Thing[S], state: S, now: float) -> Sight:
    """Look at what *thing* says of *state*."""
    snapshot, versions = thing.snapshot(state, now), thing.versions(state)
    return Sight(snapshot=snapshot, versions=versions, beside=thing.beside)


def due(last: Reported, sight: Sight, policy: Policy, now: float) -> Values:
    """Tell what to report now: nothing, or every value that differs or is due by its age."""
    if not any(_is_due(name, last, sight, policy, now) for name in sight.snapshot):
        return NO_VALUES
    names = [
        name
        for name, value in sight.snapshot.items()
        if value is not None
        and (
            name in last.owed
            or _differs(name, last, sight)
            or now >= last.at[name] + policy.max_interval_s
        )
    ]
    company = {other for name in names for other in sight.beside.get(name, ())}
    return {
        name: value
        for name, value in sight.snapshot.items()
        if value is not None and (name in names or name in company)
    }


def forgotten(last: Reported, names: Collection[str]) -> Reported:
    """Have *names* told again: somebody believes of them what may not be so."""
    return replace(last, owed=last.owed | (last.at.keys() & set(names)))


def is_change(last: Reported, values: Values, sight: Sight) -> bool:
    """Tell whether *values* tell of more than measured values, and of what was not told before.

    A switch that is only told once more, by its age, is as good as telemetry.
    """
    return any(
        (name in last.owed or _differs(name, last, sight)) and not _is_measured(name, value, sight)
        for name, value in values.items()
    )


def retold(last: Reported, values: Values, sight: Sight) -> frozenset[str]:
    """Name what is not measured of *values*, where all of that is only told once more."""
    if is_change(last, values, sight):
        return frozenset()
    return frozenset(name for name, value in values.items() if not _is_measured(name, value, sight))


def report_of(last: Reported, values: Values, sight: Sight, now: Stamp) -> PropertyReport:
    """Report *values* as they are at this moment, after what was reported last."""
    return PropertyReport(
        values=values,
        wall_time=now.wall_time,
        at=now.at,
        trust=now.trust,
        is_change=is_change(last, values, sight),
        retold=retold(last, values, sight),
        unknown=frozenset(name for name, value in sight.snapshot.items() if value is None),
    )


def full_report(sight: Sight, now: Stamp) -> PropertyReport | None:
    """Report everything that is known; None where nothing is."""
    values = {name: value for name, value in sight.snapshot.items() if value is not None}
    return report_of(Reported(), values, sight, now) if values else None


def reported(last: Reported, values: Values, sight: Sight, now: float) -> Reported:
    """Note that *values* were reported."""
    measures = any(_is_measured(name, value, sight) for name, value in values.items())
    return Reported(
        values={**last.values, **values},
        versions={**last.versions, **{k: v for k, v in sight.versions.items() if k in values}},
        at={**last.at, **dict.fromkeys(values, now)},
        measured_at=now if measures else last.measured_at,
        owed=last.owed - values.keys(),
        retold_at=last.retold_at if last.owed.isdisjoint(values) else now,
    )


def next_due(last: Reported, sight: Sight, policy: Policy, now: float) -> float | None:
    """Tell when something becomes due by time alone."""
    known = [name for name, value in sight.snapshot.items() if value is not None]
    times = [last.at[name] + policy.max_interval_s for name in known if name in last.at]
    held_until = last.measured_at + policy.min_interval_s
    if held_until > now and any(_has_changed(name, last, sight, policy) for name in known):
        times.append(held_until)
    if not last.owed.isdisjoint(known):
        times.append(last.retold_at + RETOLD_S)
    return min(times, default=None)


def _is_due(name: str, last: Reported, sight: Sight, policy: Policy, now: float) -> bool:
    value = sight.snapshot[name]
    if value is None:
        return False
    told_at = last.at.get(name)
    if told_at is not None and now >= told_at + policy.max_interval_s:
        return True
    if name in last.owed and now >= last.retold_at + RETOLD_S:
        return True
    if not _has_changed(name, last, sight, policy):
        return False
    if not _is_measured(name, value, sight):
        return True
    return now >= last.measured_at + policy.min_interval_s


def _is_measured(name: str, value: Value, sight: Sight) -> bool:
    """Tell whether a value waits for the interval: a number does, a switch or text does not."""
    return (
        isinstance(value, int | float)
        and not isinstance(value, bool | str)
        and (name not in sight.versions)
    )


def _differs(name: str, last: Reported, sight: Sight) -> bool:
    if name not in last.values:
        return True
    if name in sight.versions:
        return sight.versions[name] != last.versions.get(name)
    return sight.snapshot[name] != last.values[name]


def _has_changed(name: str, last: Reported, sight: Sight, policy: Policy) -> bool:
    """Tell whether the value differs by at least its reportable change."""
    if not _differs(name, last, sight):
        return False
    value, before = sight.snapshot[name], last.values.get(name)
    if before is None or isinstance(value, str) or isinstance(before, str) or value is None:
        return True
    if not _is_measured(name, value, sight):
        return True
    change = policy.changes.get(name)
    return change is None or _is_reached(change, float(before), float(value))


def _is_reached(change: Change, before: float, value: float) -> bool:
    if change.absolute is None and change.relative is None:
        return True
    difference = abs(value - before) + ROUNDING
    if change.absolute is not None and difference >= change.absolute:
        return True
    return change.relative is not None and difference >= change.relative * abs(before)

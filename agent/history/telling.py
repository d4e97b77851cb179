"""A period as JSON holds it: names that programs rely on, and energy in its unit."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import assert_never

from agent.history.assembling import Period
from agent.history.stats import Numbers, Stat, Stats, Switched, Used
from agent.model import Value


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """A quantity's unit; a count of *per_unit* is one of it."""

    text: str = ""
    per_unit: int = 1


def told(period: Period, names: Collection[str], units: Mapping[str, Unit]) -> dict[str, object]:
    """Tell what is known of *names*; one of which nothing is known is absent."""
    values: dict[str, object] = {}
    for name in names:
        stat = period.stats.get(name)
        if stat is not None and _is_known(stat):
            values[name] = _told(stat, units.get(name, Unit()))
    return {
        "start": period.start,
        "end": period.end,
        "is_over": period.is_over,
        "values": values,
    }


def values_of(stats: Stats) -> dict[str, Value]:
    """Give one value each: the mean of a number, where a switch ended."""
    found: dict[str, Value] = {}
    for name, stat in stats.items():
        match stat:
            case Numbers():
                found[name] = stat.mean
            case Switched():
                found[name] = stat.last
            case Used():
                pass
            case _:
                assert_never(stat)
    return found


def _is_known(stat: Stat) -> bool:
    """Tell nothing of a time in which the meter was silent, and in which nothing was counted."""
    return stat.known_s > 0 or (isinstance(stat, Used) and stat.count > 0)


def _told(stat: Stat, unit: Unit) -> dict[str, object]:
    known_s = round(stat.known_s, 1)
    match stat:
        case Numbers():
            means = {"mean": stat.mean, "min": stat.minimum, "max": stat.maximum}
            return {**{key: _short(each) for key, each in means.items()}, "known_s": known_s}
        case Switched():
            return {"on_s": round(stat.on_s, 1), "last": stat.last, "known_s": known_s}
        case Used():
            return {"used": stat.count / unit.per_unit, "known_s": known_s}
        case _:
            assert_never(stat)


def _short(value: float) -> float:
    return float(f"{value:.6g}")

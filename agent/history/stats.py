"""What is kept of one quantity over a time, and how two times become one."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from math import isfinite


@dataclass(frozen=True, slots=True, kw_only=True)
class Numbers:
    """A number: its mean over the seconds in which it was known, and its extremes."""

    known_s: float
    mean: float
    minimum: float
    maximum: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Switched:
    """A switch: how long it was on of the seconds in which it was known, and where it ended."""

    known_s: float
    on_s: float
    last: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Used:
    """What was used, as a whole count; `end` is where the count stood at the end."""

    known_s: float
    count: int
    end: int


Stat = Numbers | Switched | Used
Stats = Mapping[str, Stat]
"""By the name of the quantity; one of which nothing is known is absent."""


def held(known: Stat | None, value: object, seconds: float) -> Stat | None:
    """Tell what is known after *value* has held for *seconds*; None for a value that is none."""
    if isinstance(value, bool):
        on_s = seconds if value else 0.0
        return _joined(known, Switched(known_s=seconds, on_s=on_s, last=value))
    if isinstance(value, int | float) and isfinite(value):
        number = float(value)
        return _joined(known, Numbers(known_s=seconds, mean=number, minimum=number, maximum=number))
    return known


def merged(older: Stats, newer: Stats) -> dict[str, Stat]:
    """Make one time of two."""
    together = dict(older)
    for name, stat in newer.items():
        together[name] = _joined(older.get(name), stat)
    return together


def used_only(stats: Stats) -> dict[str, Stat]:
    """Leave what must not be lost."""
    return {name: stat for name, stat in stats.items() if isinstance(stat, Used)}


def ends(stats: Stats) -> dict[str, int]:
    """Tell where each count stood at the end."""
    return {name: stat.end for name, stat in stats.items() if isinstance(stat, Used)}


def _joined(older: Stat | None, newer: Stat) -> Stat:
    """Join two of a kind; where a quantity has become one of another kind the newer counts."""
    if isinstance(older, Numbers) and isinstance(newer, Numbers):
        return _numbers(older, newer)
    if isinstance(older, Switched) and isinstance(newer, Switched):
        known_s, on_s = older.known_s + newer.known_s, older.on_s + newer.on_s
        return replace(newer, known_s=known_s, on_s=on_s)
    if isinstance(older, Used) and isinstance(newer, Used):
        known_s, count = older.known_s + newer.known_s, older.count + newer.count
        return Used(known_s=known_s, count=count, end=max(older.end, newer.end))
    return newer


def _numbers(older: Numbers, newer: Numbers) -> Numbers:
    known_s = older.known_s + newer.known_s
    share = newer.known_s / known_s if known_s else 1.0
    minimum = min(older.minimum, newer.minimum)
    maximum = max(older.maximum, newer.maximum)
    mean = older.mean + (newer.mean - older.mean) * share
    return Numbers(
        known_s=known_s,
        mean=min(maximum, max(minimum, mean)),
        minimum=minimum,
        maximum=maximum,
    )

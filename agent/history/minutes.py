"""Samples become minutes: a value holds until the next sample, and not for long without one."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final, TypeVar

from agent.history.periods import MINUTE_S
from agent.history.stats import Stat, Stats, Used, held, merged
from agent.model import Stamp, Trust, Value
from agent.thing import Thing
from agent.timeline import STEP_S

S = TypeVar("S")

HOLD_S: Final = 5.0
"""Without another sample for longer, nothing is known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """A count at one moment: where it stands, and where it stood when the day began."""

    count: int
    day_began: int
    is_known: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """What a device is at one moment; a value is None where it is not known."""

    stamp: Stamp
    values: Mapping[str, Value | None]
    counts: Mapping[str, Count]


@dataclass(frozen=True, slots=True, kw_only=True)
class Minute:
    """A minute, stamped with its beginning.

    That is a whole minute of the wall clock where it is known, else of the seconds since boot.
    """

    stamp: Stamp
    stats: Stats


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathering:
    """The minute that goes on, and the last sample of it."""

    minute: Minute
    last: Sample


def restamped(stamp: Stamp, offset: float, trust: Trust) -> Stamp:
    """Stamp a moment of the same boot by what is known now; what is close stays where it is."""
    if stamp.trust > trust:
        return stamp
    wall_time = stamp.wall_time
    if wall_time is None or abs(wall_time - stamp.at - offset) > STEP_S:
        wall_time = stamp.at + offset
    return Stamp(at=stamp.at, wall_time=wall_time, trust=trust)


def sampled(thing: Thing[S], state: S, now: float, stamp: Stamp) -> Sample:
    """Read what goes into the history."""
    rows = [row for row in (*thing.properties, *thing.measures) if row.in_history]
    counts = {
        row.exact.name: Count(
            count=row.exact.read(state),
            day_began=row.exact.day_began(state),
            is_known=row.exact.is_known(state),
        )
        for row in rows
        if row.exact is not None
    }
    values = {row.field.name: row.read(state, now) for row in rows if row.exact is None}
    return Sample(stamp=stamp, values=values, counts=counts)


def safe(thing: Thing[S], state: S) -> dict[str, int]:
    """Tell of each count how much of it a power cut cannot take back."""
    exact = (row.exact for row in thing.properties if row.exact is not None)
    return {each.name: each.safe(state) for each in exact}


def gathered(
    known: Gathering | None, sample: Sample, ends: Mapping[str, int]
) -> tuple[Gathering, Minute | None]:
    """Take a sample; give the minute that is over by it.

    *ends* is where the counts stood that an earlier process has written down last: what was
    counted since belongs to the first minute. A count that has fallen begins anew.
    """
    if known is None:
        used = {
            name: _used(ends.get(name, each.count), each.count)
            for name, each in sample.counts.items()
        }
        minute = Minute(stamp=_beginning(sample.stamp), stats=used)
        return Gathering(minute=minute, last=sample), None
    seconds = min(HOLD_S, max(0.0, sample.stamp.at - known.last.stamp.at))
    if not _is_same(known.minute.stamp, sample.stamp):
        return _turned(known, sample, seconds)
    used = {
        name: _used(_before(known.last, name, each), each.count)
        for name, each in sample.counts.items()
    }
    stats = merged(_held(known.minute.stats, known.last, seconds), used)
    return Gathering(minute=replace(known.minute, stats=stats), last=sample), None


def _turned(known: Gathering, sample: Sample, seconds: float) -> tuple[Gathering, Minute]:
    """Share what lies between two samples out over the minute that is over and the next."""
    cuts = {name: _cut(known.last, name, each) for name, each in sample.counts.items()}
    left_s = known.minute.stamp.at + MINUTE_S - known.last.stamp.at
    before_s = min(seconds, max(0.0, left_s))
    stats = _held(known.minute.stats, known.last, before_s)
    used = {name: _used(*cut) for name, cut in cuts.items()}
    over = replace(known.minute, stats=merged(stats, used))
    beginning = _beginning(sample.stamp)
    after_s = min(seconds - before_s, max(0.0, sample.stamp.at - beginning.at))
    counts = sample.counts.items()
    used = {name: _used(cuts[name][1], each.count) for name, each in counts}
    begun = merged(_held({}, known.last, after_s), used)
    return Gathering(minute=Minute(stamp=beginning, stats=begun), last=sample), over


def _cut(last: Sample, name: str, count: Count) -> tuple[int, int]:
    """Tell where a count stood at the last sample, and when the minute was over.

    Where a day of the books began in between it is cut there, so that both agree to the last
    pulse; else what was counted belongs to the minute in which it was seen.
    """
    before, known = _before(last, name, count), last.counts.get(name)
    is_new_day = known is not None and count.day_began != known.day_began
    if is_new_day and before <= count.day_began <= count.count:
        return before, count.day_began
    return before, min(before, count.count)


def _before(last: Sample, name: str, count: Count) -> int:
    known = last.counts.get(name)
    return count.count if known is None else known.count


def _used(before: int, count: int) -> Used:
    return Used(known_s=0.0, count=max(0, count - before), end=count)


def _held(stats: Stats, last: Sample, seconds: float) -> dict[str, Stat]:
    """Let everything that *last* knew hold for *seconds*."""
    found = dict(stats)
    if seconds <= 0:
        return found
    for name, value in last.values.items():
        stat = held(found.get(name), value, seconds)
        if stat is not None:
            found[name] = stat
    for name, count in last.counts.items():
        known = found.get(name)
        if count.is_known:
            before = known if isinstance(known, Used) else Used(known_s=0.0, count=0, end=0)
            found[name] = replace(before, known_s=before.known_s + seconds)
    return found


def _beginning(stamp: Stamp) -> Stamp:
    """Tell when the minute began that *stamp* is in."""
    shown = stamp.at if stamp.wall_time is None else stamp.wall_time
    into_s = shown % MINUTE_S
    wall_time = None if stamp.wall_time is None else stamp.wall_time - into_s
    return Stamp(at=stamp.at - into_s, wall_time=wall_time, trust=stamp.trust)


def _is_same(minute: Stamp, now: Stamp) -> bool:
    """Tell whether *now* is in the minute still: not when the clock was set in between."""
    if (minute.wall_time is None) != (now.wall_time is None):
        return False
    if minute.wall_time is None or now.wall_time is None:
        return now.at - minute.at < MINUTE_S
    moved_s = (now.wall_time - now.at) - (minute.wall_time - minute.at)
    return abs(moved_s) <= STEP_S and now.wall_time // MINUTE_S == minute.wall_time // MINUTE_S

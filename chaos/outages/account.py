"""Whether everything that an outage kept has come, in order, as it was, and once."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from agent.clouds.limits import LIMITS
from agent.messages import EventReport
from agent.outbox import PAST_S, Lane, Row
from chaos.heard import stamp_of
from chaos.outages.day import ANSWER_S, Day

REPORTS: Final = (Lane.CHANGES, Lane.TELEMETRY)


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """A day's books: what was kept, what the platform heard of it, and what is wrong."""

    events: int
    kept: int
    heard: int
    faults: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """Where in the order reports of one stamp are, and how many they are or stand for."""

    stamp: int
    rows: int
    stands_for: int


def account(day: Day, rows: Sequence[Row], newest: Mapping[int, Row]) -> Account:
    """Compare what the outbox was given with what the platform heard."""
    kept = [row for row in rows if _is_within(day, row)]
    first, last = _bounds(day)
    told = [
        each.stamp
        for each in day.told
        if not each.event and each.stamp is not None and first < each.stamp <= last
    ]
    places = list(_places(day, kept, newest))
    found, in_order = _found(told, places)
    events = [row for row in rows if row.lane is Lane.EVENTS]
    faults = [*_events(day, events), *_sums(day, len(kept), found), *_limits(day)]
    if in_order < len(told):
        stray = told[in_order]
        faults.append(f"a report of {stray} came out of order, twice, or with a false stamp")
    return Account(events=len(events), kept=len(kept), heard=len(told), faults=faults)


def _places(day: Day, rows: Iterable[Row], newest: Mapping[int, Row]) -> Iterator[_Place]:
    for stamp, same in groupby(rows, key=lambda row: stamp_of(day.cloud, _moment(row))):
        found = [newest.get(row.number, row).stands_for for row in same]
        yield _Place(stamp=stamp, rows=len(found), stands_for=sum(found))


def _found(told: Sequence[int], places: Sequence[_Place]) -> tuple[Sequence[_Place], int]:
    """Find each stamp behind the one before it; tell how many of them are there before a stray.

    Reports of one stamp may come in one message, or in several.
    """
    rest, found, left = iter(places), list[_Place](), 0
    for index, stamp in enumerate(told):
        if left and found[-1].stamp == stamp:
            left -= 1
            continue
        place = next((each for each in rest if each.stamp == stamp), None)
        if place is None:
            return found, index
        found.append(place)
        left = place.rows - 1
    return found, len(told)


def _moment(row: Row) -> float:
    moment = getattr(row.message, "wall_time", None)
    assert isinstance(moment, float), "the time is known all day"
    return moment


def _is_within(day: Day, row: Row) -> bool:
    """Leave out what was young at the next connect: that is told before the past."""
    first, last = _bounds(day)
    return row.lane in REPORTS and first < stamp_of(day.cloud, _moment(row)) <= last


def _bounds(day: Day) -> tuple[int, int]:
    return (stamp_of(day.cloud, day.down_at), stamp_of(day.cloud, day.up_at - PAST_S - 1))


def _events(day: Day, rows: Sequence[Row]) -> Iterator[str]:
    """Every event comes once, in order, with its stamp, or without where it is too old for one."""
    limits = LIMITS[day.cloud]
    heard = [each for each in day.told if each.event]
    if len(heard) != len(rows):
        yield f"{len(heard)} events were heard of {len(rows)}"
    for row, each in zip(rows, heard, strict=False):
        message = row.message
        assert isinstance(message, EventReport), "the lane of events"
        is_sag = message.name == "low_voltage"
        if is_sag != (each.event == "lowvoltage"):
            yield f"{message.name} was told as {each.event}"
        moment = _moment(row)
        if each.stamp is None:
            if limits.takes_stamp(moment, each.at):
                yield f"{message.name} came without its stamp"
        elif each.stamp != stamp_of(day.cloud, moment):
            yield f"{message.name} came with another stamp"


def _sums(day: Day, kept: int, found: Sequence[_Place]) -> Iterator[str]:
    """Every report is heard, or counted among those that are not."""
    counters, before = day.counters, day.before
    thinned, lost = counters.thinned - before.thinned, counters.lost - before.lost
    local = counters.local - before.local
    others = counters.refused + counters.unconfirmed - before.refused - before.unconfirmed
    if others:
        yield f"{others} refused or unconfirmed"
    rows = sum(place.rows for place in found)
    stand = sum(place.stands_for for place in found)
    # Of several reports of one moment it is not known which of them came.
    several = [place for place in found if place.rows > 1]
    fewest = rows - sum(place.rows - 1 for place in several)
    least = stand - sum(place.stands_for - 1 for place in several)
    if not local and not least <= kept - lost <= stand:
        yield f"of {kept} reports {stand} are told and {lost} lost"
    if not lost and not fewest <= kept - thinned - local <= rows:
        yield f"of {kept} reports {rows} came, {thinned} are thinned and {local} local"


def _limits(day: Day) -> Iterator[str]:
    per_s = LIMITS[day.cloud].messages_per_s
    if day.most_in_a_second() > per_s:
        yield f"{day.most_in_a_second()} messages within a second, allowed are {per_s:g}"
    if day.unanswered:
        yield f"{day.unanswered} commands were not answered"
    slowest = max(day.answers_s)
    if slowest > ANSWER_S:
        yield f"a command was answered after {slowest:.1f} s"
    if day.sessions > 1:
        yield f"{day.sessions} sessions to drain"

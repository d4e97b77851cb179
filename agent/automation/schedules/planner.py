"""When a schedule runs next, and when it ran last: pure, and every search ends."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from hashlib import sha256
from itertools import islice
from math import floor
from typing import Final, assert_never

from cronsim import CronSim

from agent.automation.local_time import zone as zone_of
from agent.automation.schedules.cycles import next_of_cycle
from agent.automation.schedules.schedule import (
    ByCron,
    BySun,
    Cycle,
    Days,
    Once,
    Place,
    Run,
    Schedule,
    Weekly,
)
from agent.automation.schedules.sun import sun_at
from agent.automation.schedules.wall import local_day, unix_of

END: Final = 7_258_118_400
"""The year 2200: a clock beyond it is wrong."""

WEEK_DAYS: Final = range(-2, 9)
SUN_DAYS: Final = range(-2, 200)
"""So far the sun is looked for: a night at the pole is shorter."""

MOST_CRONS: Final = 200
"""A clock that goes back by hours gives so many local times twice at most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Where:
    """What a run depends on beside its schedule; `salt` is the schedule's own."""

    zone: str
    place: Place | None = None
    salt: str = ""


def next_run(
    schedule: Schedule, after_wall: float, zone: str, place: Place | None, salt: str
) -> float | None:
    """Tell the Unix seconds of the first run later than *after_wall*; None: there is none."""
    where = Where(zone=zone, place=place, salt=salt)
    found = next_of(schedule, floor(after_wall), where)
    return None if found is None else float(found.at)


def next_of(schedule: Schedule, after: int, where: Where) -> Run | None:
    """Find the first run later than *after*."""
    if not 0 <= after < END:
        return None
    if isinstance(schedule.when, Cycle):
        return next_of_cycle(schedule.when, after, zone_of(where.zone))
    at = _shifted(schedule, schedule.when, after, where)
    assert schedule.doing is not None, "only a cycle has no action of its own"
    return None if at is None else Run(at=at, doing=schedule.doing)


def last_of(schedule: Schedule, after: int, until: int, where: Where) -> Run | None:
    """Find the last run later than *after* and not later than *until*, in few steps."""
    found = next_of(schedule, after, where)
    if found is None or found.at > until:
        return None
    nothing_after = until
    while found.at < nothing_after:
        middle = (found.at + nothing_after) // 2
        later = next_of(schedule, middle, where)
        if later is not None and later.at <= until:
            found = later
        else:
            nothing_after = middle
    return found


Planned = Weekly | Once | BySun | ByCron


def _shifted(schedule: Schedule, when: Planned, after: int, where: Where) -> int | None:
    """Find the first moved run: a later one may be moved before an earlier one."""
    spread, best = schedule.random_s, None
    planned = _planned(when, max(0, after - spread), where)
    while planned is not None and (best is None or planned - spread < best):
        at = planned + _shift(spread, planned, where.salt)
        if at > after and (best is None or at < best):
            best = at
        planned = _planned(when, planned, where)
    return best


def _shift(spread: int, planned: int, salt: str) -> int:
    if not spread:
        return 0
    drawn = sha256(f"{salt}|{planned}".encode()).digest()
    return int.from_bytes(drawn[:8]) % (2 * spread + 1) - spread


def _planned(when: Planned, after: int, where: Where) -> int | None:
    zone = zone_of(where.zone)
    match when:
        case Weekly():
            return _weekly(when, after, zone)
        case Once(day=day, minute=minute):
            at = unix_of(day, minute, zone)
            return at if at > after else None
        case BySun():
            return None if where.place is None else _by_sun(when, after, zone, where.place)
        case ByCron(fields=fields):
            return _by_cron(fields, after, zone)
        case _:
            assert_never(when)


def _weekly(when: Weekly, after: int, zone: tzinfo) -> int | None:
    found = (unix_of(day, when.minute, zone) for day in _days(WEEK_DAYS, when.days, after, zone))
    return next((at for at in found if at > after), None)


def _by_sun(when: BySun, after: int, zone: tzinfo, place: Place) -> int | None:
    for day in _days(SUN_DAYS, when.days, after, zone):
        at = sun_at(when.event, day, zone, place)
        if at is not None and at + when.offset_s > after:
            return at + when.offset_s
    return None


def _days(ahead: range, days: Days, after: int, zone: tzinfo) -> Iterator[date]:
    """List the days from about *after* on that are among *days* of the week."""
    today = local_day(after, zone)
    every = (today + timedelta(days=each) for each in ahead)
    return (day for day in every if day.weekday() in days)


def _by_cron(fields: str, after: int, zone: tzinfo) -> int | None:
    """Ask the library on from *after*; the second of two equal local times gives the first."""
    runs = islice(CronSim(fields, datetime.fromtimestamp(after, zone)), MOST_CRONS)
    return next((at for run in runs if (at := floor(run.timestamp())) > after), None)

"""A cycle: on and off in turn, in real durations from the beginning of its window."""

from datetime import date, timedelta, tzinfo

from agent.automation.doing import Switch
from agent.automation.schedules.schedule import Cycle, Run
from agent.automation.schedules.wall import local_day, unix_of

LOOK_DAYS = range(-2, 9)


def next_of_cycle(cycle: Cycle, after: int, zone: tzinfo) -> Run | None:
    """Find the first switching later than *after*; the window ends with off."""
    today = local_day(after, zone)
    days = (today + timedelta(days=ahead) for ahead in LOOK_DAYS)
    found = (_in_window(cycle, day, after, zone) for day in days if day.weekday() in cycle.days)
    return next((run for run in found if run is not None), None)


def _in_window(cycle: Cycle, day: date, after: int, zone: tzinfo) -> Run | None:
    next_day = day + timedelta(days=1)
    start = unix_of(day, cycle.start, zone)
    end = unix_of(day if cycle.start < cycle.end else next_day, cycle.end, zone)
    if end <= start or after >= end:
        return None
    if after < start:
        return Run(at=start, doing=Switch(on=True))
    period = cycle.on_s + cycle.off_s
    began = start + (after - start) // period * period
    is_on = after < began + cycle.on_s
    at = began + (cycle.on_s if is_on else period)
    if at < end:
        return Run(at=at, doing=Switch(on=not is_on))
    goes_on = cycle.start == cycle.end and next_day.weekday() in cycle.days
    return None if goes_on else Run(at=end, doing=Switch(on=False))

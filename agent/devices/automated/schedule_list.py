"""The schedules of a device as they are told: the next one, all of them, and a preview."""

from collections.abc import Mapping
from datetime import datetime
from math import floor
from typing import Final

from agent.automation.doing import write_doing
from agent.automation.local_time import LocalTime
from agent.automation.local_time import zone as zone_of
from agent.automation.schedules.plan import Entry, Mark
from agent.automation.schedules.planned import Planned, standing
from agent.automation.schedules.planner import Where, next_of
from agent.automation.schedules.reading import parse_schedule
from agent.automation.schedules.schedule import Once, Run
from agent.devices.automated.actor import Actor, S

Told = Mapping[str, object]

NO_TIME: Final = "waits: the time is not known"


def next_schedule(actor: Actor[S], state: S) -> Told:
    """Tell the next run of the plan; None where nothing is planned."""
    agenda = state.plan.agenda
    if state.local.offset is None and (actor.timetable.texts or state.plan.entries):
        return {"next_schedule": {"name": None, "at": None, "text": NO_TIME}}
    if agenda is None or not agenda.dues:
        return {"next_schedule": None}
    due = agenda.dues[0]
    moment = _moment(due.at, state.local)
    return {"next_schedule": {"name": due.name, "text": due.text, **moment}}


def listed(actor: Actor[S], state: S) -> list[Told]:
    """List every schedule: as it stands, where it comes from, its next and its last run."""
    agenda = state.plan.agenda
    next_runs = {} if agenda is None else {due.name: due.at for due in agenda.dues}
    marks = {mark.name: mark for mark in state.plan.marks}
    return [
        _entry(each, next_runs.get(each.name), marks.get(each.name), state.local)
        for each in standing(state.plan, actor.timetable)
    ]


def preview(actor: Actor[S], state: S, entry: Entry, now: float, count: int) -> list[Told] | None:
    """Tell the next runs that *entry* would have; None while the time is not known."""
    wall_time = state.local.wall_time(now)
    if wall_time is None:
        return None
    schedule, runs = parse_schedule(entry.text), list[Run]()
    salt = f"{state.plan.salt}|{entry.name}"
    where = Where(zone=state.local.zone, place=actor.timetable.place, salt=salt)
    after = floor(wall_time)
    while len(runs) < count:
        run = next_of(schedule, after, where)
        if run is None:
            break
        runs.append(run)
        after = run.at
    return [{**_moment(run.at, state.local), "does": write_doing(run.doing)} for run in runs]


def _entry(each: Planned, at: int | None, mark: Mark | None, local: LocalTime) -> Told:
    is_over = isinstance(each.schedule.when, Once) and mark is not None and mark.ran_at is not None
    last: Told | None = None
    if mark is not None and mark.ran_at is not None:
        last = {**_moment(mark.ran_at, local), "result": mark.result}
    return {
        "name": each.name,
        "text": each.text.removeprefix("disabled "),
        "enabled": each.schedule.is_enabled,
        "from": "added" if each.is_added else "file",
        "next": None if at is None else _moment(at, local),
        "is_over": is_over,
        "last": last,
    }


def _moment(at: int, local: LocalTime) -> Told:
    return {"at": at, "local": datetime.fromtimestamp(at, zone_of(local.zone)).strftime(_FORM)}


_FORM: Final = "%a %Y-%m-%d %H:%M:%S"

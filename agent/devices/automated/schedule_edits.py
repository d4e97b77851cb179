"""Writing, removing and turning schedules at run time; those of the file are only turned."""

from dataclasses import replace
from math import floor
from typing import Final

from agent.automation.local_time import LocalTime
from agent.automation.schedules.errors import ScheduleError
from agent.automation.schedules.names import NAME_ALLOWED, is_name
from agent.automation.schedules.plan import MOST_ENTRIES, Entry, Plan, Timetable, Turned
from agent.automation.schedules.planned import Planned, standing
from agent.automation.schedules.planner import Where, next_of
from agent.automation.schedules.reading import parse_schedule
from agent.automation.schedules.schedule import BySun, Once, done_by
from agent.automation.schedules.writing import write_schedule
from agent.automation.suiting import doing_fault
from agent.devices.automated.actor import Actor, S
from agent.devices.inputs import EditSchedule
from agent.messages import DONE, Outcome, RefusalKind, refused
from agent.settings.names import nearest
from agent.settings.schedules import SUN_NEEDS

Edited = tuple[Plan, Outcome]

IN_FILE: Final = "stands in the configuration file ([device.schedules])"


def edited_plan(
    actor: Actor[S], plan: Plan, event: EditSchedule, local: LocalTime, now: float
) -> Edited:
    """Change the plan as *event* asks, or refuse and change nothing."""
    if event.text is not None and not event.removes:
        after, outcome = _written(actor, plan, event, event.text)
        if outcome.refusal is None:
            outcome = _in_time(after, event.name, local, now)
    elif event.removes:
        after, outcome = _removed(plan, event.name, actor.timetable)
    elif event.is_enabled is not None:
        after, outcome = _turned(plan, event.name, actor.timetable, is_enabled=event.is_enabled)
    else:
        return plan, refused(RefusalKind.MALFORMED, "the edit changes nothing")
    return (plan, outcome) if outcome.refusal is not None else (_stale(after), DONE)


def fault_of(actor: Actor[S], text: str) -> str:
    """Tell why *text* cannot be a schedule of this device; '' where it can."""
    try:
        schedule = parse_schedule(text)
    except ScheduleError as error:
        return str(error)
    if isinstance(schedule.when, BySun) and actor.timetable.place is None:
        return f"a schedule by the sun; allowed: {SUN_NEEDS}"
    return doing_fault(done_by(schedule), actor.thing, "schedule")


def _written(actor: Actor[S], plan: Plan, event: EditSchedule, text: str) -> Edited:
    name = event.name
    if not is_name(name):
        reason = f"{name!r:.40} is no name of a schedule; allowed: {NAME_ALLOWED}"
        return plan, refused(RefusalKind.MALFORMED, reason)
    if name in actor.timetable.texts:
        reason = f"{name} {IN_FILE}: change it there and reload, or disable it here"
        return plan, refused(RefusalKind.NOT_ALLOWED, reason)
    reason = fault_of(actor, text)
    if reason:
        return plan, refused(RefusalKind.MALFORMED, reason)
    schedule = parse_schedule(text)
    if event.is_enabled is not None:
        schedule = replace(schedule, is_enabled=event.is_enabled)
    entry = Entry(name=name, text=write_schedule(schedule))
    names = [each.name for each in plan.entries]
    if name in names:
        entries = tuple(entry if each.name == name else each for each in plan.entries)
    elif len(names) >= MOST_ENTRIES:
        reason = f"{MOST_ENTRIES} schedules were added, and that is the most: remove one first"
        return plan, refused(RefusalKind.NOT_ALLOWED, reason)
    else:
        entries = (*plan.entries, entry)
    return replace(plan, entries=entries), DONE


def _in_time(plan: Plan, name: str, local: LocalTime, now: float) -> Outcome:
    """Refuse a run that is over before it was written down."""
    wall_time = local.wall_time(now)
    entry = next(each for each in plan.entries if each.name == name)
    schedule = parse_schedule(entry.text)
    if wall_time is None or not isinstance(schedule.when, Once):
        return DONE
    where = Where(zone=local.zone, salt=f"{plan.salt}|{name}")
    if next_of(schedule, floor(wall_time), where) is not None:
        return DONE
    return refused(RefusalKind.OUT_OF_RANGE, f"{entry.text!r} is over; allowed: a time to come")


def _removed(plan: Plan, name: str, table: Timetable) -> Edited:
    entries = tuple(each for each in plan.entries if each.name != name)
    if len(entries) < len(plan.entries):
        return replace(plan, entries=entries), DONE
    if name in table.texts:
        reason = f"{name} {IN_FILE}: take it out there and reload, or disable it here"
        return plan, refused(RefusalKind.NOT_ALLOWED, reason)
    return plan, _unknown(plan, name, table)


def _turned(plan: Plan, name: str, table: Timetable, *, is_enabled: bool) -> Edited:
    known = {each.name: each for each in standing(plan, table)}
    found = known.get(name)
    if found is None:
        return plan, _unknown(plan, name, table)
    if found.is_added:
        return _turned_entry(plan, found, is_enabled=is_enabled), DONE
    others = tuple(each for each in plan.turned if each.name != name and each.name in known)
    turned = (*others, Turned(name=name, is_enabled=is_enabled))
    return replace(plan, turned=turned), DONE


def _turned_entry(plan: Plan, found: Planned, *, is_enabled: bool) -> Plan:
    text = write_schedule(replace(found.schedule, is_enabled=is_enabled))
    entries = tuple(
        replace(each, text=text) if each.name == found.name else each for each in plan.entries
    )
    return replace(plan, entries=entries)


def _unknown(plan: Plan, name: str, table: Timetable) -> Outcome:
    names = [each.name for each in standing(plan, table)]
    parts = [f"no schedule is named {name!r:.40}", f"there is: {', '.join(names) or 'none'}"]
    hint = nearest(name, names)
    return refused(RefusalKind.UNKNOWN_NAME, "; ".join([*parts, *([hint] if hint else [])]))


def _stale(plan: Plan) -> Plan:
    """Let the plan be looked at anew; what went by is known, so nothing counts as missed."""
    if plan.agenda is None:
        return plan
    return replace(plan, agenda=replace(plan.agenda, of=""))

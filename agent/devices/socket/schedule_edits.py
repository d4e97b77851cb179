"""Writing, removing and turning schedules at run time; those of the file are only turned."""

from dataclasses import replace
from math import floor
from typing import Final

from agent.automation.doing import Assign
from agent.automation.local_time import LocalTime
from agent.automation.schedules.errors import ScheduleError
from agent.automation.schedules.names import NAME_ALLOWED, is_name
from agent.automation.schedules.plan import MOST_ENTRIES, Entry, Plan, Turned
from agent.automation.schedules.planned import Planned, standing
from agent.automation.schedules.planner import Where, next_of
from agent.automation.schedules.reading import parse_schedule
from agent.automation.schedules.schedule import BySun, Once, Schedule
from agent.automation.schedules.writing import write_schedule
from agent.devices.inputs import EditSchedule
from agent.devices.socket.thing_table import SOCKET
from agent.messages import DONE, Outcome, RefusalKind, refused
from agent.settings.device import SocketSettings
from agent.settings.names import WRITABLE, nearest
from agent.settings.schedules import SUN_NEEDS

Edited = tuple[Plan, Outcome]

IN_FILE: Final = "stands in the configuration file ([device.schedules])"


def edited_plan(
    plan: Plan, event: EditSchedule, settings: SocketSettings, local: LocalTime, now: float
) -> Edited:
    """Change the plan as *event* asks, or refuse and change nothing."""
    if event.text is not None and not event.removes:
        after, outcome = _written(plan, event, event.text, settings)
        if outcome.refusal is None:
            outcome = _in_time(after, event.name, local, now)
    elif event.removes:
        after, outcome = _removed(plan, event.name, settings)
    elif event.is_enabled is not None:
        after, outcome = _turned(plan, event.name, settings, is_enabled=event.is_enabled)
    else:
        return plan, refused(RefusalKind.MALFORMED, "the edit changes nothing")
    return (plan, outcome) if outcome.refusal is not None else (_stale(after), DONE)


def fault_of(text: str, settings: SocketSettings) -> str:
    """Tell why *text* cannot be a schedule of this socket; '' where it can."""
    try:
        schedule = parse_schedule(text)
    except ScheduleError as error:
        return str(error)
    return _unfit(schedule, settings)


def _unfit(schedule: Schedule, settings: SocketSettings) -> str:
    if isinstance(schedule.when, BySun) and settings.timetable.place is None:
        return f"a schedule by the sun; allowed: {SUN_NEEDS}"
    if isinstance(schedule.doing, Assign):
        name = schedule.doing.name
        fault = SOCKET.fault({name: schedule.doing.value})
        if fault is None and name not in WRITABLE:
            return f"{name} is not set by a schedule; allowed: set {' | '.join(WRITABLE)} = VALUE"
        return "" if fault is None else fault.reason
    return ""


def _written(plan: Plan, event: EditSchedule, text: str, settings: SocketSettings) -> Edited:
    name = event.name
    if not is_name(name):
        reason = f"{name!r:.40} is no name of a schedule; allowed: {NAME_ALLOWED}"
        return plan, refused(RefusalKind.MALFORMED, reason)
    if name in settings.timetable.texts:
        reason = f"{name} {IN_FILE}: change it there and reload, or disable it here"
        return plan, refused(RefusalKind.NOT_ALLOWED, reason)
    reason = fault_of(text, settings)
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


def _removed(plan: Plan, name: str, settings: SocketSettings) -> Edited:
    entries = tuple(each for each in plan.entries if each.name != name)
    if len(entries) < len(plan.entries):
        return replace(plan, entries=entries), DONE
    if name in settings.timetable.texts:
        reason = f"{name} {IN_FILE}: take it out there and reload, or disable it here"
        return plan, refused(RefusalKind.NOT_ALLOWED, reason)
    return plan, _unknown(plan, name, settings)


def _turned(plan: Plan, name: str, settings: SocketSettings, *, is_enabled: bool) -> Edited:
    known = {each.name: each for each in standing(plan, settings.timetable)}
    found = known.get(name)
    if found is None:
        return plan, _unknown(plan, name, settings)
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


def _unknown(plan: Plan, name: str, settings: SocketSettings) -> Outcome:
    names = [each.name for each in standing(plan, settings.timetable)]
    parts = [f"no schedule is named {name!r:.40}", f"there is: {', '.join(names) or 'none'}"]
    hint = nearest(name, names)
    return refused(RefusalKind.UNKNOWN_NAME, "; ".join([*parts, *([hint] if hint else [])]))


def _stale(plan: Plan) -> Plan:
    """Let the plan be looked at anew; what went by is known, so nothing counts as missed."""
    if plan.agenda is None:
        return plan
    return replace(plan, agenda=replace(plan.agenda, of=""))

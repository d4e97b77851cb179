"""A look at the plan: which runs are due by now, which were missed, and what comes next."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Final, NamedTuple

from agent.automation.doing import Doing
from agent.automation.local_time import LocalTime
from agent.automation.schedules.plan import Agenda, Due, Mark, Plan, Timetable
from agent.automation.schedules.planned import Planned, standing
from agent.automation.schedules.planner import Where, last_of, next_of

BACK_S: Final = 2 * 3600
"""A clock set back by more was wrong before: what was carried out by it says nothing."""

AHEAD_S: Final = 60.0
"""A clock set ahead by more leaves a time that nobody watched."""

LATE_S: Final = 60
"""A run that is later than this was missed."""

WEEK_S: Final = 7 * 86_400


@dataclass(frozen=True, slots=True, kw_only=True)
class Occurred:
    """A run that is due: the last of its schedule."""

    planned: Planned
    at: int
    doing: Doing
    is_missed: bool


class Looked(NamedTuple):
    """What a look has found; `anew` where the clock had been wrong, `over`: will never run."""

    plan: Plan
    occurred: Sequence[Occurred]
    over: Sequence[Planned]
    anew: int | None


class _Past(NamedTuple):
    """From when on, until when, and by which marks runs are due."""

    looked_at: int
    look: int
    marks: dict[str, Mark]
    was_unwatched: bool


def looked(plan: Plan, table: Timetable, local: LocalTime, look: int, now: float) -> Looked:
    """Look at the plan at *look*, a Unix second; the marks of what is due are the caller's."""
    looked_at, anew = _begin(plan, local, look)
    marks = {mark.name: mark for mark in plan.marks}
    past = _Past(looked_at, look, marks, _was_unwatched(plan.agenda, local))
    fresh = _fresh(plan.agenda, table, local)
    occurred: list[Occurred] = []
    dues: list[Due] = []
    over: list[Planned] = []
    kept: list[Mark] = []
    for each in standing(plan, table):
        due = fresh.get(each.name)
        if due is not None and due.at > look:
            kept.append(marks[each.name])
            dues.append(due)
            continue
        where = Where(zone=local.zone, place=table.place, salt=f"{plan.salt}|{each.name}")
        mark = marks.get(each.name, Mark(name=each.name))
        kept.append(replace(mark, seen=each.seen(where)))
        if not each.schedule.is_enabled:
            continue
        came = _occurred(each, past, where)
        occurred += came
        due = _next(each, past, where)
        dues += [due] if due is not None else []
        if due is None and each.is_once and each.is_added and not came:
            over.append(each)
    occurred.sort(key=lambda run: (run.at, run.planned.name))
    agenda = _agenda(dues, table, local, now)
    same = _same(plan.marks, kept)
    has_moved = bool(occurred) or anew is not None or same is not plan.marks
    looked_at = max(looked_at, look) if has_moved else looked_at
    after = replace(plan, looked_at=looked_at, marks=same, agenda=agenda)
    return Looked(after, occurred, over, anew)


def salted(plan: Plan, device: str, local: LocalTime) -> Plan:
    """Give a plan its salt, once: no two devices move their runs alike."""
    if plan.salt:
        return plan
    drawn = sha256(f"{device}|{local.offset!r}".encode()).hexdigest()
    return replace(plan, salt=drawn[:16])


def _begin(plan: Plan, local: LocalTime, look: int) -> tuple[int, int | None]:
    """Tell up to when runs were carried out, and what was believed of it before, if wrong."""
    if plan.looked_at is None:
        return look, None
    back_s = -_step(plan.agenda, local)
    if plan.looked_at - look > BACK_S or back_s > BACK_S:
        return look, plan.looked_at
    return plan.looked_at, None


def _step(agenda: Agenda | None, local: LocalTime) -> float:
    """Tell by how much the clock was set since the agenda was made."""
    if agenda is None or agenda.local.offset is None or local.offset is None:
        return 0.0
    return local.offset - agenda.local.offset


def _was_unwatched(agenda: Agenda | None, local: LocalTime) -> bool:
    """Tell whether the time until now went by unseen: the first look, a leap, a suspend."""
    return agenda is None or _step(agenda, local) > AHEAD_S


def _fresh(agenda: Agenda | None, table: Timetable, local: LocalTime) -> dict[str, Due]:
    """Take over what is known to come, where nothing has changed."""
    if agenda is None or agenda.of != table.digest or agenda.local != local:
        return {}
    return {due.name: due for due in agenda.dues}


def _after(each: Planned, past: _Past, where: Where) -> int:
    """Tell after when its runs count: one that is new, or was off, begins now.

    Its last run is not made up for where the clock went far back and came again.
    """
    mark = past.marks.get(each.name)
    if mark is None or mark.seen != each.seen(where):
        return max(past.looked_at, past.look)
    since = max(past.looked_at, past.look - WEEK_S)
    if past.was_unwatched and mark.ran_at is not None and mark.ran_at <= past.look:
        return max(since, mark.ran_at)
    return since


def _occurred(each: Planned, past: _Past, where: Where) -> Sequence[Occurred]:
    run = last_of(each.schedule, _after(each, past, where), past.look, where)
    if run is None:
        return ()
    is_missed = past.was_unwatched or past.look - run.at > LATE_S
    return (Occurred(planned=each, at=run.at, doing=run.doing, is_missed=is_missed),)


def _next(each: Planned, past: _Past, where: Where) -> Due | None:
    run = next_of(each.schedule, max(past.looked_at, past.look), where)
    return None if run is None else Due(name=each.name, at=run.at, text=each.text)


def _agenda(dues: Sequence[Due], table: Timetable, local: LocalTime, now: float) -> Agenda:
    """Say when to look again: at the first run, or in a week, as the sun is not sought for ever."""
    ordered = tuple(sorted(dues, key=lambda due: (due.at, due.name)))
    first = local.monotonic(ordered[0].at) if ordered else None
    due_at = now + WEEK_S if first is None else min(first, now + WEEK_S)
    return Agenda(of=table.digest, local=local, due_at=due_at, dues=ordered)


def _same(before: tuple[Mark, ...], after: list[Mark]) -> tuple[Mark, ...]:
    """Give the marks that were, where none has changed."""
    return before if list(before) == after else tuple(after)

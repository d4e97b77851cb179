"""The schedules of a device: what is due is done, once, and what was missed by its policy."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from math import floor
from typing import Final, Generic, NamedTuple

from agent.automation.doing import Doing
from agent.automation.schedules.looking import Looked, Occurred, looked, salted
from agent.automation.schedules.plan import Plan
from agent.automation.schedules.schedule import Missed
from agent.devices.automated.actor import Acted, Actor, S
from agent.devices.automated.causes import Cause, Doer
from agent.devices.automated.schedule_edits import edited_plan
from agent.devices.effects import Effect, Record
from agent.devices.inputs import ClockTold, EditSchedule, Input, Tick
from agent.messages import Outcome

EARLY_S: Final = 0.01
"""A run counts as due so much before its second: sums of clocks are not exact."""

TOPIC: Final = "schedule"
WAKES: Final = (Tick, ClockTold, EditSchedule)


class _Carried(NamedTuple, Generic[S]):
    """What came of a run."""

    state: S
    notes: Sequence[Effect]
    result: str
    cause: Cause | None


def acted(actor: Actor[S], state: S, event: Input, now: float) -> Acted[S]:
    """Do what is due by now.

    Only a tick, a clock that was told or an edit acts: each due moment has a tick of its own,
    and so nobody else's command is taken for a schedule's.
    """
    if state.is_stopped or not isinstance(event, WAKES):
        return state, (), None
    notes = _edit_rows(event, actor.timetable.texts)
    wall_time, plan, table = state.local.wall_time(now), state.plan, actor.timetable
    has_none = not table.texts and not plan.entries
    if wall_time is None or has_none:
        return _idle(state, has_none=has_none), notes, None
    agenda = plan.agenda
    is_known = agenda is not None and (agenda.of, agenda.local) == (table.digest, state.local)
    if agenda is not None and is_known and now < agenda.due_at:
        return state, notes, None
    look = floor(wall_time + EARLY_S)
    plan = salted(plan, actor.device, state.local)
    found = looked(plan, table, state.local, look, now)
    state, rows, cause = _carried_out(actor, replace(state, plan=found.plan), found, now)
    return state, (*notes, *_rows(found, look), *rows), cause


def next_at(actor: Actor[S], state: S, now: float) -> float | None:
    """Tell when the next of them is due; at once where something has changed."""
    agenda, table = state.plan.agenda, actor.timetable
    if state.is_stopped or state.local.offset is None:
        return None
    if not table.texts and not state.plan.entries:
        return None
    if agenda is None or (agenda.of, agenda.local) != (table.digest, state.local):
        return now
    return agenda.due_at


def edited(actor: Actor[S], state: S, event: EditSchedule, now: float) -> tuple[S, Outcome]:
    """Write, remove or turn one on or off, or refuse."""
    plan, outcome = edited_plan(actor, state.plan, event, state.local, now)
    return replace(state, plan=plan), outcome


def _idle(state: S, *, has_none: bool) -> S:
    """Plan nothing: the time is not known, or there is no schedule."""
    plan = state.plan
    marks = () if has_none else plan.marks
    if plan.agenda is None and marks == plan.marks:
        return state
    return replace(state, plan=replace(plan, agenda=None, marks=marks))


def _carried_out(actor: Actor[S], state: S, found: Looked, now: float) -> Acted[S]:
    """Do the runs in the order of their times, and note what came of each."""
    notes: list[Effect] = []
    cause: Cause | None = None
    for run in found.occurred:
        carried = _carried(actor, state, run, now)
        cause = carried.cause or cause
        plan = _marked(carried.state.plan, run, carried.result)
        state = replace(carried.state, plan=plan)
        notes += carried.notes
    over = {each.name for each in found.over}
    return replace(state, plan=_without(state.plan, over)), notes, cause


def _carried(actor: Actor[S], state: S, run: Occurred, now: float) -> _Carried[S]:
    policy = run.planned.schedule.missed
    if run.is_missed and not _may_run(actor, state, run.doing, policy):
        reason = f"missed, and {_kept_from(policy)}"
        return _Carried(state, (_row("skipped", run, reason),), f"skipped: {reason}", None)
    cause = Cause(kind=TOPIC, name=run.planned.name, text=run.planned.text)
    doer = Doer(cause=cause, told=cause.by)
    after, outcome, effects = actor.carry_out(state, run.doing, doer, now)
    if outcome.refusal is not None:
        reason = outcome.refusal.reason
        return _Carried(state, (_row("refused", run, reason),), f"refused: {reason}", None)
    has_switched, waits = actor.has_moved(state, after), actor.waits(state, after)
    after = actor.owed(state, after, cause)
    notes = [*effects]
    if not has_switched or run.is_missed:
        notes.append(_row("ran", run, "min_off_s holds it back" if waits else ""))
    result = "missed, done later" if run.is_missed else "done"
    return _Carried(after, notes, result, cause if has_switched else None)


def _may_run(actor: Actor[S], state: S, doing: Doing, policy: Missed) -> bool:
    """Tell whether a run that nobody watched is made up for: only to switch off, by default."""
    if policy is not Missed.OFF:
        return policy is Missed.RUN
    return actor.switches_off(state, doing)


def _kept_from(policy: Missed) -> str:
    return "missed off may only switch off" if policy is Missed.OFF else "missed skip"


def _marked(plan: Plan, run: Occurred, result: str) -> Plan:
    """Note the run; one that came once and was added is over."""
    if run.planned.is_once and run.planned.is_added:
        return _without(plan, {run.planned.name})
    marks = tuple(
        replace(mark, ran_at=run.at, result=result) if mark.name == run.planned.name else mark
        for mark in plan.marks
    )
    return replace(plan, marks=marks)


def _without(plan: Plan, names: set[str]) -> Plan:
    if not names:
        return plan
    entries = tuple(entry for entry in plan.entries if entry.name not in names)
    marks = tuple(mark for mark in plan.marks if mark.name not in names)
    return replace(plan, entries=entries, marks=marks)


def _rows(found: Looked, look: int) -> Sequence[Record]:
    """Tell that a clock had been wrong, and what will never run."""
    rows = [
        Record(topic=TOPIC, name="over", details=_facts(each.name, each.text))
        for each in found.over
    ]
    if found.anew is None:
        return rows
    details = {"looked_at": found.anew, "wall_time": look}
    return [Record(topic=TOPIC, name="anew", details=details), *rows]


def _row(name: str, run: Occurred, reason: str) -> Record:
    details = {**_facts(run.planned.name, run.planned.text), "at": run.at, "missed": run.is_missed}
    details |= {"reason": reason} if reason else {}
    return Record(topic=TOPIC, name=name, details=details)


def _facts(name: str, text: str) -> Mapping[str, object]:
    return {"schedule": name, "text": text}


def _edit_rows(event: Input, of_file: Mapping[str, str]) -> Sequence[Record]:
    """Tell who wrote, removed or turned a schedule."""
    if not isinstance(event, EditSchedule):
        return ()
    if event.removes:
        name = "removed"
    elif event.text is not None:
        name = "written"
    else:
        name = "enabled" if event.is_enabled else "disabled"
    text = event.text or of_file.get(event.name, "")
    by = f"{event.origin.kind.value} {event.origin.name}"
    return (Record(topic=TOPIC, name=name, details={**_facts(event.name, text), "by": by}),)

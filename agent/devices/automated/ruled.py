"""The rules of a device: what holds is done, once."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final, NamedTuple

from agent.automation.doing import write_doing
from agent.automation.rules.book import (
    Active,
    Edit,
    Remembered,
    RuleBook,
    active,
    remembered,
)
from agent.automation.rules.book import (
    edited as edited_book,
)
from agent.automation.rules.memory import FRESH, rests_until
from agent.automation.rules.stepping import Sight, step
from agent.automation.rules.stepping import next_at as rule_next_at
from agent.automation.rules.writing import write_conditions
from agent.devices.automated.actor import Acted, Actor, Automated, S
from agent.devices.automated.causes import Cause, Doer
from agent.devices.effects import Effect, Log, Record
from agent.devices.inputs import EditRule, Input
from agent.messages import DONE, Outcome, Refusal
from agent.model import Value

KIND: Final = "rule"


class _Came(NamedTuple):
    """A rule that fires now, or (`rests`) would, had it not fired too often."""

    active: Active
    rests: bool


def acted(actor: Actor[S], state: S, event: Input, now: float) -> Acted[S]:
    """Do what holds by now; a firing may make another rule hold at once, and none fires twice."""
    notes: list[Effect] = [] if not isinstance(event, EditRule) else [_edit_row(event)]
    if not actor.rules and not state.rules.added:
        return _without_memory(state), notes, None
    cause: Cause | None = None
    came: Sequence[_Came] | None = None
    while came is None or came:
        state, came = _stepped(actor, state, now)
        for each in came:
            if each.rests:
                notes += _resting(each.active, state, now)
                continue
            before = state
            by = Cause(kind=KIND, name=each.active.name, text=each.active.text)
            state, told = _fired(actor, state, each.active, by, now)
            notes += told
            if actor.has_moved(before, state):
                cause = by
    return state, notes, cause


def next_at(actor: Actor[S], state: S, now: float) -> float | None:
    """Tell when time alone makes the next of them fire."""
    if (not actor.rules and not state.rules.added) or actor.is_barred(state):
        return None
    times = (
        rule_next_at(each.rule, remembered(state.rules, each.name, each.text), state.local, now)
        for each in active(state.rules, actor.rules)
    )
    return min((at for at in times if at is not None), default=None)


def edited(actor: Actor[S], state: S, event: EditRule) -> tuple[S, Outcome]:
    """Write, remove or turn one on or off, or refuse."""
    edit = Edit(
        name=event.name, text=event.text, is_enabled=event.is_enabled, removes=event.removes
    )
    book = edited_book(state.rules, edit, actor.rules, actor.thing)
    if isinstance(book, Refusal):
        return state, Outcome(refusal=book)
    return replace(state, rules=book), DONE


def sight_of(actor: Actor[S], state: S, names: frozenset[str], now: float) -> Sight:
    """Read what rules need of *names*."""
    thing = actor.thing
    values: dict[str, Value | None] = {}
    for name in names:
        row = thing.readable(name)
        values[name] = None if row is None else row.read(state, now)
    switch = None if thing.switch is None else thing.property(thing.switch)
    on = None if switch is None else switch.read(state, now)
    return Sight(
        values=values,
        local=state.local,
        is_on=on if isinstance(on, bool) else None,
        is_barred=actor.is_barred(state),
    )


# ── stepping ────────────────────────────────────────────────────────────────────────────────


def _stepped(actor: Actor[S], state: S, now: float) -> tuple[S, Sequence[_Came]]:
    """Step every rule; the very same state comes back where nothing has changed."""
    rules = tuple(active(state.rules, actor.rules))
    sight = sight_of(actor, state, frozenset[str]().union(*(each.names for each in rules)), now)
    came: list[_Came] = []
    rows: list[Remembered] = []
    is_changed = False
    for each in rules:
        known = remembered(state.rules, each.name, each.text)
        memory, fires, rests = step(each.rule, known, sight, now)
        is_changed = is_changed or memory is not known
        if memory != FRESH:
            rows.append(Remembered(name=each.name, text=each.text, memory=memory))
        if fires or rests:
            came.append(_Came(each, rests))
    if is_changed or len(rows) != len(state.rules.memory):  # one that has gone is forgotten
        state = replace(state, rules=_with_memory(state.rules, rows))
    return state, came


def _with_memory(book: RuleBook, rows: Sequence[Remembered]) -> RuleBook:
    return replace(book, memory=tuple(rows))


def _without_memory(state: S) -> S:
    """Forget what rules remembered that have gone: one of the same text begins anew."""
    if not state.rules.memory:
        return state
    return replace(state, rules=_with_memory(state.rules, ()))


# ── doing ───────────────────────────────────────────────────────────────────────────────────


def _fired(
    actor: Actor[S], state: S, fired: Active, by: Cause, now: float
) -> tuple[S, Sequence[Effect]]:
    """Do all that a rule does, up to the first thing that is refused."""
    doer = Doer(cause=by, told=write_conditions(fired.rule))
    done: list[str] = []
    raised: list[Effect] = []
    for doing in fired.rule.doings:
        after, outcome, notes = actor.carry_out(state, doing, doer, now)
        if outcome.refusal is not None:
            why = outcome.refusal.reason
            row = {**_facts(fired), "done": done, "what": write_doing(doing), "why": why}
            log = Log(event="rule.refused", details=row, is_warning=True)
            return state, (*raised, log, Record(topic=KIND, name="refused", details=row))
        raised += notes
        state = actor.owed(state, after, by)
        done.append(write_doing(doing))
    row = {**_facts(fired), "done": done}
    log = Log(event="rule.fired", details=row)
    return state, (*raised, log, Record(topic=KIND, name="fired", details=row))


# ── telling ─────────────────────────────────────────────────────────────────────────────────


def _facts(fired: Active) -> dict[str, object]:
    return {"rule": fired.name, "text": fired.text}


def _resting(fired: Active, state: Automated, now: float) -> Iterator[Effect]:
    """Say that a rule fires too often."""
    memory = remembered(state.rules, fired.name, fired.text)
    rests_s = round(rests_until(fired.rule, memory) - now)
    row = {**_facts(fired), "fired": len(memory.fired), "rests_s": rests_s}
    yield Log(event="rule.resting", details=row, is_warning=True)
    yield Record(topic=KIND, name="resting", details=row)


def _edit_row(event: EditRule) -> Record:
    """Tell who wrote, removed or turned a rule."""
    turned = {True: "enabled", False: "disabled", None: "left"}[event.is_enabled]
    name = "removed" if event.removes else turned if event.text is None else "written"
    by = f"{event.origin.kind.value} {event.origin.name}"
    details = {"rule": event.name, "by": by, "text": event.text}
    return Record(topic=KIND, name=name, details=details)

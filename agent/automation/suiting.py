"""Whether what is done by itself suits a thing: what can be set, switched, told."""

from typing import Final, TypeVar, assert_never

from agent.automation.doing import Assign, Doing, Switch, Tell
from agent.settings.names import nearest
from agent.thing import Kind, Thing

S = TypeVar("S")

NOTICE: Final = "notice"
"""The event that `event NAME` raises."""


def settable(thing: Thing[S]) -> tuple[str, ...]:
    """Name what may be set by what acts by itself: all that can be set, but no plan."""
    return tuple(row.field.name for row in thing.properties if row.is_writable and not row.is_plan)


def doing_fault(doing: Doing, thing: Thing[S], by: str) -> str:
    """Tell why *thing* can never do it, and what it can; '' where it can. *by*: 'rule' or so."""
    match doing:
        case Switch():
            return "" if thing.switch is not None else _no_switch(thing)
        case Assign(name=name):
            return _unsettable(doing, thing, f"{name} is not set by a {by}")
        case Tell():
            if any(event.name == NOTICE for event in thing.events):
                return ""
            return f"this device has no event {NOTICE!r}"
        case _:
            assert_never(doing)


def value_fault(doing: Assign, thing: Thing[S]) -> str:
    """Tell what the property takes where the value is none of it; '' where it fits."""
    fault = thing.fault({doing.name: doing.value})
    return "" if fault is None else fault.reason.rpartition(", not ")[0]


def _no_switch(thing: Thing[S]) -> str:
    """Say that on, off and toggle mean nothing here, or nothing certain."""
    kinds = {row.field.name: row.field.kind for row in thing.properties}
    switches = [name for name in settable(thing) if kinds[name] is Kind.BOOL]
    if not switches:
        return "this device has no switch; allowed: set NAME = VALUE | event NAME"
    text = "this device has no one switch that on, off and toggle mean"
    return f"{text}; allowed: set {' | '.join(switches)} = on | event NAME"


def _unsettable(doing: Assign, thing: Thing[S], is_plan: str) -> str:
    names, refusal = settable(thing), thing.fault({doing.name: doing.value})
    if refusal is not None:
        hint = nearest(doing.name, names) if thing.property(doing.name) is None else ""
        return f"{refusal.reason}; {hint}" if hint else refusal.reason
    if doing.name in names:
        return ""
    return f"{is_plan}; allowed: set {' | '.join(names)} = VALUE"

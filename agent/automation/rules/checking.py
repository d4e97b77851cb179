"""Whether a rule suits a thing: names, types, what can be set, what can be told."""

from collections.abc import Iterator
from typing import TypeVar, assert_never

from agent.automation.rules.rule import Condition, Op, Rule
from agent.automation.rules.writing import write_condition
from agent.automation.suiting import doing_fault
from agent.settings.names import nearest
from agent.thing import Field, Kind, Thing

S = TypeVar("S")


def fault(rule: Rule, thing: Thing[S]) -> str:
    """Tell the first thing that does not suit, and what would; empty where all does."""
    return next(_faults(rule, thing), "")


def _faults(rule: Rule, thing: Thing[S]) -> Iterator[str]:
    conditions = [*rule.conditions, *([rule.after.condition] if rule.after else [])]
    for condition in conditions:
        row = thing.readable(condition.name)
        if row is None:
            yield _unknown(condition.name, thing)
        else:
            yield from _misfits(condition, row.field)
    yield from filter(None, (doing_fault(doing, thing, "rule") for doing in rule.doings))


def _unknown(name: str, thing: Thing[S]) -> str:
    known = tuple(row.field.name for row in (*thing.properties, *thing.measures))
    text = f"no value is named {name!r:.40}; allowed: {' | '.join(known)}"
    hint = nearest(name, known)
    return f"{text}; {hint}" if hint else text


def _misfits(condition: Condition, field: Field) -> Iterator[str]:
    value, written = condition.value, write_condition(condition)
    match field.kind:
        case Kind.BOOL:
            fits = isinstance(value, bool) and condition.op is Op.EQUAL
            allowed = f"{field.name} == on, {field.name} == off"
        case Kind.INT | Kind.FLOAT:
            fits = not isinstance(value, bool | str)
            allowed = f"a number{f' of {field.unit}' if field.unit else ''}"
        case Kind.TEXT:
            fits = isinstance(value, str) and condition.op in (Op.EQUAL, Op.OTHER)
            allowed = f'{field.name} == "text", {field.name} != "text"'
        case _:
            assert_never(field.kind)
    if not fits:
        yield f"{written:.60} cannot be; allowed: {allowed}"

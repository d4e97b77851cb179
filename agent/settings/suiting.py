"""Whether what a file lets a device do by itself suits that device: names, values, switches."""

from collections.abc import Iterator, Sequence
from typing import Any, Final, NamedTuple, cast

from agent.automation.doing import Assign, Doing, Switch, write_doing
from agent.automation.gesture import OnFor, parse_action
from agent.automation.rules.book import is_name as is_rule_name
from agent.automation.rules.book import text_fault
from agent.automation.rules.grammar import RuleTextError, parse_rule
from agent.automation.schedules.errors import ScheduleError
from agent.automation.schedules.names import is_name
from agent.automation.schedules.reading import parse_schedule
from agent.automation.schedules.schedule import done_by
from agent.automation.suiting import doing_fault, settable, value_fault
from agent.settings.document import Document
from agent.settings.faults import Fault, shown
from agent.settings.findings import value_at
from agent.settings.names import nearest
from agent.settings.rules import in_parts
from agent.thing import Thing

GESTURES: Final = ("click", "double_click")


class _Misfit(NamedTuple):
    """What was found, what is allowed in its place, and what was meant."""

    found: str
    allowed: str
    hint: str = ""


def misfits(document: Document, thing: Thing[Any]) -> Iterator[Fault]:
    """List what *thing* can never do of the file's rules, schedules and gestures.

    A text that is none at all is the section's to tell, and is passed over.
    """
    for name, text in _texts(document, "rules"):
        fault = text_fault(text, thing) if is_rule_name(name) and _is_rule(text) else ""
        if fault:
            yield document.place(("device", "rules", name)).fault(**in_parts(text, fault)._asdict())
    for name, text in _texts(document, "schedules"):
        misfit = _misfit(_of_schedule(text), thing) if is_name(name) else None
        if misfit is not None:
            yield document.place(("device", "schedules", name)).fault(**misfit._asdict())
    for name, text in _texts(document, "button"):
        misfit = _misfit_of_gesture(text, thing) if name in GESTURES else None
        if misfit is not None:
            yield document.place(("device", "button", name)).fault(**misfit._asdict())


def _texts(document: Document, section: str) -> Sequence[tuple[str, str]]:
    table = value_at(document, ("device", section))
    if not isinstance(table, dict):
        return ()
    rows = cast("dict[str, object]", table).items()
    return [(name, text) for name, text in rows if isinstance(text, str)]


def _is_rule(text: str) -> bool:
    try:
        parse_rule(text)
    except RuleTextError:
        return False
    return True


def _of_schedule(text: str) -> Doing | None:
    try:
        return done_by(parse_schedule(text))
    except ScheduleError:
        return None


def _misfit_of_gesture(text: str, thing: Thing[Any]) -> _Misfit | None:
    """Say what a gesture's whole text should have been."""
    try:
        action = parse_action(text)
    except ValueError:
        return None
    doing = Switch(on=True) if isinstance(action, OnFor) else action
    misfit = _misfit(doing, thing)
    if misfit is None:
        return None
    is_named_wrongly = isinstance(doing, Assign) and doing.name not in settable(thing)
    form = "set NAME = VALUE with NAME " if is_named_wrongly else ""
    return _Misfit(shown(text), f"{form}{misfit.allowed}", misfit.hint)


def _misfit(doing: Doing | None, thing: Thing[Any]) -> _Misfit | None:
    names = settable(thing)
    if doing is None:
        return None
    if not isinstance(doing, Assign):
        found, _, allowed = doing_fault(doing, thing, "schedule").partition("; allowed: ")
        return _Misfit(f"{write_doing(doing)}: {found}", allowed) if found else None
    if doing.name not in names:
        hint = nearest(doing.name, names)
        return _Misfit(f"set {doing.name}", " | ".join(names), hint)
    allowed = value_fault(doing, thing)
    return _Misfit(write_doing(doing), allowed) if allowed else None

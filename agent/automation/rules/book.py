"""The rules of one device: those of its file, those added while it runs, and what they remember."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final, NamedTuple, TypeVar

from agent.automation.rules.checking import fault
from agent.automation.rules.grammar import RuleTextError, parse_rule
from agent.automation.rules.memory import FRESH, Memory
from agent.automation.rules.presets import PRESET
from agent.automation.rules.rule import Rule
from agent.automation.rules.writing import write_rule
from agent.messages import Refusal, RefusalKind
from agent.settings.names import nearest
from agent.thing import Thing

S = TypeVar("S")
FromFile = Mapping[str, str]
"""The rules of the device's file: texts by name."""

MAX_RULES: Final = 20
"""So many may stand in the file, and so many may be added."""

NAMES: Final = "a small letter, then up to 31 small letters, digits, '_' or '-'"
_NAME: Final = re.compile(r"[a-z][a-z0-9_-]{0,31}", re.ASCII)

BRIDGES_S: Final = 15.0
"""So long after a restart a value may be unknown and a condition still counts as unbroken."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Added:
    """A rule that was added while the device runs."""

    name: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Remembered:
    """What the rule of that name and text remembers; another text begins anew."""

    name: str
    text: str
    memory: Memory


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleBook:
    """What a device knows of its rules beside its file."""

    added: tuple[Added, ...] = ()
    disabled: tuple[str, ...] = ()
    memory: tuple[Remembered, ...] = ()

    @property
    def marks(self) -> tuple[object, ...]:
        """What must be kept as soon as it changes."""
        flags = [(each.name, each.memory.flags) for each in self.memory]
        return (self.added, self.disabled, *(each for each in flags if any(each[1])))


EMPTY: Final = RuleBook()


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """Write, remove, or turn on or off the rule *name*; None leaves something as it is."""

    name: str
    text: str | None = None
    is_enabled: bool | None = None
    removes: bool = False


class Listed(NamedTuple):
    """One rule; `rule` is None where this version does not understand its text."""

    name: str
    text: str
    is_from_file: bool
    is_enabled: bool
    rule: Rule | None


class Active(NamedTuple):
    """A rule at work, with the names of the values that it reads."""

    name: str
    text: str
    rule: Rule
    names: frozenset[str]


def listed(book: RuleBook, from_file: FromFile) -> tuple[Listed, ...]:
    """List all rules: the file's first; an added one of the same name does not count."""
    texts = [(name, text, True) for name, text in from_file.items()]
    texts += [(each.name, each.text, False) for each in book.added if each.name not in from_file]
    return tuple(
        Listed(name, text, is_from_file, name not in book.disabled, _rule(text))
        for name, text, is_from_file in texts
    )


def active(book: RuleBook, from_file: FromFile) -> Iterator[Active]:
    """List the rules that are at work."""
    for name, text in from_file.items():
        if name not in book.disabled and (known := _understood(text)) is not None:
            yield Active(name, text, *known)
    for each in book.added:
        if each.name in from_file or each.name in book.disabled:
            continue
        if (known := _understood(each.text)) is not None:
            yield Active(each.name, each.text, *known)


def remembered(book: RuleBook, name: str, text: str) -> Memory:
    """Find what a rule remembers."""
    for each in book.memory:
        if each.name == name:
            return each.memory if each.text == text else FRESH
    return FRESH


def edited(book: RuleBook, edit: Edit, from_file: FromFile, thing: Thing[S]) -> RuleBook | Refusal:
    """Do *edit*, or say why not."""
    known = [*from_file, *(each.name for each in book.added if each.name not in from_file)]
    if edit.text is None and edit.name not in known:
        return _refused(RefusalKind.UNKNOWN_NAME, _unknown(edit.name, known))
    if (edit.removes or edit.text is not None) and edit.name in from_file:
        text = f"{edit.name} stands in the device's file: change it there, or disable it here"
        return _refused(RefusalKind.READ_ONLY, text)
    if edit.text is not None:
        return _written(book, edit, edit.text, thing, known)
    if edit.removes:
        others = tuple(each for each in book.added if each.name != edit.name)
        return _turned(replace(book, added=others), edit.name, is_enabled=True, known=known)
    return _turned(book, edit.name, is_enabled=edit.is_enabled, known=known)


def _written(
    book: RuleBook, edit: Edit, text: str, thing: Thing[S], known: Sequence[str]
) -> RuleBook | Refusal:
    if not is_name(edit.name):
        return _refused(
            RefusalKind.MALFORMED, f"{edit.name!r:.60} is no name of a rule; allowed: {NAMES}"
        )
    reason = text_fault(text, thing)
    if reason:
        return _refused(RefusalKind.MALFORMED, f"{edit.name}: {reason}")
    others = tuple(each for each in book.added if each.name != edit.name)
    if len(others) >= MAX_RULES:
        text = f"there are {len(others)} added rules; allowed: up to {MAX_RULES}; remove one first"
        return _refused(RefusalKind.NOT_ALLOWED, text)
    added = Added(name=edit.name, text=write_rule(parse_rule(text)))
    wanted = replace(book, added=(*others, added))
    return _turned(wanted, edit.name, is_enabled=edit.is_enabled, known=known)


def _turned(
    book: RuleBook, name: str, *, is_enabled: bool | None, known: Sequence[str]
) -> RuleBook:
    """Turn a rule on or off; one that is off remembers nothing, and one that has gone is on."""
    if is_enabled is None:
        return book
    others = tuple(each for each in book.disabled if each != name and each in known)
    if is_enabled:
        return replace(book, disabled=others)
    memory = tuple(each for each in book.memory if each.name != name)
    return replace(book, disabled=(*others, name), memory=memory)


def is_name(name: str) -> bool:
    """Tell whether a rule may be called *name*."""
    return _NAME.fullmatch(name) is not None


def text_fault(text: str, thing: Thing[S]) -> str:
    """Tell what is wrong with a rule's text for *thing*; empty where nothing is."""
    try:
        rule = parse_rule(text)
    except RuleTextError as error:
        return str(error)
    return _preset_fault(text, rule, thing) or fault(rule, thing)


def _preset_fault(text: str, rule: Rule, thing: Thing[S]) -> str:
    """Tell what a preset reads that *thing* does not have; '' for any other rule."""
    first, *words = text.split()
    lacking = sorted(name for name in rule.names if thing.readable(name) is None)
    if first != PRESET or not lacking:
        return ""
    found = f"preset {words[0]} reads {', '.join(lacking)}, which this device does not have"
    known = " | ".join(row.field.name for row in (*thing.properties, *thing.measures))
    return f"{found}; allowed: a rule about {known}"


def after_start(
    book: RuleBook, now: float, *, is_same_boot: bool, away_s: float | None
) -> RuleBook:
    """Take a kept book over after a start.

    Of another boot only flags mean anything: its firings count as just happened. `away_s`: so
    short was the process away that what held is taken to hold still, though the time in which
    nobody watched does not count; None: it was longer, or nobody knows.
    """
    goes_on_s = away_s if is_same_boot else None
    rows = tuple(
        replace(each, memory=_known_after(each.memory, now, goes_on_s, is_same_boot=is_same_boot))
        for each in book.memory
    )
    return replace(book, memory=rows)


def _known_after(memory: Memory, now: float, away_s: float | None, *, is_same_boot: bool) -> Memory:
    """Take a memory over; what is to come cannot have been, and counts as now."""
    since = memory.since
    if since is not None:
        since = since + away_s if away_s is not None and since <= now else None
    fired = (at if is_same_boot and at <= now else now for at in memory.fired)
    return replace(
        memory,
        since=since,
        after_since=None,
        fired=tuple(fired),
        bridges_until=None if since is None else now + BRIDGES_S,
    )


@lru_cache(maxsize=256)
def _understood(text: str) -> tuple[Rule, frozenset[str]] | None:
    try:
        rule = parse_rule(text)
    except RuleTextError:
        return None
    return rule, rule.names


def _rule(text: str) -> Rule | None:
    known = _understood(text)
    return None if known is None else known[0]


def _unknown(name: str, known: list[str]) -> str:
    text = f"no rule is named {name!r:.60}; there are: {', '.join(known) or 'none'}"
    hint = nearest(name, known)
    return f"{text}; {hint}" if hint else text


def _refused(kind: RefusalKind, reason: str) -> Refusal:
    return Refusal(kind=kind, reason=reason)

"""A rule: a promise that every codec makes, and a check that finds where one breaks it."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Final

from agent.attempt import tried
from agent.conformance.subject import Subject

MAX_FINDINGS: Final = 5
"""So many of one rule say enough."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One way in which a codec breaks a rule."""

    rule: str
    what: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Examined:
    """One rule, and in which ways it was found broken."""

    rule: str
    statement: str
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A promise in one line, and what finds the ways in which it is broken."""

    name: str
    statement: str
    check: Callable[[Subject], Iterable[str]] = field(repr=False)

    def findings(self, subject: Subject) -> tuple[Finding, ...]:
        """Examine *subject*; what its codec raises unexpectedly is a finding too."""
        found: list[str] = []
        _, error = tried(lambda: found.extend(islice(self.check(subject), MAX_FINDINGS)))
        if error is not None:
            found.append(f"it raised {error!r:.200}")
        return tuple(Finding(rule=self.name, what=what) for what in found)


def shown(value: object) -> str:
    """Show a value in a finding, in one line of bounded length."""
    return f"{value!r:.160}"


def differing(pairs: Iterable[tuple[str, object, object]]) -> Iterator[str]:
    """Say of each (what, found, expected) where the two differ."""
    for what, found, expected in pairs:
        if found != expected:
            yield f"{what} is {shown(found)}, not {shown(expected)}"

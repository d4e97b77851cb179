"""A rule: a promise that every codec makes, and a check that finds where one breaks it."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from random import Random
from types import TracebackType
from typing import Final, Self

from agent.conformance.subject import Subject

MAX_FINDINGS: Final = 5
"""So many of one rule say enough."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Draws:
    """Where random choices come from, and how many a check may make; the same seed, the same."""

    seed: int = 0
    count: int = 1000

    def random(self) -> Random:
        """Begin anew."""
        return Random(self.seed)  # noqa: S311 - nothing secret depends on it


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One way in which a codec breaks a rule."""

    rule: str
    what: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A promise in one line, and what finds the ways in which it is broken."""

    name: str
    statement: str
    check: Callable[[Subject, Draws], Iterable[str]] = field(repr=False)

    def findings(self, subject: Subject, draws: Draws | None = None) -> tuple[Finding, ...]:
        """Examine *subject*; what its codec raises unexpectedly is a finding too."""
        found: list[str] = []
        with Attempt() as attempt:
            found.extend(islice(self.check(subject, draws or Draws()), MAX_FINDINGS))
        if attempt.error is not None:
            found.append(f"it raised {attempt.error!r:.200}")
        return tuple(Finding(rule=self.name, what=what) for what in found)


class Attempt:
    """Run foreign code that may raise anything: `error` is what it raised, if it did."""

    def __init__(self) -> None:
        self.error: Exception | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> bool:
        if not isinstance(error, Exception):
            return False
        self.error = error
        return True


def shown(value: object) -> str:
    """Show a value in a finding, in one line of bounded length."""
    return f"{value!r:.160}"


def differing(pairs: Iterable[tuple[str, object, object]]) -> Iterator[str]:
    """Say of each (what, found, expected) where the two differ."""
    for what, found, expected in pairs:
        if found != expected:
            yield f"{what} is {shown(found)}, not {shown(expected)}"

"""What one check says: fine, to be looked at, or failed; and what to do."""

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """How a check ended."""

    OK = "ok"
    WARN = "warn"
    FAILED = "FAILED"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """One line of a report."""

    level: Level
    name: str
    text: str

    def __str__(self) -> str:
        return f"{self.level} {self.name}: {self.text}"


def ok(name: str, text: str) -> Verdict:
    """Make the verdict of a check that found nothing wrong."""
    return Verdict(level=Level.OK, name=name, text=text)


def warn(name: str, text: str) -> Verdict:
    """Make the verdict of a check that found something to look at."""
    return Verdict(level=Level.WARN, name=name, text=text)


def failed(name: str, text: str) -> Verdict:
    """Make the verdict of a check that found what must be mended."""
    return Verdict(level=Level.FAILED, name=name, text=text)

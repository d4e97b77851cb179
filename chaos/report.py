"""What each part did and found, in one aligned table."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Verdict(StrEnum):
    """How a row ended."""

    HELD = "ok"
    BROKEN = "FAILED"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line: the part, what was done to the agent, what was counted, and the verdict."""

    part: str
    done: str
    figures: str
    verdict: Verdict
    why: str = ""


class MissingError(Exception):
    """What a part needs is not on this machine; the text names it."""


HEADS: Final = ("part", "what was done", "figures", "verdict")


def judged(part: str, done: str, figures: str, faults: Sequence[str]) -> Row:
    """Make the row of a part that ran; the first faults say why it failed."""
    verdict = Verdict.BROKEN if faults else Verdict.HELD
    more = f" (and {len(faults) - 2} more)" if len(faults) > 2 else ""
    why = "; ".join(faults[:2]) + more
    return Row(part=part, done=done, figures=figures, verdict=verdict, why=why)


def skipped(part: str, needs: str) -> Row:
    """Make the row of a part that could not run here."""
    return Row(part=part, done="-", figures="-", verdict=Verdict.SKIPPED, why=f"needs {needs}")


def has_failed(rows: Sequence[Row]) -> bool:
    """Tell whether any row is broken; a skipped one is not."""
    return any(row.verdict is Verdict.BROKEN for row in rows)


def table(rows: Sequence[Row]) -> str:
    """Line the columns up."""
    lines = [HEADS, *(_cells(row) for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(HEADS))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )


def _cells(row: Row) -> tuple[str, ...]:
    verdict = f"{row.verdict.value}: {row.why}" if row.why else row.verdict.value
    return row.part, row.done, row.figures, verdict

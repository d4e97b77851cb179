"""Figures, and the table they are printed in."""

import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Self


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """How a figure is spread, a time in ms: for a few rounds `least` and `p50`, for many `p99`."""

    p50: float
    p99: float
    most: float
    least: float
    count: int

    @classmethod
    def of(cls, values: Iterable[float]) -> Self:
        """Sort *values* out; there is at least one."""
        ordered = sorted(values)
        return cls(
            p50=statistics.median(ordered),
            p99=ordered[min(len(ordered) - 1, round(0.99 * len(ordered)))],
            most=ordered[-1],
            least=ordered[0],
            count=len(ordered),
        )

    @property
    def tail(self) -> str:
        """Write p50, p99 and the worst."""
        return f"{self.p50:.3f} / {self.p99:.3f} / {self.most:.3f}"

    @property
    def rounds(self) -> str:
        """Write the median and the bounds."""
        return self.bounded(1)

    def bounded(self, digits: int) -> str:
        """Write the median and the bounds with so many *digits* behind the point."""
        return f"{self.p50:.{digits}f} [{self.least:.{digits}f}-{self.most:.{digits}f}]"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line: a measurement, the machine's floor, how they compare, and what is aimed at."""

    what: str
    agent: str
    floor: str
    compared: str
    aim: str = ""
    is_met: bool | None = None


HEADS = Row(what="", agent="agent", floor="floor", compared="compared", aim="aim")


def table(rows: Sequence[Row], heads: Row = HEADS) -> str:
    """Line the columns up under *heads*."""
    lines = [_cells(row) for row in (heads, *rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(lines[0]))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )


def ratio(agent: float, floor: float) -> str:
    """Write how often the floor goes into what the agent takes."""
    return f"x {agent / floor:.2f}"


def _cells(row: Row) -> tuple[str, ...]:
    verdict = {None: "", True: "  met", False: "  MISSED"}[row.is_met]
    return row.what, row.agent, row.floor, row.compared, row.aim + verdict

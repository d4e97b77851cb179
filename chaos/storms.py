"""Thousands of random storms at every platform, two processes at once."""

import json
import sys
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Final

from agent.demo.dialects import DIALECTS
from chaos.apart import apart
from chaos.kept import quiet
from chaos.report import Row, judged
from chaos.storm import play
from chaos.wrongs import wrongs

PART: Final = "faults"
STORMS: Final = 10_000
AT_ONCE: Final = 250
"""So many are one process's work."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """Storms of one cloud: those of *seed* with the numbers from *first* on."""

    cloud: str
    seed: int
    first: int
    count: int


@dataclass(slots=True, kw_only=True)
class Sum:
    """What many storms came to."""

    storms: int = 0
    faults: dict[str, int] = field(default_factory=dict[str, int])
    raised: int = 0
    lost: int = 0
    doubles: int = 0
    unconfirmed: int = 0
    refused: int = 0
    connects: int = 0
    slowest_s: float = 0.0
    wrongs: list[str] = field(default_factory=list[str])

    def add(self, other: "Sum") -> None:
        """Add others."""
        self.storms += other.storms
        self.faults = dict(Counter(self.faults) + Counter(other.faults))
        self.raised += other.raised
        self.lost += other.lost
        self.doubles += other.doubles
        self.unconfirmed += other.unconfirmed
        self.refused += other.refused
        self.connects += other.connects
        self.slowest_s = max(self.slowest_s, other.slowest_s)
        self.wrongs += other.wrongs


def seed_of(work: Work, number: int) -> str:
    """Name one storm, so that it can be played again."""
    return f"{work.seed}/{work.cloud}/{number}"


def work(wanted: Work) -> Sum:
    """Play them one after the other."""
    total = Sum()
    for number in range(wanted.first, wanted.first + wanted.count):
        seed = seed_of(wanted, number)
        storm = play(wanted.cloud, seed)
        total.add(
            Sum(
                storms=1,
                faults=dict(Counter(str(fault["kind"]) for fault in storm.faults)),
                raised=len(storm.events) + len(storm.reports),
                lost=len(storm.never_heard),
                doubles=storm.doubles,
                unconfirmed=storm.counters.unconfirmed,
                refused=storm.counters.refused,
                connects=len(storm.connects),
                slowest_s=storm.back_s or 0.0,
                wrongs=[f"storm {seed}: {wrong}" for wrong in wrongs(storm)],
            )
        )
    return total


async def run(seed: int, storms: int = STORMS) -> list[Row]:
    """Play *storms* in all, a row for each cloud."""
    each = max(1, storms // len(DIALECTS))
    works = [
        Work(cloud=cloud, seed=seed, first=first, count=min(AT_ONCE, each - first))
        for cloud in DIALECTS
        for first in range(0, each, AT_ONCE)
    ]
    began = time.monotonic()
    results: Sequence[Mapping[str, Any]] = await apart(
        "chaos.storms", [asdict(one) for one in works]
    )
    sums = {cloud: Sum() for cloud in DIALECTS}
    for one, result in zip(works, results, strict=True):
        sums[one.cloud].add(Sum(**result))
    took_ms = (time.monotonic() - began) * 1000 / (each * len(DIALECTS))
    return [row(cloud, total, took_ms) for cloud, total in sums.items()]


def row(cloud: str, total: Sum, took_ms: float) -> Row:
    """Judge the storms of one cloud."""
    figures = (
        f"{sum(total.faults.values())} faults of {len(total.faults)} kinds; {total.raised} raised,"
        f" {total.lost} lost, {total.doubles} doubled, {total.unconfirmed} unconfirmed,"
        f" {total.refused} refused; {total.connects} connects,"
        f" longest way back {total.slowest_s:.0f} s; {took_ms:.0f} ms each"
    )
    return judged(PART, f"{cloud}: {total.storms} storms", figures, total.wrongs)


if __name__ == "__main__":
    quiet()
    print(json.dumps(asdict(work(Work(**json.loads(sys.argv[1]))))))

"""Outages of every dialect in virtual time, judged; `python -m chaos.outages JSON` plays one."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from agent.demo.dialects import DIALECTS
from agent.outbox import Bounds
from chaos.apart import apart
from chaos.outages import cut
from chaos.outages.account import account
from chaos.outages.day import EVENTS, play
from chaos.report import Row, judged

PART: Final = "outage"
HOURS: Final = 24.0
SHORT_HOURS: Final = 6.0
ROWS: Final = Bounds().rows
FEW_ROWS: Final = 300
"""A bound at which a day is thinned."""

GROWS: Final = 1.25
"""What is held may differ so much between two lengths of an outage, and is the same."""

HELD: Final = 384
"""A window of what is told next, and what is young."""

BESIDE_BYTES: Final = 8 << 20
"""What a state file takes beside the rows of an outbox: a journal, and a log of writes."""

MEMORY: Final = Path("/dev/shm")  # noqa: S108 - folders in it are made by `TemporaryDirectory`
"""No disk has a part in this."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """One outage: where, how long, and how many rows its outbox may have."""

    cloud: str
    hours: float = HOURS
    rows: int = ROWS
    events: int = EVENTS
    seed: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What came of it."""

    events: int
    kept: int
    heard: int
    thinned: int
    lost: int
    local: int
    in_memory: int
    disk_bytes: int
    drain_s: float
    messages: int
    per_s: int
    slowest_s: float
    answers: int
    faults: Sequence[str]


def works(seed: int, clouds: Sequence[str]) -> list[Work]:
    """List what is played: a day for every dialect, a shorter one, and little room."""
    days = [Work(cloud=cloud, seed=seed) for cloud in clouds]
    shorter = [Work(cloud=clouds[0], seed=seed, hours=SHORT_HOURS)]
    few = [
        Work(cloud=cloud, seed=seed, rows=FEW_ROWS, hours=hours)
        for cloud, hours in zip(clouds, (HOURS, SHORT_HOURS), strict=False)
    ]
    return [*days, *shorter, *few]


async def run(seed: int, clouds: int | None = None) -> list[Row]:
    """Play them two at once; compare the longer ones with the shorter one."""
    planned = works(seed, list(DIALECTS)[:clouds])
    results: list[Mapping[str, Any]] = [
        *(await apart("chaos.outages", [asdict(work) for work in planned]))
    ]
    found = [Found(**result) for result in results]
    (shorter,) = (
        each
        for work, each in zip(planned, found, strict=True)
        if work.hours == SHORT_HOURS and work.rows == ROWS
    )
    rows = [row(work, each, shorter) for work, each in zip(planned, found, strict=True)]
    return [*rows, *await cut.run(PART)]


def row(work: Work, found: Found, shorter: Found) -> Row:
    """Judge one of them beside a shorter one."""
    faults = list(found.faults)
    if found.in_memory > min(HELD, GROWS * max(shorter.in_memory, HELD / GROWS / 2)):
        faults.append(f"{found.in_memory} messages in memory, {shorter.in_memory} in a shorter one")
    most = Bounds().bytes + BESIDE_BYTES
    if found.disk_bytes > most:
        faults.append(f"{found.disk_bytes} bytes on the disk, allowed are {most}")
    if found.events < work.events:
        faults.append(f"only {found.events} events were raised")
    if work.rows == ROWS and (found.thinned or found.lost):
        faults.append(f"{found.thinned} thinned, {found.lost} lost, though there was room")
    figures = (
        f"{found.events} events; {found.heard} of {found.kept} reports"
        f" (thinned {found.thinned}, lost {found.lost}, local {found.local});"
        f" {found.in_memory} in memory, {found.disk_bytes / 1e6:.1f} MB;"
        f" drained in {found.drain_s:.0f} s, {found.per_s}/s;"
        f" {found.answers} commands, slowest {found.slowest_s:.1f} s"
    )
    return judged(PART, f"{work.cloud}: {work.hours:g} h, {work.rows} rows", figures, faults)


def work(wanted: Work) -> Found:
    """Play one."""
    played = play(
        wanted.cloud,
        seed=wanted.seed,
        hours=wanted.hours,
        rows=wanted.rows,
        events=wanted.events,
        memory=MEMORY if MEMORY.is_dir() else None,
    )
    day, noted = played.day, played.home.noted
    books = account(day, noted.rows, noted.newest)
    before, counters = day.before, day.counters
    return Found(
        events=books.events,
        kept=books.kept,
        heard=books.heard,
        thinned=counters.thinned - before.thinned,
        lost=counters.lost - before.lost,
        local=counters.local - before.local,
        in_memory=day.in_memory,
        disk_bytes=day.disk_bytes,
        drain_s=day.drained_at - day.up_at,
        messages=len(day.entries),
        per_s=day.most_in_a_second(),
        slowest_s=max(day.answers_s),
        answers=len(day.answers_s),
        faults=books.faults,
    )

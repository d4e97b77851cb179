"""What a socket costs at three clouds and at one, side by side, while nothing is asked of it."""

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Final

from bench.figures import Row, Spread, ratio
from bench.machine import Usage, memory_mb, usage
from bench.several import CLOUDS, NAMED, ONE, THREE
from bench.stage import Stage, open_stage
from bench.subject import Subject

SETTLE_S: Final = 3.0
WATCH_S: Final = 5.0
"""As long as a load in steps stays: a report in each window."""

WINDOWS: Final = 3
PAIRS: Final = 2
MEMORY_AIM_MB: Final = 2.0
CPU_AIM: Final = 1.25

LOADS: Final[Mapping[str, str]] = {
    "lamp": "idle, on, lamp",
    "steps": "on, a load that steps each 5 s",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Seat:
    """One process: what it is measured for, and at how many clouds."""

    load: str
    side: str
    number: int

    @property
    def subject(self) -> Subject:
        """Say who that is."""
        name = f"{self.load}-{self.side}-{self.number}"
        return Subject(name=name, clouds=NAMED[self.side], is_on=True, load=self.load)


SEATS: Final = tuple(
    Seat(load=load, side=side, number=number)
    for load in LOADS
    for number in range(PAIRS)
    for side in (ONE, THREE)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What the processes of one kind took: a value a process, or a process and window."""

    rss_mb: list[float] = field(default_factory=list[float])
    pss_mb: list[float] = field(default_factory=list[float])
    cpu: list[float] = field(default_factory=list[float])
    wakes: list[float] = field(default_factory=list[float])

    def note(self, before: Usage, now: Usage) -> None:
        """Note what one window took."""
        elapsed_s = now.at - before.at
        self.cpu.append((now.cpu_s - before.cpu_s) / elapsed_s * 100)
        self.wakes.append((now.wakes - before.wakes) / elapsed_s)


async def measure() -> Sequence[Row]:
    """Start them in turn, one cloud and three; watch all of them at once."""
    seen = {(seat.load, seat.side): Seen() for seat in SEATS}
    names = [seat.subject.name for seat in SEATS]
    async with open_stage(names, clouds=CLOUDS, loads=tuple(LOADS)) as stage:
        await _watch(stage, seen)
    return [row for load in LOADS for row in _rows(load, seen[load, THREE], seen[load, ONE])]


async def _watch(stage: Stage, seen: Mapping[tuple[str, str], Seen]) -> None:
    with ExitStack() as running:
        pids: dict[int, Seen] = {}
        for seat in SEATS:
            subject = seat.subject
            pid = running.enter_context(stage.agent(subject).running()).pid
            pids[pid] = seen[seat.load, seat.side]
            await stage.is_up(subject.name, subject.clouds)
        await asyncio.sleep(SETTLE_S)
        for _ in range(WINDOWS):
            before = {pid: usage(pid) for pid in pids}
            await asyncio.sleep(WATCH_S)
            for pid, notes in pids.items():
                notes.note(before[pid], usage(pid))
        for pid, notes in pids.items():
            rss_mb, pss_mb = memory_mb(pid)
            notes.rss_mb.append(rss_mb)
            notes.pss_mb.append(pss_mb)


def _rows(load: str, three: Seen, one: Seen) -> list[Row]:
    what = LOADS[load]
    rows = [_cpu(f"{what}: CPU (%, {len(one.cpu)} windows)", three.cpu, one.cpu)]
    if load == "lamp":
        rows.insert(0, _memory(f"{what}: RSS (MB, {PAIRS} each)", three.rss_mb, one.rss_mb))
        rows.insert(1, _memory(f"{what}: PSS (MB, {PAIRS} each)", three.pss_mb, one.pss_mb))
        rows.append(_cpu(f"{what}: wake-ups/s", three.wakes, one.wakes))
    return rows


def _memory(what: str, three: list[float], one: list[float]) -> Row:
    many, few = Spread.of(three), Spread.of(one)
    more_mb = many.p50 - few.p50
    return Row(
        what=what,
        agent=many.rounds,
        floor=few.rounds,
        compared=f"{ratio(many.p50, few.p50)}, {more_mb:+.1f} MB",
        aim=f"<= +{MEMORY_AIM_MB:g} MB",
        is_met=more_mb <= MEMORY_AIM_MB,
    )


def _cpu(what: str, three: list[float], one: list[float]) -> Row:
    many, few = Spread.of(three), Spread.of(one)
    return Row(
        what=what,
        agent=many.bounded(2),
        floor=few.bounded(2),
        compared=ratio(many.p50, few.p50),
        aim=f"<= {CPU_AIM:g} x one",
        is_met=many.p50 <= CPU_AIM * few.p50,
    )

"""What a socket costs while nothing happens but its meter's frames, at their real pace."""

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Final

from bench.figures import Row
from bench.machine import Usage, memory_mb, usage
from bench.stage import FLOOR, Stage, open_stage
from bench.subject import Subject

SETTLE_S: Final = 5.0
WATCH_S: Final = 30.0
MEMORY_AIM_MB: Final = 10.0
CPU_AIM: Final = 0.5

SUBJECTS: Final[Mapping[str, Subject]] = {
    "off, no light": Subject(name="off-dark"),
    "on, no light": Subject(name="on-dark", is_on=True),
    "off, light": Subject(name="off-light", light="simulated"),
    "on, light": Subject(name="on-light", is_on=True, light="simulated"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What one process took: megabytes, per cent of a core, wake-ups a second."""

    rss_mb: float
    pss_mb: float
    cpu: float
    wakes: float

    def __str__(self) -> str:
        memory = f"{self.rss_mb:.1f} / {self.pss_mb:.1f}"
        return f"{memory} MB, {self.cpu:.2f} %, {self.wakes:.1f}"


async def measure() -> Sequence[Row]:
    """Watch the floor and four sockets, all at once, over TLS."""
    async with open_stage((FLOOR, *(each.name for each in SUBJECTS.values()))) as stage:
        costs = await _watch(stage)
    floor = costs.pop(FLOOR)
    return [_row(what, cost, floor) for what, cost in costs.items()]


async def _watch(stage: Stage) -> dict[str, Cost]:
    programs = {what: stage.agent(subject) for what, subject in SUBJECTS.items()}
    programs[FLOOR] = stage.floor(Subject(name=FLOOR))
    names = {what: subject.name for what, subject in SUBJECTS.items()} | {FLOOR: FLOOR}
    with ExitStack() as running:
        pids = {}
        for what, program in programs.items():
            pids[what] = running.enter_context(program.running()).pid
            await stage.is_up(names[what])
        await asyncio.sleep(SETTLE_S)
        before = {what: usage(pid) for what, pid in pids.items()}
        await asyncio.sleep(WATCH_S)
        return {what: _cost(pid, before[what]) for what, pid in pids.items()}


def _cost(pid: int, before: Usage) -> Cost:
    now = usage(pid)
    elapsed_s = now.at - before.at
    rss_mb, pss_mb = memory_mb(pid)
    return Cost(
        rss_mb=rss_mb,
        pss_mb=pss_mb,
        cpu=(now.cpu_s - before.cpu_s) / elapsed_s * 100,
        wakes=(now.wakes - before.wakes) / elapsed_s,
    )


def _row(what: str, cost: Cost, floor: Cost) -> Row:
    more_mb = cost.rss_mb - floor.rss_mb
    return Row(
        what=f"idle, {what} (RSS / PSS, CPU, wake-ups/s)",
        agent=str(cost),
        floor=str(floor),
        compared=f"{more_mb:+.1f} MB, {cost.cpu - floor.cpu:+.2f} points",
        aim=f"<= +{MEMORY_AIM_MB:g} MB, {CPU_AIM} %",
        is_met=more_mb <= MEMORY_AIM_MB and cost.cpu <= CPU_AIM,
    )

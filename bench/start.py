"""From exec to a device that the cloud may send commands to."""

import time
from collections.abc import Sequence
from typing import Final

from bench.figures import Row, Spread, ratio
from bench.stage import AGENT, FLOOR, Program, Stage, open_stage
from bench.subject import Subject

ROUNDS: Final = 15
AIM: Final = 1.6


async def measure(*, is_tls: bool) -> Sequence[Row]:
    """Start both sides in turn, and end each before the next begins."""
    taken: dict[str, list[float]] = {AGENT: [], FLOOR: []}
    async with open_stage() as stage:
        for number in range(ROUNDS + 1):
            for name, times in taken.items():
                elapsed_ms = await _start(stage, name, _program(stage, name, is_tls=is_tls))
                if number:  # the first fills the disk's cache
                    times.append(elapsed_ms)
    agent, floor = (Spread.of(taken[name]) for name in (AGENT, FLOOR))
    return [
        Row(
            what=f"exec -> connected, {'TLS' if is_tls else 'plain'} (ms, {ROUNDS} rounds)",
            agent=agent.rounds,
            floor=floor.rounds,
            compared=ratio(agent.p50, floor.p50),
            aim=f"p50 <= {AIM} x floor",
            is_met=agent.p50 <= AIM * floor.p50,
        )
    ]


def _program(stage: Stage, name: str, *, is_tls: bool) -> Program:
    subject = Subject(name=name, is_tls=is_tls)
    return stage.agent(subject) if name == AGENT else stage.floor(subject)


async def _start(stage: Stage, name: str, program: Program) -> float:
    started = time.monotonic()
    with program.running():
        await stage.is_up(name)
        elapsed_ms = (time.monotonic() - started) * 1000
    await stage.is_down(name)
    return elapsed_ms

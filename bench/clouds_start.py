"""From exec until every cloud may send commands: three clouds, and one."""

import time
from collections.abc import Sequence
from typing import Final

from bench.figures import Row, Spread, ratio
from bench.several import CLOUDS, NAMED, ONE, THREE
from bench.stage import AGENT, Stage, open_stage
from bench.subject import Subject

ROUNDS: Final = 6
AIM: Final = 1.25


async def measure() -> Sequence[Row]:
    """Start both in turn, and end each before the next begins."""
    taken: dict[str, list[float]] = {ONE: [], THREE: []}
    async with open_stage((AGENT,), clouds=CLOUDS) as stage:
        for number in range(ROUNDS + 1):
            for side, times in taken.items():
                elapsed_ms = await _start(stage, NAMED[side])
                if number:  # the first fills the disk's cache
                    times.append(elapsed_ms)
    three, one = Spread.of(taken[THREE]), Spread.of(taken[ONE])
    return [
        Row(
            what=f"exec -> all connected, TLS (ms, {ROUNDS} rounds)",
            agent=three.rounds,
            floor=one.rounds,
            compared=ratio(three.p50, one.p50),
            aim=f"p50 <= {AIM} x one",
            is_met=three.p50 <= AIM * one.p50,
        )
    ]


async def _start(stage: Stage, clouds: tuple[str, ...]) -> float:
    program = stage.agent(Subject(name=AGENT, clouds=clouds))
    started = time.monotonic()
    with program.running():
        await stage.is_up(AGENT, clouds)
        elapsed_ms = (time.monotonic() - started) * 1000
    await stage.is_down(AGENT, clouds)
    return elapsed_ms

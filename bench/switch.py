"""From SIGHUP until another cloud may send commands, under a load: one line of the file changes."""

import asyncio
import json
import signal
import time
from collections.abc import Awaitable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from subprocess import Popen
from typing import Final

from bench.figures import Row, Spread
from bench.several import CLOUDS
from bench.stage import Stage, open_stage, rename, run
from bench.subject import Subject

SOCKETS: Final = 5
ROUND: Final = (*CLOUDS, CLOUDS[0])
CONNECT_INTERVAL_S: Final = 5.0
"""What every platform wants between two CONNECTs of one device; the agent keeps to it."""

MARGIN_S: Final = 0.5
AIM_MS: Final = 100.0
HEADS: Final = Row(
    what="", agent="SIGHUP -> connected", floor="old link gone", compared="relay moved", aim="aim"
)
SUBJECTS: Final = tuple(
    Subject(
        name=f"switched-{number}",
        clouds=ROUND[:1],
        spare=tuple(cloud for cloud in CLOUDS if cloud != ROUND[0]),
        is_on=True,
        load="kettle",
    )
    for number in range(SOCKETS)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Socket:
    """One running agent, its file, and where its relay's movements will be written."""

    name: str
    config: Path
    stamps: Path
    process: "Popen[bytes]" = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One way, by all sockets: from which cloud to which, and how long each took."""

    before: str
    after: str
    up_ms: list[float] = field(default_factory=list[float])
    gone_ms: list[float] = field(default_factory=list[float])


async def measure() -> Sequence[Row]:
    """Move socket after socket to the next cloud, and at last back to the first."""
    steps = [Step(before=before, after=after) for before, after in pairwise(ROUND)]
    names = [each.name for each in SUBJECTS]
    async with open_stage(names, clouds=CLOUDS, loads=("kettle",)) as stage:
        moved = await _walk(stage, steps)
    return [_row(step, moves) for step, moves in zip(steps, moved, strict=True)]


async def _walk(stage: Stage, steps: Sequence[Step]) -> list[int]:
    """Take all steps; count how often a relay moved from the begin of each to the next."""
    begins: list[int] = []
    with ExitStack() as running:
        sockets = [await _start(stage, running, subject) for subject in SUBJECTS]
        for step in steps:
            begins.append(time.monotonic_ns())
            if step.after == ROUND[0]:
                await asyncio.sleep(CONNECT_INTERVAL_S + MARGIN_S)
            for socket in sockets:
                await _take(stage, step, socket)
        end = time.monotonic_ns()
    stamps = [stamp for socket in sockets for stamp in json.loads(socket.stamps.read_text())]
    return [movements(stamps, *span) for span in pairwise([*begins, end])]


async def _start(stage: Stage, running: ExitStack, subject: Subject) -> Socket:
    config = stage.write(subject)
    stamps = config.with_name("stamps")
    process = running.enter_context(run(config, stamps=stamps).running())
    await stage.is_up(subject.name, subject.clouds)
    return Socket(name=subject.name, config=config, stamps=stamps, process=process)


async def _take(stage: Stage, step: Step, socket: Socket) -> None:
    """Move one socket; it leaves the old cloud while it goes to the new one."""
    rename(socket.config, (step.after,))
    begin = time.monotonic()
    socket.process.send_signal(signal.SIGHUP)

    async def note(awaited: Awaitable[None], times: list[float]) -> None:
        await awaited
        times.append((time.monotonic() - begin) * 1000)

    await asyncio.gather(
        note(stage.is_up(socket.name, (step.after,)), step.up_ms),
        note(stage.is_down(socket.name, (step.before,)), step.gone_ms),
    )


def movements(stamps: Sequence[int], begin: int, end: int) -> int:
    """Count how often a relay was driven from *begin* on and before *end*."""
    return sum(begin <= stamp < end for stamp in stamps)


def _row(step: Step, moved: int) -> Row:
    up, gone = Spread.of(step.up_ms), Spread.of(step.gone_ms)
    return Row(
        what=f"{step.before} -> {step.after}, at 900 W (ms, {up.count} sockets)",
        agent=up.rounds,
        floor=gone.rounds,
        compared=str(moved),
        aim=f"p50 <= {AIM_MS:g} ms, 0 movements",
        is_met=up.p50 <= AIM_MS and moved == 0,
    )

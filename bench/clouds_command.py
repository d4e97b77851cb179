"""From a cloud's command to the reply in its hands: beside two other clouds, and alone."""

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Final

from agent.demo.dialects import DIALECTS
from bench.figures import Row, Spread
from bench.several import CLOUDS, ratios
from bench.stage import Stage, open_stage
from bench.subject import Subject

ROUNDS: Final = 5
COMMANDS: Final = 50
WARM_UP: Final = 20
PAUSE_S: Final = 0.005
AIM: Final = 1.2
DONE: Final = (0, 200)
"""What the platforms' codes are for a command that was obeyed."""

ALL: Final = Subject(name="at-three", clouds=CLOUDS)
ALONE: Final[Mapping[str, Subject]] = {
    cloud: Subject(name=f"at-{cloud}", clouds=(cloud,)) for cloud in CLOUDS
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """How long the replies to one cloud took."""

    three_ms: list[float] = field(default_factory=list[float])
    one_ms: list[float] = field(default_factory=list[float])


async def measure() -> Sequence[Row]:
    """Run all at once and command them in turn: each cloud both devices that it has."""
    seen = {cloud: Seen() for cloud in CLOUDS}
    subjects = (ALL, *ALONE.values())
    async with open_stage([each.name for each in subjects], clouds=CLOUDS) as stage:
        with ExitStack() as running:
            for subject in subjects:
                running.enter_context(stage.agent(subject).running())
                await stage.is_up(subject.name, subject.clouds)
            for cloud in CLOUDS:
                await _both(stage, cloud, Seen(), WARM_UP)
            for _ in range(ROUNDS):
                for cloud, notes in seen.items():
                    await _both(stage, cloud, notes, COMMANDS)
    return [_row(cloud, notes) for cloud, notes in seen.items()]


async def _both(stage: Stage, cloud: str, seen: Seen, count: int) -> None:
    await _round(stage, cloud, ALONE[cloud], seen.one_ms, count)
    await _round(stage, cloud, ALL, seen.three_ms, count)


async def _round(
    stage: Stage, cloud: str, subject: Subject, reply_ms: list[float], count: int
) -> None:
    """Switch on and off; an even count leaves the contact open."""
    key = stage.key(subject.name, cloud)
    for number in range(count):
        await asyncio.sleep(PAUSE_S)
        values = DIALECTS[cloud].switch(on=number % 2 == 0)
        reply = await stage.emulator.set_properties(key, values)
        if reply.outcome != "answered" or reply.code not in DONE:
            raise RuntimeError(f"{key} did not obey: {reply}")
        reply_ms.append(reply.elapsed_ms)


def _row(cloud: str, seen: Seen) -> Row:
    three, one = Spread.of(seen.three_ms), Spread.of(seen.one_ms)
    return Row(
        what=f"command -> reply, {cloud}, TLS (ms, {one.count} each)",
        agent=three.tail,
        floor=one.tail,
        compared=ratios(three, one),
        aim=f"p50 <= {AIM} x one",
        is_met=three.p50 <= AIM * one.p50,
    )

"""From the cloud's command to the relay, and to the reply in the cloud's hands."""

import asyncio
import json
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from bench.figures import Row, Spread, ratio
from bench.stage import AGENT, FLOOR, Program, Stage, open_stage
from bench.subject import Subject

ROUNDS: Final = 12
COMMANDS: Final = 50
WARM_UP: Final = 20
PAUSE_S: Final = 0.005
AIM: Final = 1.2


@dataclass(slots=True)
class Seen:
    """What the cloud saw of one side: when each command was sent, and how long its reply took."""

    sent_ns: list[int] = field(default_factory=list[int])
    reply_ms: list[float] = field(default_factory=list[float])


async def measure(*, is_tls: bool) -> Sequence[Row]:
    """Run both sides at once and command them in turn."""
    async with open_stage() as stage:
        seen = {AGENT: Seen(), FLOOR: Seen()}
        stamps = {name: stage.folder / f"{name}.stamps" for name in seen}
        programs = {
            AGENT: stage.agent(Subject(name=AGENT, is_tls=is_tls), stamps=stamps[AGENT]),
            FLOOR: stage.floor(Subject(name=FLOOR, is_tls=is_tls), stamps=stamps[FLOOR]),
        }
        await _command(stage, programs, seen)
        driven = {name: _read(path) for name, path in stamps.items()}
    return _rows(seen, driven, is_tls=is_tls)


async def _command(stage: Stage, programs: dict[str, Program], seen: dict[str, Seen]) -> None:
    with ExitStack() as running:
        for name, program in programs.items():
            running.enter_context(program.running())
            await stage.is_up(name)
        for name in seen:
            await _round(stage, name, Seen(), WARM_UP)
        for _ in range(ROUNDS):
            for name, notes in seen.items():
                await _round(stage, name, notes, COMMANDS)


async def _round(stage: Stage, name: str, seen: Seen, count: int) -> None:
    """Switch on and off; an even count leaves the contact open."""
    key = stage.key(name)
    for number in range(count):
        await asyncio.sleep(PAUSE_S)
        seen.sent_ns.append(time.monotonic_ns())
        reply = await stage.emulator.set_properties(key, {"power_switch": 1 - number % 2})
        if reply.outcome != "answered" or reply.code != 0:
            raise RuntimeError(f"{name} did not obey: {reply}")
        seen.reply_ms.append(reply.elapsed_ms)


def _read(path: Path) -> list[int]:
    stamps: list[int] = json.loads(path.read_text())
    return stamps


def _rows(seen: dict[str, Seen], stamps: dict[str, list[int]], *, is_tls: bool) -> list[Row]:
    wire = "TLS" if is_tls else "plain"
    reply = {name: Spread.of(notes.reply_ms) for name, notes in seen.items()}
    relay = {name: Spread.of(_relay_ms(notes, stamps[name])) for name, notes in seen.items()}
    met = reply[AGENT].p50 <= AIM * reply[FLOOR].p50
    return [
        _row(f"command -> relay, {wire}", relay),
        _row(f"command -> reply, {wire}", reply, f"p50 <= {AIM} x floor", is_met=met),
    ]


def _row(what: str, spread: dict[str, Spread], aim: str = "", *, is_met: bool | None = None) -> Row:
    agent, floor = spread[AGENT], spread[FLOOR]
    return Row(
        what=f"{what} (ms, {agent.count} each)",
        agent=agent.tail,
        floor=floor.tail,
        compared=ratio(agent.p50, floor.p50),
        aim=aim,
        is_met=is_met,
    )


def _relay_ms(seen: Seen, stamps: list[int]) -> list[float]:
    """Pair the last commands with the last stamps but those of warming up and stopping."""
    driven = stamps[WARM_UP : WARM_UP + len(seen.sent_ns)]
    pairs = zip(seen.sent_ns, driven, strict=True)
    return [(relay - sent) / 1e6 for sent, relay in pairs]

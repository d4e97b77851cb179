"""From the last byte of a frame to the relay of an agent whose links are at work meanwhile."""

import asyncio
import json
import socket
import sys
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Final

from agent.drivers.hlw8032.frame import FRAME_PERIOD_S
from bench.figures import Row, Spread
from bench.several import CLOUDS, NAMED, ONE, THREE, ratios
from bench.stage import ENVIRON, Program, Stage, open_stage
from bench.subject import Subject
from bench.trip import PAUSES, WARM_UP, delays_ms, listening, send

FRAMES: Final = 150
AIM: Final = 1.25
NAMES: Final[Mapping[str, str]] = {ONE: "trips-at-one", THREE: "trips-at-three"}


async def measure() -> Sequence[Row]:
    """Send frames to both in turn; each of them trips, and each trip is told to the clouds."""
    async with open_stage(tuple(NAMES.values()), clouds=CLOUDS) as stage:
        stamps = {side: stage.folder / f"{side}.stamps" for side in (ONE, THREE)}
        with ExitStack() as stack:
            lines = {side: await _start(stage, stack, side, path) for side, path in stamps.items()}
            period_s = FRAME_PERIOD_S / PAUSES
            sent = await asyncio.to_thread(send, lines, period_s, FRAMES + WARM_UP)
        spreads = {
            side: Spread.of(delays_ms(sent[side][WARM_UP:], json.loads(path.read_text())))
            for side, path in stamps.items()
        }
    three, one = spreads[THREE], spreads[ONE]
    return [
        Row(
            what=f"last byte -> relay, each {FRAME_PERIOD_S * 1000:.0f} ms (ms, {one.count} each)",
            agent=three.tail,
            floor=one.tail,
            compared=ratios(three, one),
            aim=f"p50 <= {AIM} x one",
            is_met=three.p50 <= AIM * one.p50,
        )
    ]


async def _start(stage: Stage, stack: ExitStack, side: str, stamps: Path) -> socket.socket:
    """Start an agent, give it the line that it reads, and wait until its clouds are up."""
    server = stack.enter_context(listening())
    subject = Subject(name=NAMES[side], clouds=NAMED[side], is_on=True)
    config = stage.write(subject, meter_port=server.getsockname()[1])
    command = [sys.executable, "-m", "bench.tripping", str(config), str(stamps)]
    stack.enter_context(Program(command=command, environ=ENVIRON).running())
    line, _ = await asyncio.to_thread(server.accept)
    stack.callback(line.close)
    await stage.is_up(subject.name, subject.clouds)
    return line

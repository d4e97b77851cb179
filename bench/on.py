"""From exec of `polycloud on` to the relay, beside a bare program that sends the same line."""

import asyncio
import json
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from bench.figures import Row, Spread
from bench.stage import AGENT, ENVIRON, FLOOR, open_stage, run
from bench.subject import Subject

ROUNDS: Final = 30
AIM_MS: Final = 200.0
MOVES: Final = ("on", "off")

Sent = tuple[str, int]
"""Which side, and when its program was started (monotonic ns)."""


async def measure() -> Sequence[Row]:
    """Switch on and off by either side in turn."""
    async with open_stage((AGENT,)) as stage:
        stamps = stage.folder / "stamps"
        config = stage.write(Subject(name=AGENT))
        with run(config, stamps=stamps).running():
            await stage.is_up(AGENT)
            sent = await asyncio.to_thread(_switch, config.with_name("control.sock"))
        driven: list[int] = json.loads(stamps.read_text())
    return [_row(taken(sent, driven))]


def _switch(control_socket: Path) -> list[Sent]:
    """Run the programs; the first round fills the disk's cache and the last opens the contact."""
    polycloud = str(Path(sys.executable).with_name("polycloud"))
    bare = str(Path(__file__).with_name("bare_on.py"))
    sent: list[Sent] = []
    for _ in range(ROUNDS + 1):
        for side in (AGENT, FLOOR):
            for move in MOVES:
                command = (
                    [polycloud, move, "--socket", str(control_socket)]
                    if side == AGENT
                    else [sys.executable, bare, str(control_socket), move]
                )
                sent.append((side, time.monotonic_ns()))
                subprocess.run(command, env=ENVIRON, stdout=subprocess.DEVNULL, check=True)
    return sent


def taken(sent: Sequence[Sent], driven: Sequence[int]) -> Mapping[str, list[float]]:
    """Pair each start with the movement that came of it, without those of the first round."""
    times: dict[str, list[float]] = {AGENT: [], FLOOR: []}
    moved = driven[: len(sent)]
    pairs = list(zip(sent, moved, strict=True))[2 * len(MOVES) :]
    for (side, started), at in pairs:
        times[side].append((at - started) / 1e6)
    return times


def _row(times: Mapping[str, list[float]]) -> Row:
    agent, floor = Spread.of(times[AGENT]), Spread.of(times[FLOOR])
    return Row(
        what=f"polycloud on -> relay (ms, {agent.count} each)",
        agent=agent.tail,
        floor=floor.tail,
        compared=f"{agent.p50 - floor.p50:+.1f} p50",
        aim=f"p50 <= {AIM_MS:g} ms",
        is_met=agent.p50 <= AIM_MS,
    )

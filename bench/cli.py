"""What a person at the command line waits for, beside a bare interpreter."""

import asyncio
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from bench.figures import Row, Spread
from bench.stage import AGENT, ENVIRON, open_stage, run
from bench.subject import Subject

ROUNDS: Final = 12
AIM_MS: Final = 200.0


async def measure() -> Sequence[Row]:
    """Run the commands in turn with an interpreter that does nothing."""
    async with open_stage((AGENT,)) as stage:
        config = stage.write(Subject(name=AGENT))
        with run(config).running():
            await stage.is_up(AGENT)
            taken = await asyncio.to_thread(_run, config.with_name("control.sock"))
    floor = taken.pop("")
    return [_row(what, Spread.of(times), Spread.of(floor)) for what, times in taken.items()]


def _run(control_socket: Path) -> dict[str, list[float]]:
    polycloud = str(Path(sys.executable).with_name("polycloud"))
    commands: Mapping[str, list[str]] = {
        "polycloud --help": [polycloud, "--help"],
        "polycloud status": [polycloud, "status", "--socket", str(control_socket)],
        "": [sys.executable, "-c", "pass"],
    }
    taken: dict[str, list[float]] = {what: [] for what in commands}
    for number in range(ROUNDS + 1):
        for what, command in commands.items():
            started = time.monotonic()
            subprocess.run(command, env=ENVIRON, stdout=subprocess.DEVNULL, check=True)
            if number:  # the first fills the disk's cache
                taken[what].append((time.monotonic() - started) * 1000)
    return taken


def _row(what: str, agent: Spread, floor: Spread) -> Row:
    return Row(
        what=f"{what} (ms, {ROUNDS} rounds)",
        agent=agent.rounds,
        floor=floor.rounds,
        compared=f"{agent.p50 - floor.p50:+.1f} p50",
        aim=f"p50 <= {AIM_MS:g} ms",
        is_met=agent.p50 <= AIM_MS,
    )

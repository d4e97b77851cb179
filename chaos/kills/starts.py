"""Started and killed over and over: the platform's limit on connects holds across all lives."""

import asyncio
import math
import random
import time
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from agent.clouds.limits import TENCENT
from agent.emulator.emulator import Emulator
from agent.emulator.options import DEMO_DEVICE
from chaos.gate import Gate, closest_s, gate
from chaos.report import Row, judged
from chaos.stage import Stage, living

PART: Final = "starts"
LIVES: Final = 60
EVERY_S: Final = 1.0
MOST_S: Final = 0.5
"""How long a life lasts when it is ready: a connect takes less."""

MEASURED_S: Final = 0.1
"""Two processes' starts and a queue at the broker lie between the agent's clock and ours."""


@asynccontextmanager
async def clouded(folder: Path) -> AsyncGenerator[tuple[Stage, Gate], None]:
    """Set up an agent's stage with an emulated cloud behind a gate."""
    async with AsyncExitStack() as stack:
        emulator = await stack.enter_async_context(Emulator())
        counted, port = await stack.enter_async_context(gate(emulator.ports.tencent.mqtt))
        cloud: dict[str, object] = {
            "product_id": DEMO_DEVICE.product,
            "device_name": DEMO_DEVICE.name,
            "device_secret": DEMO_DEVICE.secret,
            "host": "127.0.0.1",
            "port": port,
            "tls": False,
        }
        stage = Stage(folder=folder, state=folder / "state")
        stage.write({"device": {"clouds": ["tencent"]}, "clouds.tencent": cloud})
        yield stage, counted


async def run(seed: int, lives: int = LIVES) -> list[Row]:
    """Start once a second, or as fast as this machine can, and kill before the next."""
    chance = random.Random(seed)  # noqa: S311 - to be repeated, no secret
    began = time.monotonic()
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="polycloud-chaos-")))
        stage, counted = await stack.enter_async_context(clouded(folder))
        for number in range(1, lives + 1):
            async with living(stage) as life:
                await life.ready()
                await asyncio.sleep(chance.uniform(0, MOST_S))
                await life.kill()
            await asyncio.sleep(max(0.0, began + number * EVERY_S - time.monotonic()))
        return [row(counted, lives, time.monotonic() - began)]


def row(counted: Gate, lives: int, took_s: float) -> Row:
    """Judge what the gate saw."""
    connects = sum(map(len, counted.seen.values()))
    closest = closest_s(counted.seen)
    floor_s = TENCENT.connect_interval_s
    faults: list[str] = []
    if closest is not None and closest < floor_s - MEASURED_S:
        faults.append(f"two CONNECTs only {closest:.2f} s apart, allowed is {floor_s:g} s")
    # Each death makes the next wait up to twice as long.
    if connects < max(1, int(math.log2(max(1.0, took_s / floor_s)))):
        faults.append(f"only {connects} CONNECTs: the agent never gets through")
    text = "none" if closest is None else f"{closest:.2f} s"
    figures = (
        f"{connects} CONNECTs of {len(counted.seen)} identity; closest {text} (>= {floor_s:g})"
    )
    return judged(PART, f"{lives} starts, killed directly, in {took_s:.0f} s", figures, faults)

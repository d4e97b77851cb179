"""Three clouds that come and go, each by itself, while frames trip the relay and people ask."""

import asyncio
import json
import random
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack, ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, cast

from agent.control.client import ControlClient
from agent.drivers.hlw8032.frame import FRAME_PERIOD_S
from bench.figures import Spread
from bench.several import CLOUDS
from bench.stage import ENVIRON, Program, Stage, open_stage
from bench.subject import Subject
from bench.trip import WARM_UP, delays_ms, listening, send
from chaos.report import Row, judged

PART: Final = "flaps"
FRAMES: Final = 280
ROUNDS: Final = 4
ASKED: Final = 12
UP: Final = "all-up"
FLAPPING: Final = "flapping"
SIDES: Final[Mapping[str, tuple[str, ...]]] = {
    "without": (),
    "without-again": (),
    UP: CLOUDS,
    FLAPPING: CLOUDS,
}
WITHOUT: Final = ("without", "without-again")
FACTOR: Final = 1.5
LEAST_NOISE_MS: Final = 0.3
CLI_NOISE_MS: Final = 30.0
BACK_S: Final = 150.0
"""The longest wait after a failure, and what is noticed late."""

MOST_DROPS: Final = 2
"""Three sessions in a row that are cut soon look like another client, and wait for minutes."""


@dataclass(slots=True)
class Flaps:
    """Breaks each cloud of one device at random, and counts the faults."""

    stage: Stage
    chance: random.Random
    count: int = 0

    async def run(self) -> None:
        """Go on until cancelled."""
        async with asyncio.TaskGroup() as group:
            for cloud in CLOUDS:
                group.create_task(self._break(cloud), name=cloud)

    async def _break(self, cloud: str) -> None:
        key, drops = self.stage.key(FLAPPING, cloud), 0
        while True:
            fault = self._draw(may_drop=drops < MOST_DROPS)
            drops += fault["kind"] == "drop"
            self.stage.emulator.add_fault({**fault, "device": f"{cloud}/{key.product}/{key.name}"})
            self.count += 1
            await asyncio.sleep(self.chance.uniform(1, 4))

    def _draw(self, *, may_drop: bool) -> dict[str, object]:
        chance = self.chance
        faults: list[dict[str, object]] = [
            {"kind": "half_open"},
            {"kind": "silence", "seconds": chance.uniform(1, 4)},
            {"kind": "delay", "seconds": chance.uniform(0.1, 2), "count": 10},
            {"kind": "garbage"},
            {"kind": "reject", "count": 2},
        ]
        if may_drop:
            faults += [{"kind": "drop", "seconds": chance.uniform(0.5, 3)}] * 3
        return chance.choice(faults)


@dataclass(slots=True, kw_only=True)
class Seen:
    """What was measured of each side, and what the agent at the flapping clouds says at the end."""

    relay_ms: dict[str, Spread] = field(default_factory=dict[str, Spread])
    cli_ms: dict[str, Spread] = field(default_factory=dict[str, Spread])
    faults: int = 0
    back_s: float | None = None
    clouds: Mapping[str, Mapping[str, object]] = field(
        default_factory=dict[str, Mapping[str, object]]
    )


async def run(seed: int, frames: int = FRAMES) -> list[Row]:
    """Measure all sides in turn, frame by frame, so that what disturbs one disturbs all."""
    chance = random.Random(seed)  # noqa: S311 - to be repeated, no secret
    seen = Seen()
    async with open_stage(tuple(SIDES), clouds=CLOUDS) as stage:
        stamps = {side: stage.folder / f"{side}.stamps" for side in SIDES}
        async with AsyncExitStack() as outer:
            stack = outer.enter_context(ExitStack())
            lines: dict[str, socket.socket] = {}
            controls: dict[str, Path] = {}
            for side, path in stamps.items():
                lines[side], controls[side] = await start(stage, stack, side, path)
            flaps = Flaps(stage, chance)
            flapping = asyncio.create_task(flaps.run(), name=PART)
            try:
                pause_s = FRAME_PERIOD_S / (2 * len(lines))
                sent = await asyncio.to_thread(send, lines, pause_s, frames + WARM_UP)
                seen.cli_ms = await asyncio.to_thread(ask, controls)
            finally:
                flapping.cancel()
                await asyncio.wait([flapping])
            seen.faults = flaps.count
            stage.emulator.clear_faults()
            seen.back_s = await _back(controls[FLAPPING])
            seen.clouds = await _clouds(controls[FLAPPING])
        for side, path in stamps.items():
            times = delays_ms(sent[side][WARM_UP:], json.loads(path.read_text()))
            seen.relay_ms[side] = _calmest(times)
    return rows(seen)


async def start(
    stage: Stage, stack: ExitStack, side: str, stamps: Path
) -> tuple[socket.socket, Path]:
    """Start an agent, give it the line that it reads, and wait until its clouds are up."""
    server = stack.enter_context(listening())
    subject = Subject(name=side, clouds=SIDES[side], is_on=True)
    config = stage.write(subject, meter_port=server.getsockname()[1])
    command = [sys.executable, "-m", "bench.tripping", str(config), str(stamps)]
    stack.enter_context(Program(command=command, environ=ENVIRON).running())
    line, _ = await asyncio.to_thread(server.accept)
    stack.callback(line.close)
    await stage.is_up(subject.name, subject.clouds)
    return line, config.with_name("control.sock")


def ask(controls: Mapping[str, Path], times: int = ASKED) -> dict[str, Spread]:
    """Run `polycloud status` on each side in turn, *times* times."""
    polycloud = str(Path(sys.executable).with_name("polycloud"))
    taken: dict[str, list[float]] = {side: [] for side in controls}
    for number in range(times + 1):
        for side, control in controls.items():
            began = time.monotonic()
            command = [polycloud, "status", "--socket", str(control)]
            subprocess.run(command, env=ENVIRON, stdout=subprocess.DEVNULL, check=True)
            if number:  # the first fills the disk's cache
                taken[side].append((time.monotonic() - began) * 1000)
    return {side: Spread.of(each) for side, each in taken.items()}


async def _clouds(control: Path) -> Mapping[str, Mapping[str, object]]:
    answer = await asyncio.to_thread(ControlClient(str(control)).call, "status", {})
    status = cast("Mapping[str, Sequence[Mapping[str, object]]]", answer)
    return cast("Mapping[str, Mapping[str, object]]", status["devices"][0]["clouds"])


async def _back(control: Path) -> float | None:
    """Wait until every cloud is connected and has everything; tell how long that took."""
    began = time.monotonic()
    while time.monotonic() < began + BACK_S:
        clouds = await _clouds(control)
        if all(each["connected"] and not each["pending"] for each in clouds.values()):
            return time.monotonic() - began
        await asyncio.sleep(0.5)
    return None


def _calmest(times: Sequence[float]) -> Spread:
    """Take the round that the rest of the machine disturbed least."""
    size = -(-len(times) // ROUNDS)
    rounds = [Spread.of(times[at : at + size]) for at in range(0, len(times), size)]
    return min(rounds, key=lambda spread: spread.p99)


def rows(seen: Seen) -> list[Row]:
    """Compare with the better of the agents without clouds; those differ by noise alone."""
    best, other = sorted((seen.relay_ms[side] for side in WITHOUT), key=lambda each: each.p99)
    noise_ms = other.p99 - best.p99
    limit_ms = best.p99 * FACTOR + max(LEAST_NOISE_MS, noise_ms)
    return [
        _relay("all up", seen.relay_ms[UP], best, limit_ms, noise_ms),
        _relay(f"{seen.faults} faults", seen.relay_ms[FLAPPING], best, limit_ms, noise_ms),
        _people(seen),
        _again(seen),
    ]


def _relay(what: str, found: Spread, best: Spread, limit_ms: float, noise_ms: float) -> Row:
    figures = (
        f"p50/p99 {found.p50:.3f}/{found.p99:.3f} ms, without clouds"
        f" {best.p50:.3f}/{best.p99:.3f} (noise {noise_ms:.3f}, p99 <= {limit_ms:.3f})"
    )
    is_late = found.p99 > limit_ms
    faults = [f"the relay notices its clouds: p99 {found.p99:.3f} ms"] if is_late else []
    done = f"last byte -> relay, {ROUNDS} x {found.count} trips, three clouds, {what}"
    return judged(PART, done, figures, faults)


def _people(seen: Seen) -> Row:
    flapping = seen.cli_ms[FLAPPING]
    best = min((seen.cli_ms[side] for side in WITHOUT), key=lambda each: each.p50)
    limit_ms = best.p50 * FACTOR + CLI_NOISE_MS
    figures = f"{flapping.rounds} ms, without clouds {best.rounds} (p50 <= {limit_ms:.0f})"
    faults = ["people wait for clouds that flap"] if flapping.p50 > limit_ms else []
    return judged(PART, f"polycloud status, {ASKED} times, three clouds flap", figures, faults)


def _again(seen: Seen) -> Row:
    faults = [] if seen.back_s is not None else [f"not all clouds were back in {BACK_S:g} s"]
    lost = {name: each["lost"] for name, each in seen.clouds.items() if each["lost"]}
    if lost:
        faults.append(f"lost: {lost}")
    counted = ", ".join(
        f"{name} {each['delivered']} delivered, {each['refused']} refused,"
        f" {each['unconfirmed']} unconfirmed, {each['sessions']} sessions"
        for name, each in seen.clouds.items()
    )
    took = "-" if seen.back_s is None else f"{seen.back_s:.0f} s"
    return judged(PART, "all clouds again, everything told", f"{took}; {counted}", faults)

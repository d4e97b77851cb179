"""The machine loses power: the process dies, the disk drops what was not synced, a new boot."""

import asyncio
import random
import shutil
import time
import uuid
from collections.abc import Sequence
from contextlib import AsyncExitStack, ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from chaos.disks.disk import Image, Variant
from chaos.disks.mounts import Drive, drive, lay_out
from chaos.kept import count
from chaos.report import MissingError, Row, judged
from chaos.stage import DEVICE, Life, Stage, living
from chaos.world import PULSE_PJ, World, world

PART: Final = "power"
LOAD_W: Final = 3500.0
RATINGS: Final = {"rated_current_a": 16.0, "rated_power_w": 4000.0}
"""So that 10 Wh take ten seconds."""

MOST_LOST_PJ: Final = 36 * 10**15
"""10 Wh."""

OVERSHOOT_PJ: Final = 5 * 10**14
"""What one frame and the time from a decision to the disk may add (0.14 Wh)."""

BOOT_ID: Final = "/proc/sys/kernel/random/boot_id"
SETTLE_S: Final = 0.3
LIVES: Final = (1.0, 13.0, 0.5, 24.0, 2.0, 9.5, 3.0)
"""How long each boot lasts, in seconds."""


@dataclass(slots=True)
class Ledger:
    """What was known of the total before each cut, in picojoules."""

    cuts: int = 0
    acknowledged_pj: int = 0
    most_lost_pj: int = 0
    causes: list[object] = field(default_factory=list[object])
    faults: list[str] = field(default_factory=list[str])


def other_boot(folder: Path) -> Sequence[str]:
    """Give a command's beginning that runs the rest on a machine with another boot id."""
    if shutil.which("unshare") is None:
        raise MissingError("the command unshare (Debian package util-linux)")
    boot_id = folder / f"boot-{uuid.uuid4()}"
    boot_id.write_text(f"{uuid.uuid4()}\n", encoding="ascii")
    script = f'mount --bind "$0" {BOOT_ID} && exec "$@"'
    return ["unshare", "--mount", "--propagation", "private", "sh", "-c", script, str(boot_id)]


class Machine:
    """One agent on a disk that can be cut off, beside a chip that outlives everything."""

    def __init__(self, stage: Stage, around: World, chance: random.Random) -> None:
        self.ledger = Ledger()
        self._stage = stage
        self._world = around
        self._chance = chance
        self._image: Image = {}

    async def boot(self, number: int, life_s: float) -> None:
        """Boot, run the load, and lose power in the middle of it."""
        folder = self._stage.folder / f"boot-{number}"
        with ExitStack() as stack:
            disk = stack.enter_context(drive(folder, self._image))
            self._stage.state.unlink(missing_ok=True)
            self._stage.state.symlink_to(disk.folder)
            async with living(self._stage, other_boot(self._stage.folder)) as life:
                await life.ready()
                if not self._world.contact.is_closed:
                    await life.switch(on=True)
                await self._run(life, disk, life_s)
            self.ledger.cuts += 1
            self._image = disk.cut().image(
                self._chance.choice([Variant.SYNCED, Variant.SYNCED_NAMES, Variant.TORN]), number
            )

    async def _run(self, life: Life, disk: Drive, life_s: float) -> None:
        """Note what is on the disk at the beginning and at the end; then pull the plug."""
        await asyncio.sleep(SETTLE_S)
        first_pulses = self._world.chip.pulses
        start_pj = await self._kept(disk.cut().image(Variant.PROCESS))
        if start_pj < self.ledger.acknowledged_pj:
            lost = (self.ledger.acknowledged_pj - start_pj) / PULSE_PJ
            self.ledger.faults.append(f"boot {self.ledger.cuts + 1}: {lost:g} synced pulses lost")
        await asyncio.sleep(life_s)
        await life.kill()
        used_pj = (self._world.chip.pulses - first_pulses) * PULSE_PJ
        left_pj = await self._kept(disk.cut().image(Variant.SYNCED_NAMES))
        lost_pj = start_pj + used_pj - left_pj
        self.ledger.most_lost_pj = max(self.ledger.most_lost_pj, lost_pj)
        if left_pj < start_pj:
            self.ledger.faults.append(f"boot {self.ledger.cuts + 1}: the kept total fell")
        if lost_pj > MOST_LOST_PJ + OVERSHOOT_PJ and life_s < 60:
            lost_wh = lost_pj / MOST_LOST_PJ * 10
            self.ledger.faults.append(f"boot {self.ledger.cuts + 1}: {lost_wh:.2f} Wh lost")
        self.ledger.acknowledged_pj = max(self.ledger.acknowledged_pj, left_pj)

    async def _kept(self, image: Image) -> int:
        kept = await count(lay_out(image, self._stage.folder / "looked-at"), DEVICE)
        if kept is None:
            self.ledger.faults.append(f"boot {self.ledger.cuts + 1}: no total is on the disk")
            return 0
        return kept.total_pj

    def judge_causes(self) -> None:
        """Every boot but the first must be known as a power loss."""
        self.ledger.causes = [row["cause"] for row in self._stage.entries("agent.started")]
        wrong = [cause for cause in self.ledger.causes[1:] if cause != "power_loss"]
        if wrong:
            self.ledger.faults.append(f"taken for {wrong[0]} {len(wrong)} times")
        gaps = self._world.contact.movements
        if any(not moved.on for moved in gaps):
            self.ledger.faults.append("the contact opened, though it is to stand where it stood")


async def run(seed: int, lives: Sequence[float] = LIVES) -> list[Row]:
    """Lose power after each of *lives* seconds."""
    chance = random.Random(seed)  # noqa: S311 - to be repeated, no secret
    began = time.monotonic()
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="polycloud-chaos-")))
        stage = Stage(folder=folder, state=folder / "state")
        around = await stack.enter_async_context(
            world(stage, LOAD_W, {"device.protection": RATINGS})
        )
        machine = Machine(stage, around, chance)
        for number, life_s in enumerate(lives):
            await machine.boot(number, life_s)
        machine.judge_causes()
    return [row(machine.ledger, time.monotonic() - began)]


def row(ledger: Ledger, took_s: float) -> Row:
    """Sum up."""
    done = f"{ledger.cuts} power cuts at {LOAD_W / 1000:g} kW, unsynced writes gone, new boot"
    lost_wh = ledger.most_lost_pj / MOST_LOST_PJ * 10
    kept_wh = ledger.acknowledged_pj / MOST_LOST_PJ * 10
    figures = f"most lost {lost_wh:.2f} Wh (<= 10); {kept_wh:.2f} Wh kept; {took_s:.0f} s"
    return judged(PART, done, figures, ledger.faults)

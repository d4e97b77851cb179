"""kill -9 at random moments under a load: no pulse lost or doubled, no movement unexplained."""

import asyncio
import random
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from chaos.kept import Count, count
from chaos.report import Row, judged
from chaos.stage import DEVICE, Life, Stage, living
from chaos.world import PULSE_PJ, World, world

PART: Final = "kill"
LOAD_W: Final = 1000.0
KILLS: Final = 300
NEAR_THE_END: Final = (1 << 17) - 600
"""Where one chip's counter begins: it goes round within ten seconds of load."""

LONG_LIFE_S: Final = 20.0
"""Longer than a gap in which the counter is taken to have gone round; shorter than 10 Wh take."""

COMMAND_EVERY: Final = 10
STOP_EVERY: Final = 40
SETTLE_S: Final = 0.15
"""After a command the agent lives on so long: the memory of an `off` may follow the act."""

STARTS_WITHIN_S: Final = 0.5
AFTER_READY_S: Final = 0.4
PJ_PER_WH: Final = 3600 * 10**12


@dataclass(slots=True)
class Tally:
    """What was done, and what was wrong."""

    kills: int = 0
    kills_in_start: int = 0
    checks: int = 0
    commands: list[tuple[float, float]] = field(default_factory=list[tuple[float, float]])
    gaps: list[float] = field(default_factory=list[float])
    resets: int = 0
    faults: list[str] = field(default_factory=list[str])


class Victim:
    """One agent that is killed over and over, beside the chip that goes on counting."""

    def __init__(self, stage: Stage, around: World, chance: random.Random) -> None:
        self.tally = Tally()
        self._stage = stage
        self._world = around
        self._chance = chance
        self._first: int | None = None
        self._highest_pj = 0
        self._shown_kwh = 0.0

    # ── one life after another ──────────────────────────────────────────────────────────────

    async def begin(self) -> None:
        """Live once to its end, so that the first frame ever seen is known; close the contact."""
        async with living(self._stage) as life:
            await life.ready()
            await self._switch(life, on=True)
            await life.stop()
        kept = await self._kept()
        if kept is None or kept.counter is None or kept.total_pj % PULSE_PJ:
            raise RuntimeError(f"the first life kept no energy: {kept}")
        self._first = self._world.chip.pulses_at(kept.counter) - kept.total_pj // PULSE_PJ

    async def kill(self, number: int) -> None:
        """Live once more, and be killed at a random moment from exec on."""
        is_late = self._chance.random() < 0.6
        has_command = is_late and number % COMMAND_EVERY == 0
        async with living(self._stage) as life:
            if is_late:
                await life.ready()
                if has_command:
                    await self._click(life)
                elif number % 3 == 0:
                    await self._read(life)
                await asyncio.sleep(self._chance.uniform(0, AFTER_READY_S))
            else:
                await asyncio.sleep(self._chance.uniform(0, STARTS_WITHIN_S))
            self.tally.kills_in_start += not life.is_ready.is_set()
            await life.kill()
        self.tally.kills += 1
        await self._compare()

    async def live(self, life_s: float) -> None:
        """Live long without a save, and be killed; the next life tells no less than this one."""
        async with living(self._stage) as life:
            await life.ready()
            await asyncio.sleep(life_s)
            await self._read(life)
            await life.kill()
        self.tally.kills += 1
        async with living(self._stage) as life:
            await life.ready()
            await self._read(life)
            await life.stop()
        await self._compare()

    async def stop(self) -> None:
        """Live once and stop in order: everything that was counted must have been kept."""
        async with living(self._stage) as life:
            await life.ready()
            await self._read(life)
            await life.stop()
        await self._compare()

    async def wait(self, gap_s: float) -> None:
        """Leave the agent dead while the load runs."""
        self.tally.gaps.append(gap_s)
        await asyncio.sleep(gap_s)

    async def reset_chip(self) -> None:
        """Let the counter begin at 0 while the agent is away: it is credited from there."""
        await self.stop()
        kept = await self._kept()
        assert kept is not None
        chip = self._world.chip
        chip.begin_anew()
        self._first = chip.pulses - kept.total_pj // PULSE_PJ
        self.tally.resets += 1
        before = len(self._stage.entries("energy.gap"))
        await self.stop()
        if len(self._stage.entries("energy.gap")) == before:
            self.tally.faults.append("a reset of the chip was not noted")

    async def end(self) -> None:
        """Unplug, so that the chip stands still: the total is its counter, to the pulse."""
        async with living(self._stage) as life:
            await life.ready()
            self._world.plug(0)
            await asyncio.sleep(SETTLE_S)
            await self._read(life)
            await life.stop()
        kept = await self._compare()
        assert self._first is not None
        truth = self._world.chip.pulses - self._first
        if kept is None or kept.total_pj != truth * PULSE_PJ:
            found = None if kept is None else kept.total_pj / PULSE_PJ
            self.tally.faults.append(f"the chip counted {truth} pulses, the agent {found}")
        self._judge_movements()

    # ── what is compared ────────────────────────────────────────────────────────────────────

    @property
    def pulses(self) -> int:
        """How many pulses the agent has to account for."""
        assert self._first is not None
        return self._world.chip.pulses - self._first

    async def _kept(self) -> Count | None:
        return await count(self._stage.state, DEVICE)

    async def _compare(self) -> Count | None:
        """Compare what is on the disk with the chip's counter when it was taken."""
        kept = await self._kept()
        self.tally.checks += 1
        if kept is None or kept.counter is None or self._first is None:
            what = "total" if kept is None else "counter"
            self.tally.faults.append(f"kill {self.tally.kills}: no {what} is kept")
            return kept
        expected_pj = (self._world.chip.pulses_at(kept.counter) - self._first) * PULSE_PJ
        if kept.total_pj != expected_pj:
            off = (kept.total_pj - expected_pj) / PULSE_PJ
            self.tally.faults.append(f"kill {self.tally.kills}: {off:+g} pulses against the chip")
        if kept.total_pj < self._highest_pj:
            self.tally.faults.append(f"kill {self.tally.kills}: the total went back")
        self._highest_pj = max(self._highest_pj, kept.total_pj)
        return kept

    async def _read(self, life: Life) -> None:
        """Compare what the agent tells with what it told before, and with the chip."""
        shown = (await life.properties()).get("total_energy")
        if not isinstance(shown, int | float):
            self.tally.faults.append(f"kill {self.tally.kills}: no total is told")
            return
        self.tally.checks += 1
        if shown < self._shown_kwh:
            back = f"{self._shown_kwh} to {shown} kWh"
            self.tally.faults.append(f"kill {self.tally.kills}: told {back}")
        if shown > self.pulses * PULSE_PJ / PJ_PER_WH / 1000 + 0.0015:
            self.tally.faults.append(f"kill {self.tally.kills}: told more than was used")
        self._shown_kwh = shown

    # ── the contact ─────────────────────────────────────────────────────────────────────────

    async def _click(self, life: Life) -> None:
        await self._switch(life, on=False)
        await self._switch(life, on=True)

    async def _switch(self, life: Life, *, on: bool) -> None:
        sent_at = time.monotonic()
        await life.switch(on=on)
        await asyncio.sleep(SETTLE_S)
        self.tally.commands.append((sent_at, time.monotonic()))

    def _judge_movements(self) -> None:
        """Explain each movement by a command; the policies here leave no other cause."""
        contact = self._world.contact
        for moved in contact.movements:
            if not any(sent <= moved.at <= settled for sent, settled in self.tally.commands):
                to = "closed" if moved.on else "opened"
                self.tally.faults.append(f"the contact {to} and nothing explains it")
        if len(contact.movements) != len(self.tally.commands):
            told = f"{len(self.tally.commands)} commands, {len(contact.movements)} movements"
            self.tally.faults.append(told)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How often, and how long the agent is left dead now and then."""

    kills: int
    seed: int
    gaps: Sequence[float] = ()
    resets: int = 0
    shown: int = 0
    first_life_s: float = 0.0


async def torment(plan: Plan) -> Row:
    """Carry a plan out on an agent of its own."""
    began = time.monotonic()
    chance = random.Random(plan.seed)  # noqa: S311 - to be repeated, no secret
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="polycloud-chaos-")))
        stage = Stage(folder=folder, state=folder / "state")
        around = await stack.enter_async_context(world(stage, LOAD_W, shown=plan.shown))
        victim = Victim(stage, around, chance)
        await victim.begin()
        if plan.first_life_s:
            await victim.live(plan.first_life_s)
        gaps = dict(zip(_spread(plan.kills, len(plan.gaps)), plan.gaps, strict=True))
        resets = set(_spread(plan.kills, plan.resets, shift=3))
        for number in range(1, plan.kills + 1):
            await victim.kill(number)
            if number in gaps:
                await victim.wait(gaps[number])
            if number in resets:
                await victim.reset_chip()
            elif number % STOP_EVERY == 0:
                await victim.stop()
        await victim.end()
        return row(plan, victim.tally, victim.pulses, time.monotonic() - began)


def _spread(kills: int, times: int, shift: int = 0) -> list[int]:
    """Spread some times over all kills."""
    return [min(kills, (each + 1) * kills // (times + 1) + shift) for each in range(times)]


async def run(seed: int, kills: int = KILLS) -> list[Row]:
    """Torment two agents side by side: one chip begins near the end of its counter."""
    half = kills // 2
    plans = [
        Plan(kills=kills - half, seed=seed, gaps=(3.0, 8.0, 20.0), resets=1),
        Plan(
            kills=half,
            seed=seed + 1,
            gaps=(2.0, 5.0),
            shown=NEAR_THE_END,
            first_life_s=LONG_LIFE_S,
        ),
    ]
    return await asyncio.gather(*(torment(plan) for plan in plans))


def row(plan: Plan, tally: Tally, pulses: int, took_s: float) -> Row:
    """Sum up."""
    round_text = ", counter goes round" if plan.shown else ""
    figures = (
        f"{pulses} pulses, compared {tally.checks} times;"
        f" {len(tally.commands)} movements; {took_s:.0f} s"
    )
    done = (
        f"{tally.kills} kill -9 ({tally.kills_in_start} before ready) at {LOAD_W / 1000:g} kW,"
        f" {len(tally.gaps)} gaps to {max(tally.gaps, default=0):g} s,"
        f" {tally.resets} chip reset{round_text}"
    )
    return judged(PART, done, figures, tally.faults)

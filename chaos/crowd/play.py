"""Plays a crowd: faults in some, commands to others, and what came of both."""

import asyncio
import random
from collections.abc import Callable, Mapping, MutableSequence, Sequence
from dataclasses import dataclass, replace
from typing import Final

from structlog.testing import capture_logs
from structlog.typing import EventDict

from agent.demo.dialects import DIALECTS
from chaos.crowd.house import CLOUD, House, Member
from chaos.crowd.member import LineFault
from chaos.virtual import run_virtually

HANDS: Final = 40
"""So many of the healthy ones are commanded; each of them has a chip of its own."""

SETTLE_S: Final = 3.0
ONLINE_S: Final = 120.0
ANSWER_S: Final = 30.0
COMMAND_EVERY_S: Final = 0.25
BACK_S: Final = 600.0
SLOW_S: Final = 1.0
"""A frame's period where the frames are not counted any more."""

LINES: Final = (LineFault.GARBAGE, LineFault.SILENCE, LineFault.HANG_UP)
CLOUDS: Final[Mapping[str, Mapping[str, object]]] = {
    "drop": {"kind": "drop"},
    "kick": {"kind": "kick", "count": 3},
    "silent cloud": {"kind": "silence"},
    "half-open": {"kind": "half_open"},
}
STUCK: Final = "stuck relay"
FULL: Final = "full outbox"
KINDS: Final = (*LINES, *CLOUDS, STUCK, FULL)


Logs = MutableSequence[EventDict]


@dataclass(frozen=True, slots=True, kw_only=True)
class Crowd:
    """What came of it: `frames` to `warnings` are of the healthy ones."""

    faults: Sequence[str]
    unseen: Sequence[str]
    """Faults of which their own device showed no sign."""
    frames: int
    lost: int
    commands: int
    unanswered: int
    slowest_s: float
    connects: int
    warnings: int
    back: int


def play(*, devices: int, faulty: int, seconds: float, seed: int) -> Crowd:
    """Play it, in virtual time."""

    async def main() -> Crowd:
        with capture_logs() as logs:
            return await _Play(devices, faulty, seed, logs).play(seconds)

    return run_virtually(main())


class _Play:
    def __init__(self, devices: int, faulty: int, seed: int, logs: Logs) -> None:
        own = min(devices, HANDS + faulty)
        self._chance = random.Random(seed)  # noqa: S311 - to be repeated, no secret
        self._house = house = House(devices, own, seed)
        ill = self._chance.sample(house.members[:own], faulty)
        self._ill = [(member, KINDS[number % len(KINDS)]) for number, member in enumerate(ill)]
        self._hands = [each for each in house.members[:own] if each not in ill]
        self._healthy = [each for each in house.members if each not in ill]
        house.small |= {member.name for member, kind in self._ill if kind == FULL}
        self._logs = logs
        self._took_s: list[float] = []
        self._unanswered = 0

    async def play(self, seconds: float) -> Crowd:
        """Begin, break some, command others, mend, and see who comes back."""
        house = self._house
        async with house.emulator.clouds[CLOUD].endpoint:
            running = [
                asyncio.create_task(each.app.run(lambda: None), name=each.name)
                for each in house.members
            ]
            try:
                await self._until(lambda: all(map(_is_well, house.members)), ONLINE_S)
                crowd = await self._in_the_storm(seconds)
                crowd = replace(crowd, back=await self._mended())
                for task in running:
                    if task.done():
                        task.result()
            finally:
                for task in running:
                    task.cancel()
                await asyncio.wait(running)
        return crowd

    async def _in_the_storm(self, seconds: float) -> Crowd:
        await asyncio.sleep(SETTLE_S)
        self._logs.clear()
        sent, got = self._frames()
        for member, kind in self._ill:
            self._break(member, kind)
        end = self._house.clock.now() + seconds
        while self._house.clock.now() < end:
            await self._command()
            self._press()
            await asyncio.sleep(COMMAND_EVERY_S)
        all_sent, all_got = self._frames()
        return Crowd(
            faults=[kind for _, kind in self._ill],
            unseen=[kind for member, kind in self._ill if not self._shows(member, kind)],
            frames=all_got - got,
            lost=(all_sent - sent) - (all_got - got),
            commands=len(self._took_s),
            unanswered=self._unanswered,
            slowest_s=max(self._took_s, default=0.0),
            connects=sum(each.link.status.sessions for each in self._healthy),
            warnings=self._warnings({each.name for each in self._healthy}),
            back=0,
        )

    async def _mended(self) -> int:
        """Mend everything; tell how many came back."""
        self._house.emulator.clear_faults()
        for each in self._house.members:
            each.meter.fault, each.meter.period_s = LineFault.NONE, SLOW_S
            each.relay.fails = False
        ill = [member for member, _ in self._ill]
        await self._until(lambda: all(map(_is_well, ill)), BACK_S)
        return sum(map(_is_well, ill))

    def _frames(self) -> tuple[int, int]:
        healthy = self._healthy
        return sum(each.meter.sent for each in healthy), sum(each.got for each in healthy)

    def _break(self, member: Member, kind: str) -> None:
        if kind in LINES:
            member.meter.fault = LineFault(kind)
        member.relay.fails = kind == STUCK
        fault = CLOUDS.get("drop" if kind == FULL else kind)
        if fault is not None:
            target = f"{member.device.product}:{member.device.name}"
            self._house.emulator.add_fault({**fault, "device": target})

    async def _command(self) -> None:
        """Have the platform switch a healthy one; it must have moved when it answers."""
        member = self._chance.choice(self._hands)
        on = not member.relay.is_on
        reply = await self._house.emulator.set_properties(
            member.key, DIALECTS[CLOUD].switch(on=on), timeout_s=ANSWER_S
        )
        if reply.outcome == "answered" and member.relay.is_on is on:
            self._took_s.append(reply.elapsed_ms / 1000)
        else:
            self._unanswered += 1

    def _press(self) -> None:
        """Have somebody at the ill ones switch: to be told, with no answer, or where it is full."""
        for member, kind in self._ill:
            if kind not in LINES:
                member.switch(on=not member.app.runtime.values(["power_switch"])["power_switch"])

    def _shows(self, member: Member, kind: str) -> bool:
        """Tell whether a fault has hit its own device."""
        if kind in LINES:
            return member.app.runtime.values(["voltage"]) == {}
        if kind == STUCK:
            return member.app.runtime.standing.stuck is not None
        if kind == FULL:
            counters = member.link.counters
            return counters.thinned + counters.lost > 0
        return member.link.status.sessions > 1 or not member.link.status.is_connected

    def _warnings(self, names: set[str]) -> int:
        return sum(
            each["log_level"] in ("warning", "error", "critical") and each.get("device") in names
            for each in self._logs
        )

    async def _until(self, condition: Callable[[], bool], within_s: float) -> None:
        end = self._house.clock.now() + within_s
        while not condition():
            if self._house.clock.now() > end:
                return
            await asyncio.sleep(0.5)


def _is_well(member: Member) -> bool:
    """Tell whether a device does all that it is there for; a trip may stand."""
    app = member.app
    return (
        app.is_open
        and app.links is not None
        and bool(app.runtime.values(["voltage"]) or not member.relay.is_on)
        and app.meter_error is None
        and app.runtime.standing.stuck is None
        and member.link.status.is_connected
    )

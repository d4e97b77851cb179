"""A day without a cloud, and the cloud again: what was kept arrives, in order and as it was."""

import asyncio
import random
from bisect import bisect_left
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from agent.emulator.journal import Entry
from agent.messages import Command, PropertySet
from agent.model import Origin, OriginKind
from agent.outbox import Bounds, Counters, Lane, Queue
from chaos.heard import Heard, heard
from chaos.home import Home, Life, home, living
from chaos.virtual import EPOCH, run_virtually, until

PERSON: Final = Origin(kind=OriginKind.LOCAL, name="chaos")
EVENTS: Final = 100
LOAD_S: Final = 20.0
"""A load of another size so often: each makes a report."""

TRIP_EACH: Final = 4
"""Of so many events one is a trip, which also moves the relay; the others are sags."""

COMMAND_S: Final = 3.0
ANSWER_S: Final = 5.0
"""How long the strictest platform waits for an answer."""

LEAST_COMMANDS: Final = 3
PLATFORM_S: Final = 30.0
"""No platform waits longer for an answer."""

DRAIN_S: Final = 7200.0
PATIENCE_S: Final = 120.0
CONNECT_S: Final = 900.0


@dataclass(slots=True, kw_only=True)
class Day:
    """What came of an outage: when it was, what was heard, and how much was held."""

    cloud: str
    down_at: float
    up_at: float = 0.0
    drained_at: float = 0.0
    entries: list[Entry] = field(default_factory=list[Entry])
    told: list[Heard] = field(default_factory=list[Heard])
    in_memory: int = 0
    disk_bytes: int = 0
    answers_s: list[float] = field(default_factory=list[float])
    unanswered: int = 0
    counters: Counters = field(default_factory=Counters)
    before: Counters = field(default_factory=Counters)
    sessions: int = 0

    def most_in_a_second(self) -> int:
        """Tell how many messages that can wait came within a second at most."""
        times = [each.wall_time for each in self.entries if each.qos]
        return max(
            (bisect_left(times, first + 1.0) - index for index, first in enumerate(times)),
            default=0,
        )


class Outage:
    """Plays one day at a home."""

    def __init__(self, place: Home, seed: int, hours: float, events: int) -> None:
        self._home = place
        self._chance = random.Random(seed)  # noqa: S311 - to be repeated, no secret
        self._span_s = hours * 3600
        self._events = events
        self._raised = 0
        self._last = 0
        self.day = Day(cloud=place.dialect.name, down_at=0.0)

    async def play(self) -> Day:
        """Be online, be cut off, start anew in the middle, and come back."""
        place, day = self._home, self.day
        async with living(place) as life:
            await self._begin(life)
            await self._live(life, until_s=self._span_s / 2)
        async with living(place) as life:
            await self._live(life, until_s=self._span_s)
            place.emulator.clear_faults()
            await until(lambda: self._look() or place.is_online, CONNECT_S, "online again")
            day.up_at = place.clock.now() + EPOCH
            await self._drain(life)
            day.counters = life.link.counters
        return day

    async def _begin(self, life: Life) -> None:
        place, day = self._home, self.day
        await until(lambda: place.is_online, 120, "online")
        self._switch(life, on=True)
        place.meter.plug("kettle", 400)
        await asyncio.sleep(60)
        await until(lambda: not life.link.pending, 60, "drained")
        self._look()
        day.told.clear()
        day.before = life.link.counters
        day.down_at = place.clock.now() + EPOCH
        place.emulator.add_fault({"kind": "drop"})

    async def _live(self, life: Life, until_s: float) -> None:
        """Use the socket as a household does, with an event at its time."""
        place, end = self._home, self.day.down_at + until_s
        while place.clock.now() + EPOCH < end:
            if self._raised < min(self._events, self._events * self._share()):
                await self._raise(life)
            power_w = self._chance.uniform(100, 900)
            place.meter.plug("kettle", power_w)
            await asyncio.sleep(LOAD_S)
            self._measure(life)

    def _share(self) -> float:
        return (self._home.clock.now() + EPOCH - self.day.down_at + LOAD_S) / self._span_s

    async def _raise(self, life: Life) -> None:
        """Let something happen that people want to know."""
        place, before = self._home, self._count_events()
        is_trip = self._raised % TRIP_EACH == 0
        self._raised += 1
        if is_trip:
            place.meter.plug("kettle", 3500)
        else:
            place.meter.set_mains(180)
        await until(lambda: self._count_events() > before, 60, "an event")
        place.meter.set_mains(230)
        place.meter.plug("kettle", 400)
        if is_trip:
            await asyncio.sleep(12)
            self._switch(life, on=True)
        await asyncio.sleep(LOAD_S)

    def _count_events(self) -> int:
        return sum(1 for row in self._home.noted.rows if row.lane is Lane.EVENTS)

    @staticmethod
    def _switch(life: Life, *, on: bool) -> None:
        request = PropertySet(request_id="chaos", values={"power_switch": on})
        life.app.runtime.execute(Command(origin=PERSON, request=request))

    def _measure(self, life: Life) -> None:
        day = self.day
        day.in_memory = max(day.in_memory, life.link.outbox.in_memory)
        day.disk_bytes = max(day.disk_bytes, self._home.disk_bytes)

    async def _drain(self, life: Life) -> None:
        """Have the platform command the device while the past is told."""
        place, day, outbox = self._home, self.day, life.link.outbox
        end, on = place.clock.now() + DRAIN_S, False
        while any(map(outbox.has_past, Queue)) or len(day.answers_s) < LEAST_COMMANDS:
            if place.clock.now() > end:
                raise RuntimeError(f"{life.link.pending} still pending after {DRAIN_S:g} s")
            reply = await place.emulator.set_properties(
                place.key, place.dialect.switch(on=on), timeout_s=PLATFORM_S
            )
            on = not on
            if reply.outcome == "answered":
                day.answers_s.append(reply.elapsed_ms / 1000)
            else:
                day.unanswered += 1
            await self._wait_and_look(life)
        day.drained_at = place.clock.now() + EPOCH
        await until(lambda: self._look() or not life.link.pending, PATIENCE_S, "drained")
        await asyncio.sleep(1)
        self._look()
        day.sessions = life.link.status.sessions

    async def _wait_and_look(self, life: Life) -> None:
        end = self._home.clock.now() + COMMAND_S
        while self._home.clock.now() < end:
            await asyncio.sleep(1)
            self._look()
            self._measure(life)

    def _look(self) -> bool:
        """Take what has come since the last look: the journal keeps only the newest."""
        found = self._home.emulator.messages(self._home.key, after=self._last)
        if found:
            if self._last and found[0].number != self._last + 1:
                raise RuntimeError("the emulator's journal was too short")
            self._last = found[-1].number
        up = [each for each in found if each.direction == "up"]
        self.day.entries += up
        for entry in up:
            self.day.told += heard(self.day.cloud, entry)
        return False


@dataclass(frozen=True, slots=True, kw_only=True)
class Played:
    """A day, and all rows that its outbox was given."""

    day: Day
    home: Home


def play(
    cloud: str, *, seed: int, hours: float, rows: int, events: int, memory: Path | None
) -> Played:
    """Play one outage in virtual time."""

    async def main(folder: Path) -> Played:
        async with home(cloud, folder, Bounds(rows=rows)) as place:
            day = await Outage(place, seed, hours, events).play()
            return Played(day=day, home=place)

    with TemporaryDirectory(prefix="polycloud-chaos-", dir=memory) as folder:
        return run_virtually(main(Path(folder)))

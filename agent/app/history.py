"""Keeps the history: looks at every device once a second, beside everything that matters more."""

import asyncio
from collections import deque
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from math import ceil, floor
from typing import TYPE_CHECKING, Final

import structlog

from agent.app.device import DeviceApp
from agent.app.slices import slices
from agent.app.trouble import within
from agent.app.watched import Watched
from agent.automation.local_time import zone
from agent.history.assembling import MIDDLE_S, Frame, Period, Piece, assembled
from agent.history.minutes import Minute, gathered, restamped, safe, sampled
from agent.history.periods import MINUTE_S, Level
from agent.history.stats import ends, merged, used_only
from agent.history.telling import values_of
from agent.ports import Clock
from agent.settings.root import AgentSettings
from agent.store.histories import FoundHistory, Histories
from agent.store.pending_history import Keep

if TYPE_CHECKING:
    from agent.automation.rules.dry_run import Sample

log: Final = structlog.get_logger()

MINUTES_OF_A_DAY: Final = 1_440
DAY_S: Final = MINUTES_OF_A_DAY * MINUTE_S
MOST_WAITING: Final = 1_440
"""So many minutes of all devices wait at most while the disk takes nothing."""
FEWEST_WAITING: Final = 15
GATHER_S: Final = 480.0
"""Minutes are gathered for so long: each commit costs a card whole pages."""
WITHIN_S: Final = 120.0
"""Then they go with whatever else is written within this time, or by themselves."""
LEARN_S: Final = 10.0
GIVE_UP_S: Final = 1_800.0
"""A disk that does not say what was written last is asked again, and not for longer than this."""
PHASE_S: Final = 0.5
"""A second is looked at in its middle: what happens at its beginning has happened by then."""
SHORTEST_S: Final = 0.05
AT_A_TIME: Final = 2
"""So many devices are looked at before the loop turns: a frame may have to open a relay."""


class History:
    """The history of all devices; every minute of the last days is kept, as the settings say.

    Only what is counted on the disk is written: a power cut leaves nothing in the history that
    the ledger does not know, and what it took back is counted when it flows again.
    """

    def __init__(self, store: Histories, clock: Clock, settings: AgentSettings) -> None:
        self._store = store
        self._clock = clock
        self._days = settings.history_days_of_minutes
        self._watched: dict[str, Watched] = {}
        self._most = MOST_WAITING
        self._reading = asyncio.Lock()
        self.lost = 0
        """How many minutes had to make room, but for what was used in them."""

    @property
    def is_kept(self) -> bool:
        """Tell whether any history is kept."""
        return self._days > 0

    async def keep(self, devices: Mapping[str, DeviceApp]) -> None:
        """Look until cancelled; then have everything written that waits."""
        if not self.is_kept:
            return
        await self._join(devices)
        learn_at = self._clock.now() + LEARN_S
        give_up_at = self._clock.now() + GIVE_UP_S
        try:
            while True:
                await self._look_in_turn(devices)
                await self._clock.sleep(self._until_next_s())
                await self._join(devices)
                if self._is_learning and self._clock.now() >= learn_at:
                    await self._learn(gives_up=self._clock.now() >= give_up_at)
                    learn_at = self._clock.now() + LEARN_S
        finally:
            self._end(devices)

    async def _join(self, devices: Mapping[str, DeviceApp]) -> None:
        """Begin with devices that are new."""
        for name in [name for name in devices if name not in self._watched]:
            self._most = max(FEWEST_WAITING, MOST_WAITING // max(1, len(devices)))
            self._watched[name] = Watched(ends=await self._store.ends(name))

    def left(self, device: DeviceApp) -> None:
        """Have everything written of a device that is here no more."""
        watched = self._watched.get(device.name)
        if watched is not None:
            watched.close()
            self._hand_over({device.name: device}, within_s=0.0, takes_all=True)

    @property
    def _is_learning(self) -> bool:
        return any(each.ends is None for each in self._watched.values())

    async def _learn(self, *, gives_up: bool) -> None:
        """Ask again where counts stood, which the disk would not say at the start."""
        for name, watched in tuple(self._watched.items()):
            if watched.ends is None:
                ends = await self._store.ends(name)
                if ends is not None or gives_up:
                    watched.learn(ends or {})

    def look(self, devices: Mapping[str, DeviceApp]) -> None:
        """Take a sample of each device, and hand over what is due."""
        self._look(devices)
        if self._must_hand_over():
            self._hand_over(devices, within_s=WITHIN_S)

    async def _look_in_turn(self, devices: Mapping[str, DeviceApp]) -> None:
        """Look at a few devices at a time: the frames of all of them come in between."""
        for some in slices(devices, AT_A_TIME):
            self._look(some)
            await asyncio.sleep(0)
        if self._must_hand_over():
            for some in slices(devices, AT_A_TIME):
                self._hand_over(some, within_s=WITHIN_S)
                await asyncio.sleep(0)

    def _look(self, devices: Mapping[str, DeviceApp]) -> None:
        for name, device in devices.items():
            if device.is_open and name in self._watched:
                within(device, partial(self._sample, name, device), None)

    def _must_hand_over(self) -> bool:
        return not self._is_learning and not self._store.is_waiting and self._is_due()

    def forget(self, device_id: str) -> None:
        """Forget everything of a device, and begin anew."""
        if device_id in self._watched:
            self._watched[device_id] = Watched()
        self._store.forget(device_id)

    # ── reading ─────────────────────────────────────────────────────────────────────────────

    async def periods(self, device_id: str, frame: Frame) -> list[Period]:
        """Tell what was, the oldest first; of what goes on what is known by now.

        One after the other: threads that reckon take turns with the loop that protects, and a
        stop waits for those that have begun.
        """
        async with self._reading:
            found = await self._store.find(device_id, frame)
            waiting = self._waiting(device_id)
            now = self._clock.wall_time()
            return await asyncio.to_thread(_put_together, frame, found, waiting, now)

    async def samples(self, device_id: str, since: float, until: float) -> "Sequence[Sample]":
        """Tell the mean of each minute that is known from *since* to *until*, the oldest first.

        A day at a time: the thread that reads also writes what must not wait.
        """
        found: list[Sample] = []
        for begin in range(ceil(since / MINUTE_S) * MINUTE_S, floor(until) + 1, DAY_S):
            end = min(until, begin + DAY_S - MINUTE_S)
            frame = Frame(level=Level.MINUTE, zone=zone("UTC"), since=begin, until=end)
            periods = await self.periods(device_id, frame)
            found += await asyncio.to_thread(_samples, periods)
        return found

    def _waiting(self, name: str) -> list[Piece]:
        watched = self._watched.get(name, Watched())
        going_on = [] if watched.gathering is None else [watched.gathering.minute]
        return [
            Piece(wall_time=wall_time + MIDDLE_S, stats=minute.stats)
            for minute in self._stamped([*watched.over, *going_on])
            if (wall_time := minute.stamp.wall_time) is not None
        ]

    # ── sampling ────────────────────────────────────────────────────────────────────────────

    def _sample(self, name: str, device: DeviceApp) -> None:
        watched, clock = self._watched[name], self._clock
        sample = sampled(device.thing, device.runtime.state, clock.now(), clock.stamp())
        if watched.gathering is None:
            watched.begun = {count: each.count for count, each in sample.counts.items()}
        watched.gathering, over = gathered(watched.gathering, sample, watched.ends or {})
        if over is not None:
            watched.over.append(over)
            self._make_room(name, watched)

    def _make_room(self, name: str, watched: Watched) -> None:
        """Let the oldest go where too many wait; what was used then goes to the next."""
        while len(watched.over) > self._most:
            oldest, following = watched.over.popleft(), watched.over.popleft()
            stats = merged(used_only(oldest.stats), following.stats)
            watched.over.appendleft(replace(following, stats=stats))
            self.lost += 1
            if not watched.is_losing:
                log.warning("history.lost", device=name)
            watched.is_losing = True

    def _until_next_s(self) -> float:
        stamp = self._clock.stamp()
        shown = stamp.at if stamp.wall_time is None else stamp.wall_time
        wait_s = (PHASE_S - shown) % 1.0
        return wait_s if wait_s >= SHORTEST_S else wait_s + 1.0

    # ── handing over ────────────────────────────────────────────────────────────────────────

    def _is_due(self) -> bool:
        now = self._clock.since_boot()
        oldest = [each.over[0].stamp.at for each in self._watched.values() if each.over]
        return any(now - at >= GATHER_S for at in oldest)

    def _end(self, devices: Mapping[str, DeviceApp]) -> None:
        """Have everything written with the last state of the devices, which holds all counts."""
        for watched in self._watched.values():
            watched.close()
        if any(each.over for each in self._watched.values()):
            self._hand_over(devices, within_s=0.0, takes_all=True)

    def _hand_over(
        self, devices: Mapping[str, DeviceApp], *, within_s: float, takes_all: bool = False
    ) -> None:
        minutes: dict[str, Collection[Minute]] = {}
        kept: dict[str, Keep] = {}
        for name, device in devices.items():
            watched = self._watched.get(name)
            if watched is None or not watched.over:
                continue
            ready: Collection[Minute] = watched.over
            if not takes_all:
                ready = within(device, partial(_ready, device, watched), ())
            minutes[name] = self._stamped(ready)
            watched.over = deque(list(watched.over)[len(minutes[name]) :])
            watched.is_losing = watched.is_losing and not minutes[name]
            kept[name] = Keep(zone=_zone_of(device), minutes=self._days * MINUTES_OF_A_DAY)
        if any(minutes.values()):
            self._store.add(minutes, kept, self._clock.wall_time(), within_s=within_s)

    def _stamped(self, minutes: Iterable[Minute]) -> list[Minute]:
        """Stamp by what is known of this boot now."""
        now = self._clock.stamp()
        if now.wall_time is None:
            return list(minutes)
        offset = now.wall_time - now.at
        return [replace(each, stamp=restamped(each.stamp, offset, now.trust)) for each in minutes]


def _ready(device: DeviceApp, watched: Watched) -> Collection[Minute]:
    """Give the minutes whose counts a power cut cannot take back; none while nobody knows."""
    if not device.is_open:
        return ()
    certain = safe(device.thing, device.runtime.state)
    ready: list[Minute] = []
    for minute in watched.over:
        if any(end > certain.get(name, end) for name, end in ends(minute.stats).items()):
            break
        ready.append(minute)
    return ready


def _zone_of(device: DeviceApp) -> str:
    return device.zone


def _put_together(
    frame: Frame, found: FoundHistory, waiting: Sequence[Piece], now: float | None
) -> list[Period]:
    pieces = [*found.raw.pieces(frame), *found.waiting, *waiting]
    return assembled(frame, found.raw.periods(), pieces, now)


def _samples(periods: Sequence[Period]) -> "list[Sample]":
    from agent.automation.rules.dry_run import Sample  # noqa: PLC0415 - for whoever tries a rule

    return [
        Sample(wall_time=float(period.start), values=values_of(period.stats)) for period in periods
    ]

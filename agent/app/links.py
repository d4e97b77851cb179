"""The links of one device: started, stopped and replaced while the device runs on."""

import asyncio
import time
from collections.abc import Callable, Coroutine, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

import structlog

from agent.app.counted import Counted
from agent.clouds.attempts import Attempts, name_of
from agent.clouds.door import Door
from agent.clouds.link import Link
from agent.clouds.pacing import Pacers
from agent.clouds.told import Told
from agent.clouds.uncleared import Uncleared
from agent.devices.inputs import LinkChanged
from agent.memory import RequestMemory
from agent.messages import (
    ActionCall,
    InfoReport,
    PropertyReport,
    PropertySet,
    PropertyToggle,
    TimeAnswer,
    Uplink,
)
from agent.messages import Outcome as Answered
from agent.model import Value, Values
from agent.outbox import Outbox
from agent.ports import Clock, Codec, Transport
from agent.settings.clouds import CloudSettings
from agent.wiring import Sink

log: Final = structlog.get_logger()

CLOCK_OFFSET_S: Final = 60.0
ASK_AGAIN_S: Final = 1.0
LAST_WORDS_S: Final = 5.0
"""How long a link that is named no longer may go on delivering."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """What the links of a device ask and tell."""

    execute: Callable[[str, PropertySet], Answered]
    perform: Callable[[str, ActionCall | PropertyToggle], Coroutine[Any, Any, Answered]]
    values: Callable[[Sequence[str]], Values]
    changed: Callable[[LinkChanged], object]
    snapshot: Callable[[], PropertyReport | None]
    info: Callable[[], InfoReport]
    codec: Callable[[str, CloudSettings], Codec]
    attempts: Attempts
    memory: RequestMemory
    outbox: Callable[[str, tuple[str, ...]], Outbox]
    counted: Counted
    outputs: Mapping[str, Value] | None = None
    """The properties that stand for an output, each with the value that opens it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Running:
    settings: CloudSettings
    link: Link
    task: asyncio.Task[object]


class Links:
    """One link a cloud, each with an outbox that outlives the link's replacement.

    The outbox belongs to the identity: a cloud that is named again finds what was left for it.
    """

    def __init__(
        self, desk: Desk, transport: Transport, clock: Clock, group: asyncio.TaskGroup, name: str
    ) -> None:
        self._desk = desk
        self._transport = transport
        self._clock = clock
        self._group = group
        self._name = name
        self._running: dict[str, _Running] = {}
        self._leaving: dict[str, tuple[_Running, asyncio.Task[None]]] = {}
        self._uncleared: dict[str, Uncleared] = {}
        self._told: dict[str, Told] = {}
        self._pacers = Pacers(clock)
        self._is_clock_told = False

    @property
    def links(self) -> Mapping[str, Link]:
        """The links by their cloud's name."""
        return {name: running.link for name, running in self._running.items()}

    def sinks(self, wanted: Mapping[str, CloudSettings]) -> Mapping[str, Sink]:
        """Where messages for each cloud of *wanted* go, from now on and before its link is up."""
        outbox = self._desk.outbox
        return {
            name: _sink(outbox(name, each.identity), partial(self._is_up, name))
            for name, each in wanted.items()
        }

    def _is_up(self, name: str) -> bool:
        running = self._running.get(name)
        return running is not None and running.link.status.is_connected

    async def apply(self, wanted: Mapping[str, CloudSettings]) -> None:
        """Run exactly the links of *wanted*; one whose section is the same is left alone.

        A cloud that is named no longer hears what is pending for it first, while the others go on.
        """
        for name, running in list(self._running.items()):
            if wanted.get(name) == running.settings:
                continue
            del self._running[name]
            if name in wanted:
                await _end(running)
                if wanted[name].identity != running.settings.identity:
                    _tell_what_is_left(running)
            else:
                leaving = self._group.create_task(_leave(running), name=f"{self._name}.{name}.last")
                self._leaving[name] = (running, leaving)
        for name, settings in wanted.items():
            if name not in self._running:
                await self._end_leaving(name)
                self._start(name, settings)

    async def _end_leaving(self, name: str) -> None:
        """End a link that is leaving, also one whose leaving has not begun yet."""
        if name in self._leaving:
            running, leaving = self._leaving.pop(name)
            leaving.cancel()
            await asyncio.wait([leaving])
            await _end(running)

    def _start(self, name: str, settings: CloudSettings) -> None:
        codec = self._desk.codec(name, settings)
        outbox = self._desk.outbox(name, settings.identity)
        identity = name_of(name, settings.identity)
        next_attempt = self._desk.attempts.of(name, settings.identity)
        link = Link(
            name,
            codec=codec,
            transport=self._transport,
            outbox=outbox,
            clock=self._clock,
            door=self._door(name),
            next_attempt=next_attempt,
            uncleared=self._uncleared_of(identity),
            pacer=self._pacers.of(identity, codec.limits, is_resumed=next_attempt.is_resumed),
            told=self._told_of(identity),
        )
        task: asyncio.Task[object] = self._group.create_task(
            link.run(), name=f"{self._name}.{name}.link"
        )
        self._running[name] = _Running(settings=settings, link=link, task=task)

    def _uncleared_of(self, identity: str) -> Uncleared:
        if identity not in self._uncleared:
            memory, outputs = self._desk.memory, self._desk.outputs
            self._uncleared[identity] = Uncleared(
                identity, memory, self._name, self._clock.now, outputs
            )
        return self._uncleared[identity]

    def _told_of(self, identity: str) -> Told:
        if identity not in self._told:
            desk = self._desk
            told = Told(identity, desk.memory, self._name, is_sure=desk.counted.is_sure)
            self._group.create_task(told.settle(), name=f"{self._name}.told")
            self._told[identity] = told
        return self._told[identity]

    def _door(self, name: str) -> Door:
        desk = self._desk
        return Door(
            execute=lambda request: desk.execute(name, request),
            perform=lambda call: desk.perform(name, call),
            values=desk.values,
            on_change=lambda is_up: _ignore(desk.changed(LinkChanged(cloud=name, is_up=is_up))),
            snapshot=desk.snapshot,
            info=desk.info,
            on_time=self._compare_clocks,
            counted_wh=desk.counted.wh,
        )

    def _compare_clocks(self, answer: TimeAnswer, round_trip_s: float) -> None:
        """Learn the platform's time; say once how far this machine's own clock is from it."""
        now = (answer.server_received + answer.server_sent + round_trip_s) / 2
        self._clock.learn(now)
        offset_s = now - time.time()
        if abs(offset_s) > CLOCK_OFFSET_S and not self._is_clock_told:
            log.warning("clock.differs", device=self._name, offset_s=round(offset_s))
            self._is_clock_told = True


async def _end(running: _Running) -> None:
    """End a link, and ask again where something has swallowed that."""
    while not running.task.done():
        running.task.cancel()
        await asyncio.wait([running.task], timeout=ASK_AGAIN_S)


async def _leave(running: _Running) -> None:
    """Let a link that is up deliver what is pending, for a while, and end it."""
    try:
        if running.link.status.is_connected:
            with suppress(TimeoutError):  # what is left then is told below
                async with asyncio.timeout(LAST_WORDS_S):
                    await running.link.outbox.drained()
        _tell_what_is_left(running)
    finally:
        await _end(running)


def _tell_what_is_left(running: _Running) -> None:
    """Warn of messages that wait until this identity is named again."""
    if running.link.pending:
        log.warning("cloud.left", cloud=running.link.name, pending=running.link.pending)


def _sink(outbox: Outbox, is_up: Callable[[], bool]) -> Sink:
    """Keep everything for a cloud; while it is away, not what it hears at its next connect."""

    def take(message: Uplink) -> None:
        if isinstance(message, PropertyReport) and not is_up():
            news = message.news()
            if news is not None:
                outbox.append(news)
        else:
            outbox.append(message)

    return take


def _ignore(value: object) -> None:
    del value

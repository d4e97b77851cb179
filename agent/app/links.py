"""The links of one device: started, stopped and replaced while the device runs on."""

import asyncio
import secrets
import time
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import structlog

from agent.clouds.attempts import Attempts, name_of
from agent.clouds.door import Door
from agent.clouds.link import Link
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
)
from agent.messages import Outcome as Answered
from agent.model import Values
from agent.outbox import LARGEST_ID, Outbox
from agent.ports import Clock, Codec, Transport
from agent.runtime import Sink
from agent.settings.clouds import CloudSettings

log: Final = structlog.get_logger()

CLOCK_OFFSET_S: Final = 60.0


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


@dataclass(frozen=True, slots=True, kw_only=True)
class _Running:
    settings: CloudSettings
    link: Link
    task: asyncio.Task[object]


class Links:
    """One link a cloud, each with an outbox that outlives the link's replacement."""

    def __init__(
        self, desk: Desk, transport: Transport, clock: Clock, group: asyncio.TaskGroup, name: str
    ) -> None:
        self._desk = desk
        self._transport = transport
        self._clock = clock
        self._group = group
        self._name = name
        self._running: dict[str, _Running] = {}
        self._outboxes: dict[str, Outbox] = {}
        self._uncleared: dict[str, Uncleared] = {}
        self._is_clock_told = False

    @property
    def links(self) -> Mapping[str, Link]:
        """The links by their cloud's name."""
        return {name: running.link for name, running in self._running.items()}

    @property
    def sinks(self) -> Mapping[str, Sink]:
        """Where messages for each cloud go."""
        return {name: _sink(self._outboxes[name]) for name in self._running}

    async def apply(self, wanted: Mapping[str, CloudSettings]) -> None:
        """Run exactly the links of *wanted*; one whose section is the same is left alone."""
        leaving = [
            name for name, running in self._running.items() if wanted.get(name) != running.settings
        ]
        for name in leaving:
            await self._stop(name)
        for name in self._outboxes.keys() - wanted.keys():
            del self._outboxes[name]
        for name, settings in wanted.items():
            if name not in self._running:
                self._start(name, settings)

    def _start(self, name: str, settings: CloudSettings) -> None:
        codec = self._desk.codec(name, settings)
        outbox = self._outboxes.setdefault(name, Outbox(first_id=_first_id()))
        link = Link(
            name,
            codec=codec,
            transport=self._transport,
            outbox=outbox,
            clock=self._clock,
            door=self._door(name),
            next_attempt=self._desk.attempts.of(name, settings.identity),
            uncleared=self._uncleared_of(name_of(name, settings.identity)),
        )
        task: asyncio.Task[object] = self._group.create_task(
            link.run(), name=f"{self._name}.{name}.link"
        )
        self._running[name] = _Running(settings=settings, link=link, task=task)

    async def _stop(self, name: str) -> None:
        running = self._running.pop(name)
        running.task.cancel()
        await asyncio.wait([running.task])

    def _uncleared_of(self, identity: str) -> Uncleared:
        if identity not in self._uncleared:
            memory, now = self._desk.memory, self._clock.now
            self._uncleared[identity] = Uncleared(identity, memory, self._name, now)
        return self._uncleared[identity]

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
        )

    def _compare_clocks(self, answer: TimeAnswer, round_trip_s: float) -> None:
        """Say once how far this machine's untrusted clock is from the platform's."""
        middle = (answer.server_received + answer.server_sent) / 2
        offset_s = middle - (time.time() - round_trip_s / 2)
        if abs(offset_s) > CLOCK_OFFSET_S and not self._is_clock_told:
            log.warning("clock.differs", device=self._name, offset_s=round(offset_s))
            self._is_clock_told = True


def _sink(outbox: Outbox) -> Sink:
    return lambda message: _ignore(outbox.append(message))


def _ignore(value: object) -> None:
    del value


def _first_id() -> int:
    """Begin the ids of this process where hardly any earlier process has been."""
    return 1 + secrets.randbelow(LARGEST_ID)

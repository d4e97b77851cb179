"""One link with a scripted device, and the emulated cloud that it speaks to, in virtual time."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from structlog.testing import capture_logs

from agent.clouds.attempts import NextAttempt
from agent.clouds.door import Door
from agent.clouds.in_memory import MemoryTransport
from agent.clouds.link import Chance, Link
from agent.clouds.uncleared import Uncleared
from agent.devices.socket.thing_table import SOCKET
from agent.emulator.emulator import Emulator
from agent.emulator.options import EmulatorOptions
from agent.emulator.values import DeviceKey
from agent.loop_clock import LoopClock
from agent.memory import ProcessMemory
from agent.messages import (
    DONE,
    ActionCall,
    Command,
    EventReport,
    InfoReport,
    Outcome,
    PropertyReport,
    Refusal,
    RefusalKind,
    refused,
)
from agent.outbox import Outbox
from agent.requests import Doings, Requests
from agent.rights import Rights
from tests.clouds.support import run_virtually
from tests.contract.dialects import HOST, SPEAKERS, Speaker

NOON = 1_800_000_000.0
ALL = Rights(commands="all", reset_energy=True)
TRIPPED = Refusal(kind=RefusalKind.TRIPPED, reason="tripped: overcurrent 7.3 A")


class Clock(LoopClock):
    """The loop's time; the wall clock is wrong by `off_s`, or unknown (None)."""

    def __init__(self, off_s: float | None = 0.0) -> None:
        self.off_s = off_s

    def wall_time(self) -> float | None:
        return None if self.off_s is None else NOON + self.now() + self.off_s


class Device:
    """Does what it is asked for as the thing's table allows; `refusal` makes it refuse all.

    `afterwards` is called when something was done, before anybody is told.
    """

    def __init__(self, cloud: str, rights: Rights, clock: Clock) -> None:
        self.values: dict[str, Any] = {
            "power_switch": False,
            "voltage": 230.1,
            "current": 0.5,
            "active_power": 115.0,
            "apparent_power": 115.1,
            "power_factor": 0.99,
            "total_energy": 1.25,
            "count_down": 0,
            "current_limit": 5.0,
        }
        self.done: list[Command] = []
        self.refusal: Refusal | None = None
        self.afterwards: Callable[[], Any] = lambda: None
        self.counted_wh: int | None = None
        doings = Doings(
            execute=self._execute, position=self.values.get, commands=lambda: len(self.done)
        )
        self.requests = Requests(doings, clock.now, ProcessMemory(), "socket-1")
        self.requests.rights = {cloud: rights}

    def _execute(self, command: Command) -> Outcome:
        request = command.request
        if self.refusal is not None:
            return Outcome(refusal=self.refusal)
        if isinstance(request, ActionCall):
            if request.name not in {action.name for action in SOCKET.actions}:
                return refused(RefusalKind.UNKNOWN_NAME, f"no action is called {request.name:.80}")
            self.values["total_energy"] = 0.0
        else:
            fault = SOCKET.fault(request.values)
            if fault is not None:
                return Outcome(refusal=fault)
            self.values.update(request.values)
        self.done.append(command)
        self.afterwards()
        return DONE

    @property
    def sets(self) -> list[Mapping[str, Any]]:
        """What was set, in order."""
        return [dict(command.request.values) for command in self.done]


class Counting:
    """A transport that tells when it was asked to connect."""

    def __init__(self, inner: MemoryTransport) -> None:
        self._inner = inner
        self.connects: list[float] = []

    @asynccontextmanager
    async def connect(self, params: Any) -> AsyncGenerator[Any, None]:
        self.connects.append(asyncio.get_running_loop().time())
        async with self._inner.connect(params) as session:
            yield session


@dataclass(kw_only=True)
class World:
    """What a scenario plays with."""

    speaker: Speaker
    emulator: Emulator
    device: Device
    link: Link
    clock: Clock
    transport: Counting
    logs: Sequence[Any] = field(default_factory=list)

    @property
    def key(self) -> DeviceKey:
        identity = self.speaker.device
        return DeviceKey(cloud=identity.cloud, product=identity.product, name=identity.name)

    @property
    def console(self) -> Any:
        return self.emulator.clouds[self.speaker.cloud].console

    @property
    def shown(self) -> dict[str, Any]:
        return dict(self.emulator.describe(self.key))

    @property
    def is_online(self) -> bool:
        return bool(self.shown["online"]) and self.link.status.is_connected

    def uplinks(self, after: int = 0) -> list[Any]:
        entries = self.emulator.messages(self.key, after=after)
        return [entry for entry in entries if entry.direction == "up"]

    def said(self, event: str, **facts: Any) -> list[Any]:
        """What was logged under that name, with those facts."""
        return [
            each for each in self.logs if each["event"] == event and facts.items() <= each.items()
        ]

    def report(self, **values: Any) -> str:
        message = PropertyReport(values=values, wall_time=self.clock.wall_time())
        return self.link.outbox.append(message)

    def event(self, name: str = "low_voltage", **values: Any) -> str:
        message = EventReport(name=name, values=values, wall_time=self.clock.wall_time())
        return self.link.outbox.append(message)

    async def send(self, values: dict[str, Any]) -> Any:
        return await self.emulator.set_properties(self.key, values, timeout_s=25)

    async def until(self, condition: Callable[[], Any], within_s: float = 60.0) -> float:
        """Wait in virtual time; tell how long it took."""
        began = self.clock.now()
        while not condition():
            assert self.clock.now() - began <= within_s, f"not within {within_s} s"
            await asyncio.sleep(0.1)
        return self.clock.now() - began

    async def settled(self) -> None:
        """Wait until everything was delivered, and nothing that comes may be old any more."""
        await self.until(lambda: self.is_online and not self.link.pending, 150)
        await asyncio.sleep(6)
        await self.until(self._is_quiet, 60)

    def _is_quiet(self) -> bool:
        """Tell whether the device has said nothing for a while."""
        sent = self.uplinks()
        return not sent or sent[-1].wall_time < NOON + self.clock.now() - 4


def make_link(codec: Any, transport: Any, clock: Clock, device: Device, jitter: float) -> Link:
    name = codec.name

    def snapshot() -> PropertyReport:
        return PropertyReport(values=dict(device.values), wall_time=clock.wall_time())

    async def perform(call: Any) -> Outcome:
        return await device.requests.perform(name, call)

    door = Door(
        execute=lambda request: device.requests.execute(name, request),
        perform=perform,
        values=lambda names: {each: device.values[each] for each in names if each in device.values},
        on_change=lambda _: None,
        snapshot=snapshot,
        info=lambda: InfoReport(facts={"version": "0.1.0", "hardware": "test"}),
        counted_wh=lambda: device.counted_wh,
    )
    memory = ProcessMemory()
    return Link(
        name,
        codec=codec,
        transport=transport,
        outbox=Outbox(first_id=1),
        clock=clock,
        door=door,
        next_attempt=NextAttempt("socket-1", "boot", memory),
        uncleared=Uncleared("socket-1", memory, "socket-1", clock.now),
        chance=Chance(jitter=lambda: jitter, nonce=lambda: "0123456789abcdef"),
    )


def play(
    name: str,
    scenario: Callable[[World], Awaitable[None]],
    *,
    rights: Rights = ALL,
    off_s: float | None = 0.0,
    jitter: float = 0.5,
    options: Mapping[str, Any] | None = None,
    **settings: Any,
) -> World:
    """Live a scenario with the codec *name* and its cloud; *settings* change its section."""
    speaker = SPEAKERS[name]
    worlds: list[World] = []

    async def main() -> None:
        emulator = Emulator(
            EmulatorOptions(
                clouds=(speaker.cloud,),
                wall_clock=lambda: NOON + asyncio.get_running_loop().time(),
                **(options or {}),
            )
        )
        clock = Clock(off_s)
        endpoint = emulator.clouds[speaker.cloud].endpoint
        transport = Counting(MemoryTransport({HOST: endpoint}))
        made = speaker.factory(speaker.settings(host=HOST, **settings), SOCKET)
        device = Device(made.name, rights, clock)
        link = make_link(made, transport, clock, device, jitter)
        with capture_logs() as logs:
            world = World(
                speaker=speaker,
                emulator=emulator,
                device=device,
                link=link,
                clock=clock,
                transport=transport,
                logs=logs,
            )
            worlds.append(world)
            async with endpoint:
                running = asyncio.create_task(link.run(), name="link")
                try:
                    await scenario(world)
                    assert not running.done(), "the link ended by itself"
                finally:
                    running.cancel()
                    await asyncio.wait([running])

    run_virtually(main())
    return worlds[0]

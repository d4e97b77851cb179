"""One link through a storm: random faults while messages are raised, and then quiet."""

import asyncio
import random
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any, Final

from pydantic import SecretStr

from agent.app.codecs import make_codec
from agent.clouds.attempts import NextAttempt
from agent.clouds.door import Door
from agent.clouds.in_memory import MemoryTransport
from agent.clouds.link import Chance, Link
from agent.clouds.uncleared import Uncleared
from agent.demo.dialects import DIALECTS
from agent.devices.socket.thing_table import SOCKET
from agent.emulator.emulator import Emulator
from agent.emulator.values import DeviceKey
from agent.memory import ProcessMemory
from agent.messages import DONE, EventReport, PropertyReport
from agent.outbox import Keeping, MemoryFile, Outbox
from agent.ports import ConnectParams, Session
from agent.settings.clouds import section_class
from chaos.heard import heard
from chaos.storms.storm import CONNECT_S, Faults, Storm
from chaos.virtual import EPOCH, VirtualClock, limited_options, run_virtually

HOST: Final = "cloud.test"
BOOT: Final = "boot"
MOST_FAULTS: Final = 4
CALM_S: Final = 5.0

DRAIN_S: Final = 600.0


def draw(chance: random.Random) -> Faults:
    """Draw a fault of any kind."""
    kinds: Sequence[Faults] = (
        {"kind": "drop", "seconds": chance.uniform(1, 40)},
        {"kind": "drop", "count": 1},
        {"kind": "silence", "seconds": chance.uniform(1, 60)},
        {"kind": "silence", "part": "acks", "seconds": chance.uniform(1, 60)},
        {"kind": "silence", "part": "replies", "seconds": chance.uniform(1, 60)},
        {"kind": "silence", "part": "replies", "count": chance.randint(1, 3)},
        {"kind": "refuse", "count": chance.randint(1, 2), "code": chance.choice((2, 3, 4, 5))},
        {"kind": "kick"},
        {"kind": "kick", "count": chance.randint(1, 4)},
        {"kind": "garbage"},
        {"kind": "garbage", "raw_hex": chance.randbytes(chance.randint(1, 20)).hex()},
        {"kind": "delay", "seconds": chance.uniform(0.1, 15), "count": chance.randint(1, 30)},
        {"kind": "half_open"},
        {"kind": "half_open", "count": chance.randint(1, 2)},
        {"kind": "reject", "count": chance.randint(1, 3)},
    )
    return chance.choice(kinds)


class Counting:
    """A transport that notes when it was asked to connect."""

    def __init__(self, inner: MemoryTransport) -> None:
        self._inner = inner
        self.at: list[float] = []

    @asynccontextmanager
    async def connect(self, params: ConnectParams) -> AsyncGenerator[Session, None]:
        """Note it, and connect."""
        self.at.append(asyncio.get_running_loop().time())
        async with self._inner.connect(params) as session:
            yield session


class Play:
    """Plays one storm in virtual time."""

    def __init__(self, cloud: str, seed: str) -> None:
        self._chance = random.Random(seed)  # noqa: S311 - to be repeated, no secret
        self._dialect = DIALECTS[cloud]
        self._device = self._dialect.identity()
        self._emulator = Emulator(limited_options(cloud, devices=(self._device,)))
        self._clock = VirtualClock()
        endpoint = self._emulator.clouds[cloud].endpoint
        self._transport = Counting(MemoryTransport({HOST: endpoint}))
        self._last = 0
        self._number = 0
        self.storm = Storm(cloud=cloud)
        self._link = self._make_link()

    @property
    def _key(self) -> DeviceKey:
        device = self._device
        return DeviceKey(cloud=device.cloud, product=device.product, name=device.name)

    async def play(self) -> Storm:
        """Play it, until everything was told or time is up."""
        async with self._emulator.clouds[self.storm.cloud].endpoint:
            running = asyncio.create_task(self._link.run(), name="link")
            try:
                await self._weather()
                await self._calm()
                if running.done():
                    running.result()
            finally:
                running.cancel()
                await asyncio.wait([running])
        return self.storm

    async def _weather(self) -> None:
        chance, storm = self._chance, self.storm
        await self._raise_for(chance.uniform(1, 20))
        for _ in range(chance.randint(1, MOST_FAULTS)):
            fault = draw(chance)
            storm.faults.append(fault)
            self._emulator.add_fault(dict(fault))
            await self._raise_for(chance.uniform(2, 45))
            if chance.random() < 0.6:
                self._emulator.clear_faults()
        self._emulator.clear_faults()
        storm.quiet_at = self._clock.now()

    async def _calm(self) -> None:
        """Have everything told; then, in a new session, a few more messages."""
        storm, link = self.storm, self._link
        if await self._is_so(lambda: link.status.is_connected, CONNECT_S):
            storm.back_s = self._clock.now() - storm.quiet_at
        await self._is_so(lambda: not link.pending, DRAIN_S)
        sessions = link.status.sessions
        self._emulator.add_fault({"kind": "kick"})
        await self._is_so(lambda: link.status.sessions > sessions, CONNECT_S)
        storm.calm_at = self._clock.now()
        await self._raise_for(CALM_S)
        await self._is_so(lambda: not link.pending, DRAIN_S)
        await asyncio.sleep(1.0)
        self._look()
        storm.pending, storm.counters = link.pending, link.counters
        storm.connects = self._transport.at

    async def _is_so(self, condition: Any, within_s: float) -> bool:  # noqa: ANN401 - a callable
        end = self._clock.now() + within_s
        while not condition():
            if self._clock.now() > end:
                return False
            await asyncio.sleep(1.0)
            self._look()
        return True

    async def _raise_for(self, seconds: float) -> None:
        """Raise events and reports for so long, each with a number of its own."""
        chance, end = self._chance, self._clock.now() + seconds
        while self._clock.now() < end:
            self._number += 1
            number, stamp = self._number, self._clock.stamp()
            values = {"voltage": float(100 + number)}
            if chance.random() < 0.4:
                self.storm.events.append(number)
                self._link.outbox.append(
                    EventReport(
                        name="low_voltage", values=values, wall_time=stamp.wall_time, at=stamp.at
                    )
                )
            else:
                self.storm.reports.append(number)
                self._link.outbox.append(
                    PropertyReport(values=values, wall_time=stamp.wall_time, at=stamp.at)
                )
            await asyncio.sleep(chance.uniform(1, 8))
            self._look()

    def _look(self) -> None:
        found = self._emulator.messages(self._key, after=self._last)
        for entry in found:
            self._last = entry.number
            if entry.direction != "up":
                continue
            if entry.qos:
                self.storm.sent.append(entry.wall_time)
            at = entry.wall_time - EPOCH
            for each in heard(self.storm.cloud, entry):
                number = _number(each.values)
                if number is not None:
                    self.storm.heard_at.setdefault(number, []).append(at)

    def _make_link(self) -> Link:
        dialect, device, clock = self._dialect, self._device, self._clock
        product, name, secret = dialect.keys
        fields: dict[str, Any] = {
            product: device.product,
            name: device.name,
            secret: SecretStr(device.secret),
            "host": HOST,
            **dialect.extra,
        }
        memory = ProcessMemory()

        async def perform(_call: object) -> Any:  # noqa: ANN401 - an outcome
            return DONE

        door = Door(
            execute=lambda _request: DONE,
            perform=perform,
            values=lambda _names: {},
            on_change=lambda _is_up: None,
            snapshot=lambda: None,
            info=lambda: None,
        )
        keeping = Keeping(file=MemoryFile(), clock=clock.since_boot, boot_id=BOOT)
        return Link(
            dialect.section,
            codec=make_codec(dialect.section, section_class(dialect.section)(**fields), SOCKET),
            transport=self._transport,
            outbox=Outbox(first_id=1, keeping=keeping),
            clock=clock,
            door=door,
            next_attempt=NextAttempt("chaos", BOOT, memory),
            uncleared=Uncleared("chaos", memory, "chaos", clock.now),
            chance=Chance(jitter=self._chance.random, nonce=lambda: "0123456789abcdef"),
        )


def _number(values: Mapping[str, object] | object) -> int | None:
    """Find the number that a report or an event was raised with."""
    found = values if isinstance(values, Mapping) else {}
    for name, value in found.items():
        if "voltage" in str(name).lower() and isinstance(value, int | float | str):
            return round(float(value)) - 100
    return None


def play(cloud: str, seed: str) -> Storm:
    """Play the storm that *seed* draws."""

    async def main() -> Storm:
        return await Play(cloud, seed).play()

    return run_virtually(main())

"""A socket with its agent, its state file and one emulated cloud, all in virtual time."""

import asyncio
from collections.abc import AsyncGenerator, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from pydantic import SecretStr

from agent import __version__
from agent.app.device import DeviceApp, Surroundings
from agent.app.held import HeldLines
from agent.app.outboxes import Outboxes
from agent.app.parts import Parts
from agent.clouds.attempts import Attempts
from agent.clouds.in_memory import MemoryTransport
from agent.clouds.link import Link
from agent.demo.dialects import DIALECTS, Dialect
from agent.drivers.simulated.appliances import make
from agent.drivers.simulated.contact import SimulatedRelay
from agent.drivers.simulated.plant import Plant
from agent.emulator.emulator import Emulator
from agent.emulator.identity import DeviceIdentity
from agent.emulator.values import DeviceKey
from agent.model import COUNTER_MODULUS, Factors, Reading, Register
from agent.outbox import Bounds, Found, Keeping, Lane, OutboxFile, Row
from agent.outbox.file import Kept, Loaded
from agent.outbox.shrinking import Plan, Span
from agent.settings.clouds import section_class
from agent.settings.device import SocketSettings
from agent.settings.root import DeviceConfig
from agent.store import Store
from agent.store.thread import AtOnce
from agent.systemd import Notifier
from chaos.kept import STATE_FILE
from chaos.stage import ALWAYS, DEVICE
from chaos.virtual import VirtualClock, limited_options
from chaos.world import PULSE_PJ

READING_S: Final = 1.9
"""The chip sends twenty times as often; what is decided from its frames is not what is tried."""

HOST: Final = "cloud.test"
BOOT: Final = "boot"


class SlowMeter:
    """What the chip would measure without noise, now and then; the plant outlives the agent."""

    def __init__(self) -> None:
        self._at = asyncio.get_running_loop().time()
        self._energy_j = 0.0
        self.plant = Plant(make("lamp"), now=self._at)

    def set_contact(self, *, on: bool) -> None:
        """Follow the relay."""
        self.plant.set_contact(on=on, now=asyncio.get_running_loop().time())

    def plug(self, load: str, power_w: float) -> None:
        """Plug another load in."""
        self.plant.plug(make(load, power_w), now=asyncio.get_running_loop().time())

    def set_mains(self, volts: float) -> None:
        """Change the voltage of the mains."""
        self.plant.set_mains(volts, now=asyncio.get_running_loop().time())

    def rescale(self, factors: Factors) -> None:
        """Stay as it is: nobody calibrates."""

    async def readings(self) -> AsyncGenerator[Reading, None]:
        """Yield what there is to measure."""
        while True:
            await asyncio.sleep(READING_S)
            yield self._measure(asyncio.get_running_loop().time())

    def _measure(self, now: float) -> Reading:
        supply = self.plant.at(now)
        self._energy_j += supply.power_w * (now - self._at)
        self._at = now
        return Reading(
            voltage_v=supply.load_v,
            current_a=supply.current_a,
            power_w=supply.power_w,
            pulses=int(self._energy_j * 1e12 / PULSE_PJ) % COUNTER_MODULUS,
            pulse_pj=PULSE_PJ,
            voltage=_register(supply.load_v),
            current=_register(supply.current_a),
            power=_register(supply.power_w),
        )


def _register(value: float) -> Register:
    return Register(raw=round(value * 1e4), value=value, is_updated=True)


@dataclass(slots=True)
class Noted:
    """Every row that was given to an outbox, and how each that was changed looks by now."""

    rows: list[Row] = field(default_factory=list[Row])
    newest: dict[int, Row] = field(default_factory=dict[int, Row])


class NotedFile:
    """An outbox's file that notes what passes."""

    def __init__(self, inner: OutboxFile, noted: Noted) -> None:
        self._inner = inner
        self._noted = noted

    def found(self) -> Found:
        """Pass on."""
        return self._inner.found()

    def put(self, row: Row, on_kept: Kept) -> None:
        """Note the row."""
        self._noted.rows.append(row)
        self._inner.put(row, on_kept)

    def change(self, row: Row, on_kept: Kept) -> None:
        """Note what became of it."""
        self._noted.newest[row.number] = row
        self._inner.change(row, on_kept)

    def delete(self, number: int) -> None:
        """Pass on."""
        self._inner.delete(number)

    def tally(self, counters: Any) -> None:  # noqa: ANN401 - passed on
        """Pass on."""
        self._inner.tally(counters)

    def read(self, lane: Lane, span: Span, most: int) -> "asyncio.Future[Loaded]":
        """Pass on."""
        return self._inner.read(lane, span, most)

    def shrink(self, lane: Lane, span: Span, goal: int) -> "asyncio.Future[Plan]":
        """Note what is left."""
        shrinking = self._inner.shrink(lane, span, goal)
        shrinking.add_done_callback(self._note)
        return shrinking

    def _note(self, done: "asyncio.Future[Plan]") -> None:
        if not done.cancelled() and done.exception() is None:
            self._noted.newest |= {row.number: row for row in done.result().changed}


@dataclass(slots=True, kw_only=True)
class Home:
    """What outlives the agent's lives: the plant, the state file, the cloud."""

    dialect: Dialect
    folder: Path
    bounds: Bounds
    device: DeviceIdentity
    emulator: Emulator
    meter: SlowMeter
    clock: VirtualClock
    noted: Noted = field(default_factory=Noted)

    @property
    def key(self) -> DeviceKey:
        """The device at its cloud."""
        device = self.device
        return DeviceKey(cloud=device.cloud, product=device.product, name=device.name)

    @property
    def is_online(self) -> bool:
        """Whether the cloud has a session of the device."""
        return self.emulator.is_online(self.key)

    @property
    def disk_bytes(self) -> int:
        """How much the state takes on the disk."""
        return sum(path.stat().st_size for path in self.folder.glob(f"{STATE_FILE}*"))

    def config(self) -> DeviceConfig:
        """Make what a file of the socket would hold."""
        product, name, secret = self.dialect.keys
        fields: dict[str, Any] = {
            product: self.device.product,
            name: self.device.name,
            secret: SecretStr(self.device.secret),
            "host": HOST,
            **self.dialect.extra,
        }
        clouds = {self.dialect.section: section_class(self.dialect.section)(**fields)}
        settings = SocketSettings.model_validate(
            {
                "id": DEVICE,
                "kind": "socket",
                "clouds": list(clouds),
                "meter": {"driver": "simulated"},
                "relay": {
                    "driver": "simulated",
                    "min_off_s": 0,
                    "on_stop": "keep",
                    "on_start": dict(ALWAYS),
                },
                "button": {"driver": "none"},
                "indicator": {"driver": "none"},
                "reporting": {"min_interval_s": 2, "max_interval_s": 60},
            }
        )
        return DeviceConfig(path=self.folder / "socket.toml", device=settings, clouds=clouds)

    def surroundings(self, store: Store) -> Surroundings:
        """Make what a process gives its devices."""

        def keeping(identity: str, totals: Collection[str]) -> Keeping:
            file = NotedFile(store.outbox(identity, totals), self.noted)
            clock = self.clock.since_boot
            return Keeping(file=file, clock=clock, boot_id=BOOT, bounds=self.bounds, totals=totals)

        return Surroundings(
            clock=self.clock,
            cause=store.cause(BOOT, __version__),
            load=store.load,
            keep=lambda device, save, on_kept: store.save(
                device, save.saved, cause=save.cause, on_kept=on_kept
            ),
            record=lambda device, row: store.record(device, row.topic, row.name, row.details),
            condition=store.condition,
            stops_cleanly=lambda: True,
            requests=store,
            attempts=Attempts(store, BOOT),
            outboxes=Outboxes(keeping),
            held=HeldLines(Notifier({})),
            machine={"version": __version__, "hardware": "chaos"},
        )


@asynccontextmanager
async def home(cloud: str, folder: Path, bounds: Bounds) -> AsyncGenerator[Home, None]:
    """Set up a home; nothing of the agent runs yet."""
    dialect = DIALECTS[cloud]
    device = dialect.identity()
    emulator = Emulator(limited_options(cloud, devices=(device,)))
    async with emulator.clouds[cloud].endpoint:
        yield Home(
            dialect=dialect,
            folder=folder,
            bounds=bounds,
            device=device,
            emulator=emulator,
            meter=SlowMeter(),
            clock=VirtualClock(),
        )


@dataclass(frozen=True, slots=True)
class Life:
    """One process of the agent."""

    app: DeviceApp
    store: Store

    @property
    def link(self) -> Link:
        """The one link."""
        links = self.app.links
        assert links is not None
        (link,) = links.links.values()
        return link


@asynccontextmanager
async def living(place: Home) -> AsyncGenerator[Life, None]:
    """Run the agent as a process does that stops in order at the end."""
    endpoint = place.emulator.clouds[place.dialect.name].endpoint
    async with Store(
        place.folder / STATE_FILE, stamp=place.clock.stamp, boot_id=BOOT, thread=AtOnce()
    ) as store:
        config = place.config()
        parts = Parts(
            meter=place.meter,
            relay=SimulatedRelay(config.device.relay),
            button=None,
            indicator=None,
            transport=MemoryTransport({HOST: endpoint}),
        )
        app = DeviceApp(config, parts, place.surroundings(store))
        running = asyncio.create_task(app.run(lambda: None), name=DEVICE)
        await app.taken_over.wait()
        await store.begin_run(BOOT, __version__)
        try:
            yield Life(app, store)
            if running.done():
                running.result()
                raise RuntimeError("the agent ended by itself")
        finally:
            running.cancel()
            await asyncio.wait([running])
            await store.end_run()

"""A socket with its agent, its state file and one emulated cloud, all in virtual time."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from pydantic import SecretStr

from agent import __version__
from agent.app.device import DeviceApp
from agent.app.held import HeldLines
from agent.app.outboxes import Outboxes
from agent.app.parts import Parts
from agent.app.surroundings import Surroundings
from agent.clouds.attempts import Attempts
from agent.clouds.in_memory import MemoryTransport
from agent.clouds.link import Link
from agent.demo.dialects import DIALECTS, Dialect
from agent.devices.effects import MAIN
from agent.drivers.simulated.contact import SimulatedRelay
from agent.emulator.emulator import Emulator
from agent.emulator.identity import DeviceIdentity
from agent.emulator.values import DeviceKey
from agent.outbox import Bounds, Keeping
from agent.settings.clouds import section_class
from agent.settings.device import SocketSettings
from agent.settings.relays import RelaySettings
from agent.settings.root import DeviceConfig
from agent.store import Store
from agent.store.thread import AtOnce
from agent.systemd import Notifier
from chaos.kept import STATE_FILE
from chaos.outages.noted import Noted, NotedFile
from chaos.outages.slow_meter import SlowMeter
from chaos.stage import ALWAYS, DEVICE
from chaos.virtual import VirtualClock, limited_options

HOST: Final = "cloud.test"
BOOT: Final = "boot"


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
        settings = config.device
        assert isinstance(settings, SocketSettings), "the home has a socket"
        assert isinstance(settings.relay, RelaySettings), "its relay is simulated"
        parts = Parts(
            meter=place.meter,
            relays={MAIN: SimulatedRelay(settings.relay)},
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


async def until(condition: Callable[[], bool], within_s: float, what: str) -> float:
    """Wait in virtual time; tell how long it took; raise where it does not come."""
    loop = asyncio.get_running_loop()
    began = loop.time()
    while not condition():
        if loop.time() - began > within_s:
            raise RuntimeError(f"{what}: not within {within_s:g} s")
        await asyncio.sleep(0.1)
    return loop.time() - began

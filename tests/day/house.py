"""A socket, its agent and the emulated clouds in one process and in virtual time."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Collection, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from agent.app.device import DeviceApp
from agent.app.held import HeldLines
from agent.app.outboxes import Outboxes
from agent.app.parts import Parts
from agent.app.surroundings import Surroundings
from agent.clouds.attempts import Attempts
from agent.clouds.in_memory import MemoryTransport
from agent.demo.dialects import DIALECTS, Dialect
from agent.devices.effects import MAIN, Record
from agent.drivers.hlw8032.decoder import Coefficients, Decoder
from agent.drivers.hlw8032.frame import FRAME_PERIOD_S
from agent.drivers.hlw8032.framer import Framer
from agent.drivers.simulated.appliances import Appliance, make
from agent.drivers.simulated.button import SimulatedButton
from agent.drivers.simulated.chip import Chip
from agent.drivers.simulated.contact import SimulatedRelay
from agent.drivers.simulated.indicator import SimulatedIndicator
from agent.drivers.simulated.plant import Plant
from agent.emulator.emulator import Emulator
from agent.emulator.identity import DeviceIdentity
from agent.emulator.options import EmulatorOptions
from agent.emulator.values import DeviceKey
from agent.loop_clock import LoopClock
from agent.memory import ProcessMemory
from agent.messages import EventReport
from agent.model import Condition, Factors, StartCause
from agent.outbox import Keeping, MemoryFile
from agent.settings.clouds import CloudSettings, section_class
from agent.settings.device import SocketSettings
from agent.settings.root import DeviceConfig
from agent.systemd import Notifier

BOARD = Coefficients(kv=3.069, ki=1.007, kp=3.108)
NOON = 1_800_000_000.0
HOST = ".test"

Adapt = Callable[[DeviceConfig, Parts], tuple[DeviceConfig, Parts]]
"""Changes what the agent is made of."""


class HouseClock(LoopClock):
    """The loop's time; the wall clock stood at noon when the loop began."""

    def wall_time(self) -> float | None:
        return NOON + self.now()


class DirectMeter:
    """The chip's frames without a line, each at its time."""

    period_s = FRAME_PERIOD_S

    def __init__(self) -> None:
        now = asyncio.get_running_loop().time()
        self.plant = Plant(make("lamp"), now=now)
        self.chip = Chip(self.plant.at, BOARD, now=now)

    def set_contact(self, *, on: bool) -> None:
        self.plant.set_contact(on=on, now=asyncio.get_running_loop().time())

    def plug(self, appliance: Appliance) -> None:
        self.plant.plug(appliance, now=asyncio.get_running_loop().time())

    def set_mains(self, volts: float) -> None:
        self.plant.set_mains(volts, now=asyncio.get_running_loop().time())

    def rescale(self, factors: Factors) -> None:
        del factors

    async def readings(self) -> AsyncGenerator[Any, None]:
        loop, framer, decoder = asyncio.get_running_loop(), Framer(), Decoder(BOARD)
        due = loop.time()
        while True:
            due += self.period_s
            await asyncio.sleep(due - loop.time())
            self.chip.advance(due)
            for sighting in framer.feed(self.chip.frame()):
                if sighting.rejection is None:
                    yield decoder.decode(sighting.frame).reading


@dataclass(slots=True, kw_only=True)
class House:
    """What a test plays with."""

    app: DeviceApp
    meter: DirectMeter
    emulator: Emulator
    devices: Mapping[str, DeviceIdentity]
    button: SimulatedButton
    light: SimulatedIndicator
    movements: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    """Each movement of the contact: where to, and why."""
    rows: list[Record] = field(default_factory=list[Record])
    raised: list[EventReport] = field(default_factory=list[EventReport])

    @property
    def is_on(self) -> bool:
        return self.meter.plant.is_closed

    def key(self, name: str) -> DeviceKey:
        device = self.devices[name]
        return DeviceKey(cloud=name, product=device.product, name=device.name)

    def shown(self, name: str) -> dict[str, Any]:
        """What the platform knows of the device."""
        return dict(self.emulator.describe(self.key(name)))

    def view(self, name: str) -> dict[str, Any]:
        """The values that its app shows, under the thing's names."""
        return DIALECTS[name].values(self.shown(name))

    def events(self, name: str, event: str) -> int:
        """How many events of that name the platform was told of."""
        found = [each["id"].replace("_", "").lower() for each in self.shown(name)["events"]]
        return found.count(event.replace("_", ""))

    def uplinks(self, name: str) -> list[tuple[str, bytes]]:
        """What the device has sent, oldest first."""
        found = self.emulator.messages(self.key(name))
        return [(each.topic, each.payload) for each in found if each.direction == "up"]

    async def send(self, name: str, values: dict[str, Any]) -> Any:
        return await self.emulator.set_properties(self.key(name), values, timeout_s=30)

    def plug(self, load: str, power_w: float) -> None:
        self.meter.plug(make(load, power_w))

    async def until(self, condition: Callable[[], bool], within_s: float, what: str) -> float:
        """Wait in virtual time; tell how long it took."""
        loop = asyncio.get_running_loop()
        began = loop.time()
        while not condition():
            if loop.time() - began > within_s:
                raise AssertionError(f"{what}: not within {within_s:g} s")
            await asyncio.sleep(0.05)
        return loop.time() - began


def section(dialect: Dialect, device: DeviceIdentity, **more: Any) -> CloudSettings:
    """Make the section of a cloud, as the loader would."""
    product, name, secret = dialect.keys
    fields: dict[str, Any] = {
        product: device.product,
        name: device.name,
        secret: SecretStr(device.secret),
        "host": dialect.name + HOST,
        **dialect.extra,
        **more,
    }
    return section_class(dialect.section)(**fields)


def config(
    sections: Mapping[str, CloudSettings], device: Mapping[str, Any] | None = None
) -> DeviceConfig:
    """Make the configuration of the house's socket."""
    settings = SocketSettings.model_validate(
        {
            "id": "socket-1",
            "kind": "socket",
            "clouds": list(sections),
            "meter": {"driver": "simulated"},
            "relay": {"driver": "simulated", "min_off_s": 0},
            "button": {"driver": "none"},
            "indicator": {"driver": "none"},
            "reporting": {"min_interval_s": 2, "max_interval_s": 60},
            **(device or {}),
        }
    )
    return DeviceConfig(path=Path("socket-1.toml"), device=settings, clouds=dict(sections))


def memory_keeping(clock: HouseClock, totals: Collection[str] = ()) -> Keeping:
    """Keep an outbox in memory, as a disk would."""
    file = MemoryFile(totals)
    return Keeping(file=file, clock=clock.since_boot, boot_id="boot", totals=totals)


@asynccontextmanager
async def open_house(  # noqa: PLR0913 - each has a default
    names: Sequence[str],
    *,
    more: Mapping[str, Any] | None = None,
    options: EmulatorOptions | None = None,
    starts_with: Sequence[str] | None = None,
    shows_light: bool = False,
    keeping: Callable[[str, Collection[str]], Keeping] | None = None,
    adapt: Adapt = lambda made, parts: (made, parts),
) -> AsyncGenerator[House, None]:
    """Open a house whose socket speaks to the dialects *names* (or at first to *starts_with*)."""
    clock = HouseClock()
    devices = {name: DIALECTS[name].identity() for name in names}
    base = options or EmulatorOptions()
    emulator = Emulator(
        EmulatorOptions(
            clouds=tuple(names),
            devices=tuple(devices.values()),
            wall_clock=lambda: NOON + clock.now(),
            tencent=base.tencent,
            aliyun=base.aliyun,
            onenet=base.onenet,
        )
    )
    transport = MemoryTransport({name + HOST: emulator.clouds[name].endpoint for name in names})
    meter = DirectMeter()
    sections = {
        DIALECTS[name].section: section(DIALECTS[name], devices[name], **(more or {}))
        for name in (names if starts_with is None else starts_with)
    }
    made = config(sections)
    house: list[House] = []

    def record(device: str, row: Record) -> None:
        del device
        if row.topic == "relay" and row.name in {"on", "off"}:
            house[0].movements.append((row.name, str(row.details.get("why"))))
        house[0].rows.append(row)

    memory = ProcessMemory()
    around = Surroundings(
        clock=clock,
        cause=StartCause.FIRST,
        load=lambda _: None,
        keep=lambda _device, _save, on_kept: asyncio.get_running_loop().call_soon(on_kept),
        record=record,
        condition=lambda _: Condition.NEW,
        stops_cleanly=lambda: True,
        requests=memory,
        attempts=Attempts(memory, "boot"),
        outboxes=Outboxes(keeping or (lambda _identity, totals: memory_keeping(clock, totals))),
        held=HeldLines(Notifier({})),
        machine={"version": "0", "hardware": "house"},
    )
    button = SimulatedButton(made.device.button)
    light = SimulatedIndicator(made.device.indicator)
    parts = Parts(
        meter=meter,
        relays={MAIN: SimulatedRelay(made.device.relay)},
        button=button,
        indicator=light if shows_light else None,
        transport=transport,
    )
    app = DeviceApp(*adapt(made, parts), around)
    house.append(
        House(app=app, meter=meter, emulator=emulator, devices=devices, button=button, light=light)
    )
    async with AsyncExitStack() as stack:
        for cloud in emulator.clouds.values():
            await stack.enter_async_context(cloud.endpoint)
        running = asyncio.create_task(app.run(lambda: None), name="socket-1")
        await app.taken_over.wait()
        try:
            yield house[0]
        finally:
            running.cancel()
            await asyncio.wait([running])

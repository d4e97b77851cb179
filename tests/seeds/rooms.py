"""A shipped file's device, its agent and an emulated cloud in one process, in virtual time."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agent.app.device import DeviceApp
from agent.app.held import HeldLines
from agent.app.kinds import make_device
from agent.app.outboxes import Outboxes
from agent.app.parts import Parts
from agent.app.surroundings import Surroundings
from agent.clouds.attempts import Attempts
from agent.clouds.in_memory import MemoryTransport
from agent.drivers.simulated.contact import SimulatedRelay
from agent.drivers.simulated.dimmer import SimulatedDimmer
from agent.drivers.simulated.sensor import SimulatedSensor
from agent.emulator.emulator import Emulator
from agent.emulator.identity import sample_device
from agent.emulator.options import EmulatorOptions
from agent.emulator.values import DeviceKey
from agent.memory import ProcessMemory
from agent.model import Condition, StartCause
from agent.settings.load import load
from agent.settings.root import DeviceConfig
from agent.systemd import Notifier
from tests.clouds.support import run_virtually
from tests.day.house import HOST, NOON, HouseClock, memory_keeping
from tests.seeds.files import QUICK_S, SeedFile, exported

PATIENCE_S = 120.0


@dataclass(frozen=True, kw_only=True)
class Room:
    """What a test plays with; `sensors` by name."""

    app: DeviceApp
    emulator: Emulator
    key: DeviceKey
    sensors: dict[str, SimulatedSensor]

    @property
    def shown(self) -> dict[str, Any]:
        return dict(self.emulator.describe(self.key))

    def value(self, name: str) -> Any:
        return self.app.runtime.snapshot()[name]

    def uplinks(self) -> list[bytes]:
        found = self.emulator.messages(self.key)
        return [each.payload for each in found if each.direction == "up"]

    async def until(self, condition: Callable[[], Any], within_s: float = PATIENCE_S) -> None:
        """Wait in virtual time."""
        loop = asyncio.get_running_loop()
        end = loop.time() + within_s
        while not condition():
            assert loop.time() < end, f"not within {within_s:g} s: {self.shown}"
            await asyncio.sleep(0.05)

    async def goes_offline(self) -> None:
        self.emulator.add_fault({"kind": "drop", "device": str(self.key)})
        await self.until(lambda: not self.shown["online"])

    async def comes_back(self) -> None:
        """Come back, and tell all that waited."""
        self.emulator.clear_faults()
        await self.until(lambda: self.shown["online"])
        (link,) = self.app.links.links.values()
        await self.until(lambda: not link.pending, 600)


def in_room(
    folder: Path,
    seed: SeedFile,
    dialect: str,
    scenario: Callable[[Room], Awaitable[None]],
) -> None:
    """Play *scenario* with the device of *seed* at the cloud of *dialect*."""
    seed.choose(dialect)
    seed.text = seed.text.replace(f"interval_s = {QUICK_S}\n", "interval_s = 10\n")
    seed.write()
    models = asyncio.run(exported(seed, dialect))
    secret = folder / "secret"
    secret.touch(mode=0o600)
    secret.write_text(sample_device(dialect).secret)
    section = dialect.partition("-")[0].upper()
    key = "DEVICE_KEY_FILE" if section == "ONENET" else "DEVICE_SECRET_FILE"
    seed.environ |= {
        f"POLYCLOUD_CLOUDS__{section}__{key}": str(secret),
        f"POLYCLOUD_CLOUDS__{section}__HOST": dialect + HOST,
        "POLYCLOUD_DEVICE__REPORTING__MIN_INTERVAL_S": "5",
    }
    (entry,) = load(seed.path, seed.environ).devices

    async def main() -> None:
        async with open_room(entry, dialect, models) as room:
            await room.until(lambda: room.shown["online"])
            await scenario(room)

    run_virtually(main())


@asynccontextmanager
async def open_room(
    config: DeviceConfig, dialect: str, models: Any, host: str = ""
) -> AsyncGenerator[Room, None]:
    """Run the device of *config* at the cloud of *dialect*, which is at *host*."""
    clock, identity = HouseClock(), sample_device(dialect)
    options = EmulatorOptions(
        clouds=(dialect,),
        devices=(identity,),
        models=models,
        wall_clock=lambda: NOON + clock.now(),
    )
    emulator = Emulator(options)
    endpoint = emulator.clouds[dialect].endpoint
    needs, memory = make_device(config.device).needs, ProcessMemory()
    sensors = {name: SimulatedSensor(each) for name, each in needs.sensors.items()}  # type: ignore[arg-type]
    parts = Parts(
        transport=MemoryTransport({host or dialect + HOST: endpoint}),
        relays={name: SimulatedRelay(each) for name, each in needs.relays.items()},  # type: ignore[arg-type]
        dimmers={name: SimulatedDimmer(each) for name, each in needs.dimmers.items()},  # type: ignore[arg-type]
        sensors=sensors,
    )
    around = Surroundings(
        clock=clock,
        cause=StartCause.FIRST,
        load=lambda _: None,
        keep=lambda _device, _save, on_kept: asyncio.get_running_loop().call_soon(on_kept),
        record=lambda _device, _row: None,
        condition=lambda _: Condition.NEW,
        stops_cleanly=lambda: True,
        requests=memory,
        attempts=Attempts(memory, "boot"),
        outboxes=Outboxes(lambda _identity, totals: memory_keeping(clock, totals)),
        held=HeldLines(Notifier({})),
        machine={"version": "0", "hardware": "room"},
    )
    app = DeviceApp(config, parts, around)
    key = DeviceKey(cloud=dialect, product=identity.product, name=identity.name)
    async with endpoint:
        running = asyncio.create_task(app.run(lambda: None), name=config.device.id)
        await app.taken_over.wait()
        try:
            yield Room(app=app, emulator=emulator, key=key, sensors=sensors)
        finally:
            running.cancel()
            await asyncio.wait([running])

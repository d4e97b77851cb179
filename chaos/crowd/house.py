"""Where a crowd lives: one process' surroundings, one emulated cloud, all in virtual time."""

import asyncio
import random
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
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
from agent.demo.dialects import DIALECTS
from agent.devices.effects import MAIN, Save
from agent.drivers.simulated.contact import SimulatedRelay
from agent.emulator.emulator import Emulator
from agent.emulator.identity import DeviceIdentity
from agent.emulator.values import DeviceKey
from agent.memory import ProcessMemory
from agent.messages import Command, PropertySet
from agent.model import Condition, Origin, OriginKind, StartCause
from agent.outbox import Bounds, Keeping, MemoryFile
from agent.settings.clouds import section_class
from agent.settings.device import SocketSettings
from agent.settings.relays import RelaySettings
from agent.settings.root import DeviceConfig
from agent.systemd import Notifier
from chaos.crowd.member import CrowdMeter, Source
from chaos.virtual import VirtualClock, limited_options

CLOUD: Final = "tencent"
HOST: Final = "cloud.test"
BOOT: Final = "boot"
FEW_ROWS: Final = 8
"""An outbox that is full soon."""

PERSON: Final = Origin(kind=OriginKind.LOCAL, name="chaos")


@dataclass(slots=True, kw_only=True)
class Member:
    """One device, and what it got."""

    name: str
    app: DeviceApp
    meter: CrowdMeter
    relay: SimulatedRelay
    device: DeviceIdentity
    got: int = 0

    @property
    def key(self) -> DeviceKey:
        """The device at its cloud."""
        return DeviceKey(cloud=CLOUD, product=self.device.product, name=self.device.name)

    @property
    def link(self) -> Link:
        """Its one link."""
        assert self.app.links is not None, "it works"
        (link,) = self.app.links.links.values()
        return link

    def switch(self, *, on: bool) -> None:
        """Switch, as a person does."""
        request = PropertySet(request_id="", values={"power_switch": on})
        self.app.runtime.execute(Command(origin=PERSON, request=request))


class House:
    """All devices, and what they share; those whose number is below *own* have a chip each."""

    def __init__(self, count: int, own: int, seed: int) -> None:
        chance = random.Random(seed)  # noqa: S311 - to be repeated, no secret
        self.clock = VirtualClock()
        known = DIALECTS[CLOUD].identity()
        devices = tuple(replace(known, name=f"socket-{number:04}") for number in range(count))
        self.emulator = Emulator(limited_options(CLOUD, devices=devices))
        self._memory = ProcessMemory()
        self._transport = MemoryTransport({HOST: self.emulator.clouds[CLOUD].endpoint})
        self._around = self._surroundings()
        shared = [Source(load) for load in ("lamp", "kettle", "phone_charger")]
        self.small: set[str] = set()
        """Names of devices whose outboxes hold little."""
        self.members: list[Member] = []
        for number, device in enumerate(devices):
            is_own = number < own
            source = Source("lamp") if is_own else shared[number % len(shared)]
            meter = CrowdMeter(source, random.Random(chance.random()), is_own=is_own)  # noqa: S311
            self.members.append(self._member(device, meter))

    def _member(self, device: DeviceIdentity, meter: CrowdMeter) -> Member:
        config = _config(device)
        settings = config.device
        assert isinstance(settings, SocketSettings), "it is a socket"
        assert isinstance(settings.relay, RelaySettings), "on a line, or simulated"
        relay = SimulatedRelay(settings.relay)
        parts = Parts(meter=meter, relays={MAIN: relay}, transport=self._transport)
        app = DeviceApp(config, parts, self._around)
        member = Member(name=device.name, app=app, meter=meter, relay=relay, device=device)

        def count(_: object) -> None:
            member.got += 1

        app.readings.watchers.add(count)
        return member

    def _surroundings(self) -> Surroundings:
        def keeping(identity: str, totals: Collection[str]) -> Keeping:
            is_small = any(name in identity for name in self.small)
            bounds = Bounds(rows=FEW_ROWS) if is_small else Bounds()
            clock = self.clock.since_boot
            file = MemoryFile(totals)
            return Keeping(file=file, clock=clock, boot_id=BOOT, bounds=bounds, totals=totals)

        return Surroundings(
            clock=self.clock,
            cause=StartCause.FIRST,
            load=lambda _: None,
            keep=_keep,
            record=lambda _device, _row: None,
            condition=lambda _: Condition.NEW,
            stops_cleanly=lambda: True,
            requests=self._memory,
            attempts=Attempts(self._memory, BOOT),
            outboxes=Outboxes(keeping),
            held=HeldLines(Notifier({})),
            machine={"version": __version__, "hardware": "chaos"},
            zone=lambda: "UTC",
        )


def _keep(device: str, save: Save, on_kept: Callable[[], None]) -> None:
    """Be a disk that takes everything in a moment."""
    del device, save
    asyncio.get_running_loop().call_soon(on_kept)


def _config(device: DeviceIdentity) -> DeviceConfig:
    """Make what a device's file would hold."""
    dialect = DIALECTS[CLOUD]
    product, name, secret = dialect.keys
    fields: dict[str, Any] = {
        product: device.product,
        name: device.name,
        secret: SecretStr(device.secret),
        "host": HOST,
        **dialect.extra,
    }
    clouds = {dialect.section: section_class(dialect.section)(**fields)}
    settings = SocketSettings.model_validate(
        {
            "id": device.name,
            "kind": "socket",
            "clouds": list(clouds),
            "meter": {"driver": "simulated"},
            "relay": {"driver": "simulated", "min_off_s": 0, "on_start": "on"},
            "button": {"driver": "none"},
            "indicator": {"driver": "none"},
            "reporting": {"min_interval_s": 2, "max_interval_s": 60},
        }
    )
    return DeviceConfig(path=Path(f"{device.name}.toml"), device=settings, clouds=clouds)

"""Everything that the measured processes meet: clouds, meters' lines, files, and their end."""

import asyncio
import os
import secrets
import subprocess
import sys
from collections.abc import AsyncGenerator, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from agent.demo.dialects import DIALECTS
from agent.drivers.hlw8032.decoder import Coefficients
from agent.drivers.simulated.appliances import Appliance, make
from agent.drivers.simulated.chip import Chip
from agent.drivers.simulated.faults import Line
from agent.drivers.simulated.feed import Feed
from agent.drivers.simulated.plant import Plant
from agent.emulator.emulator import Emulator
from agent.emulator.identity import DeviceIdentity
from agent.emulator.options import EmulatorOptions, limited
from agent.emulator.values import DeviceKey
from bench.loads import cycle
from bench.subject import Account, Subject, device, renamed

AGENT: Final = "agent"
FLOOR: Final = "floor"
TENCENT: Final = "tencent"
BOARD: Final = Coefficients(kv=3.069, ki=1.007, kp=3.108)
END_S: Final = 10.0
UP_S: Final = 20.0
ENVIRON: Final = {"PATH": os.defpath, "LANG": "C.UTF-8"}
"""As bare as a service's: no trust stores, no switches of Python."""

OPEN: Final = "open"
"""The line of a meter behind an open contact; the others are named after what is plugged in."""

LOADS: Final[Mapping[str, Appliance]] = {
    OPEN: make("lamp"),
    "lamp": make("lamp"),
    "kettle": make("kettle"),
    "steps": cycle(0.4, 5.0, 5.0, rests_a=0.1),
}
"""`steps`: another value each 5 s, which is as often as the defaults allow to tell one."""

COMMANDS: Final[Mapping[str, str]] = {
    "tencent": "$thing/down/property/{product}/{name}",
    "aliyun": "/sys/{product}/{name}/thing/service/property/set",
    "onenet": "$sys/{product}/{name}/thing/#",
}
"""The filter that a device asks for to get commands."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """Clouds in this process, and a line of a meter for each load."""

    emulator: Emulator
    folder: Path
    meter_ports: Mapping[str, int]
    devices: Mapping[tuple[str, str], DeviceIdentity] = field(repr=False)
    """By cloud and name."""

    def key(self, name: str, cloud: str = TENCENT) -> DeviceKey:
        """Name a device as the emulator does."""
        product = self.devices[cloud, name].product
        return DeviceKey(cloud=cloud, product=product, name=name)

    def agent(self, subject: Subject, *, stamps: Path | None = None) -> "Program":
        """Prepare the agent: the command itself, or with *stamps* one whose relay is watched."""
        return run(self.write(subject), stamps=stamps)

    def floor(self, subject: Subject, *, stamps: Path | None = None) -> "Program":
        """Prepare the floor."""
        known = self.devices[TENCENT, subject.name]
        environ = {
            "FLOOR_PORT": str(self._port(subject, TENCENT)),
            "FLOOR_PRODUCT_ID": known.product,
            "FLOOR_DEVICE_NAME": known.name,
            "FLOOR_DEVICE_SECRET": known.secret,
        }
        if subject.is_tls:
            environ["FLOOR_CA_FILE"] = str(self.emulator.ports.ca_file)
        if stamps is not None:
            environ["FLOOR_STAMPS"] = str(stamps)
        script = Path(__file__).with_name("floor.py")
        return Program(command=[sys.executable, str(script)], environ={**ENVIRON, **environ})

    async def is_up(self, name: str, clouds: Sequence[str] = (TENCENT,)) -> None:
        """Wait until all of *clouds* may send commands to a device."""
        async with asyncio.timeout(UP_S):
            await self.emulator.wait_until(lambda: all(self._listens(name, one) for one in clouds))

    async def is_down(self, name: str, clouds: Sequence[str] = (TENCENT,)) -> None:
        """Wait until a device has gone from all of *clouds*."""
        keys = [self.key(name, cloud) for cloud in clouds]
        async with asyncio.timeout(UP_S):
            await self.emulator.wait_until(
                lambda: not any(self.emulator.is_online(key) for key in keys)
            )

    def write(self, subject: Subject, *, meter_port: int | None = None) -> Path:
        """Write the configuration of one agent, in a folder that no start has seen."""
        folder = self.folder / f"{subject.name}-{secrets.token_hex(4)}"
        folder.mkdir()
        port = meter_port or self.meter_ports[subject.load if subject.is_on else OPEN]
        accounts = [
            self._account(subject, cloud, folder) for cloud in (*subject.clouds, *subject.spare)
        ]
        path = folder / "bench.toml"
        sections = "".join(account.section for account in accounts)
        path.write_text(device(subject, folder, port) + sections, encoding="utf-8")
        return path

    def _listens(self, name: str, cloud: str) -> bool:
        key = self.key(name, cloud)
        session = self.emulator.clouds[cloud].broker.session(key)
        topic = COMMANDS[cloud].format(product=key.product, name=name)
        return session is not None and topic in session.subscriptions

    def _port(self, subject: Subject, cloud: str) -> int:
        ports = self.emulator.ports.clouds[cloud]
        return ports.mqtts if subject.is_tls else ports.mqtt

    def _account(self, subject: Subject, cloud: str, folder: Path) -> Account:
        """Write the secret of a device; tell where it is at home."""
        known = self.devices[cloud, subject.name]
        secret_file = folder / f"{cloud}.secret"
        secret_file.touch(mode=0o600)
        secret_file.write_text(known.secret, encoding="ascii")
        return Account(
            device=known,
            secret_file=secret_file,
            port=self._port(subject, cloud),
            ca_file=self.emulator.ports.ca_file if subject.is_tls else None,
        )


def rename(path: Path, clouds: Sequence[str]) -> None:
    """Name other clouds in a configuration; a reload makes them count."""
    path.write_text(renamed(path.read_text(encoding="utf-8"), clouds), encoding="utf-8")


def run(config: Path, *, stamps: Path | None = None) -> "Program":
    """Prepare the agent on *config*: see `Stage.agent`."""
    command = [str(Path(sys.executable).with_name("polycloud")), "run", "--config", str(config)]
    if stamps is not None:
        command = [sys.executable, "-m", "bench.stamped", str(config), str(stamps)]
    return Program(command=command, environ=ENVIRON)


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """A process that can be started."""

    command: list[str]
    environ: Mapping[str, str] = field(repr=False)

    @contextmanager
    def running(self) -> "Iterator[subprocess.Popen[bytes]]":
        """Start it; end it with SIGTERM, and by force if that does not do."""
        process = subprocess.Popen(
            self.command,
            env=self.environ,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            yield process
        finally:
            process.terminate()
            try:
                process.wait(END_S)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


@asynccontextmanager
async def open_stage(
    names: Sequence[str] = (AGENT, FLOOR),
    *,
    clouds: tuple[str, ...] = (TENCENT,),
    loads: Sequence[str] = ("lamp",),
) -> AsyncGenerator[Stage, None]:
    """Set clouds for *names* up, and the lines of meters; take all of it down again."""
    devices = {
        (cloud, name): replace(DIALECTS[cloud].identity(), name=name)
        for cloud in clouds
        for name in names
    }
    options = limited(EmulatorOptions(clouds=clouds, devices=tuple(devices.values())), 0)
    async with AsyncExitStack() as stack:
        folder = stack.enter_context(TemporaryDirectory(prefix="polycloud-bench-"))
        emulator = await stack.enter_async_context(Emulator(options))
        feeds = {load: await stack.enter_async_context(_feed(load)) for load in (OPEN, *loads)}
        yield Stage(
            emulator=emulator,
            folder=Path(folder),
            meter_ports={load: feed.port for load, feed in feeds.items()},
            devices=devices,
        )


def _feed(load: str) -> Feed:
    """Make the line of a meter that has *load* behind a closed contact, or an open one."""
    now = asyncio.get_running_loop().time()
    plant = Plant(LOADS[load], now=now)
    plant.set_contact(on=load != OPEN, now=now)
    return Feed(Chip(plant.at, BOARD, now=now), Line())

"""Everything that the measured processes meet: a cloud, a meter's line, files, and their end."""

import asyncio
import base64
import os
import secrets
import subprocess
import sys
from collections.abc import AsyncGenerator, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from agent.drivers.hlw8032.decoder import Coefficients
from agent.drivers.simulated.appliances import make
from agent.drivers.simulated.chip import Chip
from agent.drivers.simulated.faults import Line
from agent.drivers.simulated.feed import Feed
from agent.drivers.simulated.plant import Plant
from agent.emulator.emulator import Emulator
from agent.emulator.identity import DeviceIdentity
from agent.emulator.options import EmulatorOptions
from agent.emulator.tencent.rules import TencentRules
from agent.emulator.values import DeviceKey

PRODUCT: Final = "BENCH00001"
AGENT: Final = "agent"
FLOOR: Final = "floor"
BOARD: Final = Coefficients(kv=3.069, ki=1.007, kp=3.108)
END_S: Final = 10.0
UP_S: Final = 20.0
ENVIRON: Final = {"PATH": os.defpath, "LANG": "C.UTF-8"}
"""As bare as a service's: no trust stores, no switches of Python."""

CONFIG: Final = """\
[agent]
state_dir = "{folder}/state"
control_socket = "{folder}/control.sock"
clock = "system"

[device]
id = "bench"
kind = "socket"
clouds = ["tencent"]

[device.meter]
port = "socket://127.0.0.1:{meter_port}"

[device.relay]
driver = "simulated"
min_off_s = 0
on_start = "{start}"

[device.button]
driver = "none"

[device.indicator]
driver = "{light}"

[clouds.tencent]
product_id = "{product}"
device_name = "{name}"
device_secret_file = "{folder}/secret"
host = "localhost"
port = {port}
{tls}
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """A process to be measured: who it is at the cloud, and how its machine differs."""

    name: str
    is_tls: bool = True
    is_on: bool = False
    light: str = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """A cloud in this process, two lines of a meter (behind an open and a closed contact)."""

    emulator: Emulator
    folder: Path
    meter_ports: Mapping[bool, int]
    secrets: Mapping[str, str] = field(repr=False)

    def key(self, name: str) -> DeviceKey:
        """Name a device as the emulator does."""
        return DeviceKey(cloud="tencent", product=PRODUCT, name=name)

    def agent(self, subject: Subject, *, stamps: Path | None = None) -> "Program":
        """Prepare the agent: the command itself, or with *stamps* one whose relay is watched."""
        config = self._write(subject)
        command = [str(Path(sys.executable).with_name("polycloud")), "run", "--config", str(config)]
        if stamps is not None:
            command = [sys.executable, "-m", "bench.stamped", str(config), str(stamps)]
        return Program(command=command, environ=ENVIRON)

    def floor(self, subject: Subject, *, stamps: Path | None = None) -> "Program":
        """Prepare the floor."""
        environ = {
            "FLOOR_PORT": str(self._port(subject)),
            "FLOOR_PRODUCT_ID": PRODUCT,
            "FLOOR_DEVICE_NAME": subject.name,
            "FLOOR_DEVICE_SECRET": self.secrets[subject.name],
        }
        if subject.is_tls:
            environ["FLOOR_CA_FILE"] = str(self.emulator.ports.ca_file)
        if stamps is not None:
            environ["FLOOR_STAMPS"] = str(stamps)
        script = Path(__file__).with_name("floor.py")
        return Program(command=[sys.executable, str(script)], environ={**ENVIRON, **environ})

    async def is_up(self, name: str) -> None:
        """Wait until a device may be sent commands."""
        broker = self.emulator.clouds["tencent"].broker
        topic = f"$thing/down/property/{PRODUCT}/{name}"

        def is_subscribed() -> bool:
            session = broker.session(self.key(name))
            return session is not None and topic in session.subscriptions

        async with asyncio.timeout(UP_S):
            await self.emulator.wait_until(is_subscribed)

    async def is_down(self, name: str) -> None:
        """Wait until a device has gone."""
        async with asyncio.timeout(UP_S):
            await self.emulator.wait_until(lambda: not self.emulator.is_online(self.key(name)))

    def _port(self, subject: Subject) -> int:
        ports = self.emulator.ports.tencent
        return ports.mqtts if subject.is_tls else ports.mqtt

    def _write(self, subject: Subject) -> Path:
        """Write the configuration of one agent, in a folder that no start has seen."""
        folder = self.folder / f"{subject.name}-{secrets.token_hex(4)}"
        folder.mkdir()
        secret = folder / "secret"
        secret.touch(mode=0o600)
        secret.write_text(self.secrets[subject.name], encoding="ascii")
        ca_file = self.emulator.ports.ca_file
        text = CONFIG.format(
            folder=folder,
            meter_port=self.meter_ports[subject.is_on],
            start="on" if subject.is_on else "off",
            light=subject.light,
            product=PRODUCT,
            name=subject.name,
            port=self._port(subject),
            tls=f'ca_file = "{ca_file}"' if subject.is_tls else "tls = false",
        )
        path = folder / "bench.toml"
        path.write_text(text, encoding="utf-8")
        return path


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
async def open_stage(names: tuple[str, ...] = (AGENT, FLOOR)) -> AsyncGenerator[Stage, None]:
    """Set a cloud for *names* up, and the lines; take all of it down again."""
    keys = {name: base64.b64encode(secrets.token_bytes(16)).decode() for name in names}
    devices = tuple(
        DeviceIdentity(product=PRODUCT, name=name, secret=key) for name, key in keys.items()
    )
    options = EmulatorOptions(devices=devices, tencent=TencentRules(uplinks_per_s=None))
    async with AsyncExitStack() as stack:
        folder = stack.enter_context(TemporaryDirectory(prefix="polycloud-bench-"))
        emulator = await stack.enter_async_context(Emulator(options))
        feeds = {is_on: await stack.enter_async_context(_feed(is_on)) for is_on in (False, True)}
        yield Stage(
            emulator=emulator,
            folder=Path(folder),
            meter_ports={is_on: feed.port for is_on, feed in feeds.items()},
            secrets=keys,
        )


def _feed(is_on: bool) -> Feed:  # noqa: FBT001 - the one thing that tells them apart
    """Make the line of a meter behind an open contact, or behind a closed one with a lamp."""
    now = asyncio.get_running_loop().time()
    plant = Plant(make("lamp"), now=now)
    plant.set_contact(on=is_on, now=now)
    return Feed(Chip(plant.at, BOARD, now=now), Line())

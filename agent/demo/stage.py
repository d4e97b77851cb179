"""The stage: emulator, agent and simulated socket in one process, in a folder of its own."""

import asyncio
import base64
import secrets
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory, gettempdir
from typing import Final

from agent.app.parts import Parts, build
from agent.app.service import Service, Shell
from agent.control.client import ControlClient
from agent.demo.api import CloudApi
from agent.devices.socket.state import State
from agent.drivers.simulated.button import SimulatedButton
from agent.drivers.simulated.indicator import SimulatedIndicator
from agent.drivers.simulated.meter import SimulatedMeter
from agent.emulator.emulator import Emulator
from agent.emulator.identity import DeviceIdentity
from agent.emulator.options import EmulatorOptions
from agent.errors import AgentError
from agent.settings.device import SocketSettings
from agent.settings.load import load

PRODUCT: Final = "CS0SLTKSYA"
NAME: Final = "dev1"
LONGEST_PLACE: Final = 64

CONFIG: Final = """\
[agent]
state_dir = "{folder}/state"
control_socket = "{folder}/control.sock"
clock = "system"

[device]
id = "demo"
kind = "socket"
clouds = ["tencent"]

[device.meter]
driver = "simulated"

[device.relay]
driver = "simulated"

[device.button]
driver = "simulated"

[device.indicator]
driver = "simulated"

[device.reporting]
min_interval_s = 0.5

[clouds.tencent]
product_id = "{product}"
device_name = "{name}"
device_secret_file = "{folder}/secret"
host = "localhost"
port = {port}
ca_file = "{ca_file}"
"""


class DemoError(AgentError):
    """A step of the demo did not happen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """What the demo plays with: the person's hands, the app's eyes, and the socket itself."""

    service: Service
    cloud: CloudApi
    meter: SimulatedMeter
    button: SimulatedButton
    light: SimulatedIndicator
    control: ControlClient

    @property
    def state(self) -> State:
        """What the socket knows, as its own code sees it."""
        return self.service.devices["demo"].runtime.state

    async def click(self) -> None:
        """Press the button as a finger does."""
        self.button.press()
        await asyncio.sleep(0.1)
        self.button.release()


@asynccontextmanager
async def open_stage() -> AsyncGenerator[Stage, None]:
    """Set everything up, and take it down again."""
    secret = base64.b64encode(secrets.token_bytes(16)).decode()
    identity = DeviceIdentity(product=PRODUCT, name=NAME, secret=secret)
    with TemporaryDirectory(prefix="polycloud-demo-", dir=_place()) as folder:
        async with Emulator(EmulatorOptions(devices=(identity,))) as emulator:
            ports = emulator.ports
            path = _write_config(Path(folder), secret, ports.tencent.mqtts, ports.ca_file)
            made: list[Parts] = []

            def make(settings: SocketSettings, thing: object) -> Parts:
                made.append(build(settings, thing))
                return made[-1]

            config = load(path, {})
            shell = Shell(
                environ={}, reload=lambda: load(path, {}), build=make, handles_signals=False
            )
            service = Service(config, shell)
            async with _running(service):
                cloud = CloudApi(port=ports.http, cloud="tencent", product=PRODUCT, name=NAME)
                yield _staged(service, cloud, made[0], config.agent.control_socket)


def _place() -> str | None:
    """Choose where the folder is made: a socket's path is short, whatever $TMPDIR says."""
    return None if len(gettempdir()) <= LONGEST_PLACE else "/tmp"  # noqa: S108 - a folder of our own in it


def _staged(service: Service, cloud: CloudApi, parts: Parts, control_socket: str) -> Stage:
    meter, button, light = parts.meter, parts.button, parts.indicator
    assert isinstance(meter, SimulatedMeter), "the demo's configuration names simulated parts"
    assert isinstance(button, SimulatedButton)
    assert isinstance(light, SimulatedIndicator)
    return Stage(
        service=service,
        cloud=cloud,
        meter=meter,
        button=button,
        light=light,
        control=ControlClient(control_socket),
    )


def _write_config(folder: Path, secret: str, port: int, ca_file: Path) -> Path:
    secret_file = folder / "secret"
    secret_file.touch(mode=0o600)
    secret_file.write_text(secret, encoding="ascii")
    path = folder / "demo.toml"
    text = CONFIG.format(folder=folder, product=PRODUCT, name=NAME, port=port, ca_file=ca_file)
    path.write_text(text, encoding="utf-8")
    return path


@asynccontextmanager
async def _running(service: Service) -> AsyncGenerator[None, None]:
    """Run the agent beside the demo; it is stopped in order at the end."""
    async with asyncio.TaskGroup() as group:
        group.create_task(service.run(), name="agent")
        await service.ready.wait()
        try:
            yield
        finally:
            service.stop()


async def until(condition: Callable[[], bool], seconds: float, what: str) -> float:
    """Wait for *condition*, asked often; return how long it took, or say what did not happen."""
    loop = asyncio.get_running_loop()
    begin = loop.time()
    while not condition():
        if loop.time() - begin > seconds:
            raise DemoError(f"{what}: not within {seconds:g} s")
        await asyncio.sleep(0.01)
    return loop.time() - begin

"""The stage: emulator, agent and simulated socket in one process, in a folder of its own."""

import asyncio
from collections.abc import AsyncGenerator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory, gettempdir
from typing import Any, Final, Protocol

from agent.app.device import DeviceApp
from agent.app.parts import Parts, build
from agent.app.service import Service, Shell
from agent.clouds.link import Link
from agent.control.client import ControlClient
from agent.demo.api import CloudApi, over_http
from agent.demo.app import CloudApp
from agent.demo.dialects import Dialect
from agent.demo.files import write_config
from agent.devices.socket.state import State
from agent.drivers.simulated.appliances import Appliance
from agent.drivers.simulated.button import SimulatedButton
from agent.drivers.simulated.indicator import SimulatedIndicator
from agent.drivers.simulated.meter import SimulatedMeter
from agent.drivers.simulated.plant import Plant
from agent.emulator.emulator import Emulator
from agent.emulator.identity import DeviceIdentity
from agent.emulator.options import EmulatorOptions
from agent.ports import Device
from agent.settings.load import load
from agent.settings.root import DeviceConfig

LONGEST_PLACE: Final = 64


class Outlet(Protocol):
    """What appliances are plugged into: a simulated meter."""

    plant: Plant

    def plug(self, appliance: Appliance) -> None:
        """Put another appliance in."""
        ...


class Control(Protocol):
    """The agent's control socket."""

    async def call(self, method: str, params: Mapping[str, object]) -> object:
        """Return the result; raise `ControlError` with the reason."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """What the demo plays with: the person's hands, the apps' eyes, and the socket itself."""

    device: DeviceApp
    clouds: Sequence[CloudApp]
    outlet: Outlet
    button: SimulatedButton
    light: SimulatedIndicator
    control: Control

    @property
    def first(self) -> CloudApp:
        """The cloud that commands where one is enough."""
        return self.clouds[0]

    @property
    def state(self) -> State:
        """What the socket knows, as its own code sees it."""
        state = self.device.runtime.state
        assert isinstance(state, State), "the demo's device is a socket"
        return state

    @property
    def is_closed(self) -> bool:
        """Tell whether the contact is closed."""
        return self.outlet.plant.is_closed

    def link(self, cloud: CloudApp) -> Link:
        """Find the agent's link to *cloud*."""
        links = self.device.links
        assert links is not None, "the device has started"
        return links.links[cloud.section]

    async def click(self) -> None:
        """Press the button as a finger does."""
        self.button.press()
        await asyncio.sleep(0.1)
        self.button.release()


@dataclass(frozen=True, slots=True, kw_only=True)
class _LocalControl:
    client: ControlClient

    async def call(self, method: str, params: Mapping[str, object]) -> object:
        return await asyncio.to_thread(self.client.call, method, params)


@dataclass(frozen=True, slots=True, kw_only=True)
class Play:
    """What any demo plays with: the agent, its parts, and the clouds' apps."""

    service: Service
    parts: Parts
    clouds: Sequence[CloudApp]
    control: Control


@asynccontextmanager
async def open_stage(dialects: Sequence[Dialect]) -> AsyncGenerator[Stage, None]:
    """Set everything up for the clouds of *dialects*, and take it down again."""
    async with open_play(dialects) as play:
        yield _staged(play)


@asynccontextmanager
async def open_play(
    dialects: Sequence[Dialect], device: str = "", models: Mapping[str, str] | None = None
) -> AsyncGenerator[Play, None]:
    """Run the agent at the clouds of *dialects*, with a socket or the text of another device.

    *models* are what the consoles' owners imported, by dialect.
    """
    devices = {each.name: each.identity() for each in dialects}
    with TemporaryDirectory(prefix="polycloud-demo-", dir=_place()) as name:
        folder = Path(name)
        options = EmulatorOptions(
            clouds=tuple(devices),
            devices=tuple(devices.values()),
            models=dict(_models(folder, devices, models or {})),
        )
        async with Emulator(options) as emulator:
            path = write_config(folder, dialects, devices, emulator.ports, device)
            made: list[Parts] = []

            def make(config: DeviceConfig, device: Device[Any]) -> Parts:
                made.append(build(config, device))
                return made[-1]

            config = load(path, {})
            shell = Shell(
                environ={}, reload=lambda: load(path, {}), build=make, handles_signals=False
            )
            service = Service(config, shell)
            async with _running(service):
                yield Play(
                    service=service,
                    parts=made[0],
                    clouds=_apps(dialects, devices, emulator.ports.http),
                    control=_LocalControl(client=ControlClient(config.agent.control_socket)),
                )


def _models(
    folder: Path, devices: Mapping[str, DeviceIdentity], models: Mapping[str, str]
) -> Iterator[tuple[str, Path]]:
    """Write the models where the emulator reads them."""
    for name, text in models.items():
        path = folder / f"{name}.model.json"
        path.write_text(text, encoding="utf-8")
        yield f"{name}/{devices[name].product}", path


def _place() -> str | None:
    """Choose where the folder is made: a socket's path is short, whatever $TMPDIR says."""
    return None if len(gettempdir()) <= LONGEST_PLACE else "/tmp"  # noqa: S108 - a folder of our own in it


def _apps(
    dialects: Sequence[Dialect], devices: Mapping[str, DeviceIdentity], port: int
) -> tuple[CloudApp, ...]:
    return tuple(
        CloudApp(
            dialect=each,
            api=CloudApi(
                ask=over_http(port), cloud=each.name, product=device.product, name=device.name
            ),
            identity=f"{device.product}:{device.name}",
        )
        for each, device in ((each, devices[each.name]) for each in dialects)
    )


def _staged(play: Play) -> Stage:
    parts = play.parts
    meter, button, light = parts.meter, parts.button, parts.indicator
    assert isinstance(meter, SimulatedMeter), "the demo's configuration names simulated parts"
    assert isinstance(button, SimulatedButton)
    assert isinstance(light, SimulatedIndicator)
    return Stage(
        device=play.service.devices["demo"],
        clouds=play.clouds,
        outlet=meter,
        button=button,
        light=light,
        control=play.control,
    )


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

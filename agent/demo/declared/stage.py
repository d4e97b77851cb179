"""The stage of a declared device: its simulated parts, the agent, and its clouds."""

import json
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, fields
from typing import Any

from agent.app.device import DeviceApp
from agent.app.kinds import make_device
from agent.clouds.link import Link
from agent.demo.app import CloudApp
from agent.demo.declared.app import OwnApp
from agent.demo.declared.file import ID, raw, simulated, toml
from agent.demo.dialects import Dialect
from agent.demo.stage import Control, Play, open_play
from agent.drivers.simulated.sensor import SimulatedSensor
from agent.model import Snapshot
from agent.models.consoles import CONSOLES
from agent.models.wording import Language
from agent.settings.generic import GenericSettings
from agent.settings.sensors import SensorSettings
from agent.thing import Thing


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnStage:
    """What the demo plays with; `settings` are those of the simulated device."""

    device: DeviceApp
    settings: GenericSettings
    thing: Thing[Any]
    clouds: Sequence[OwnApp]
    sensors: Mapping[str, SimulatedSensor]
    control: Control

    @property
    def first(self) -> OwnApp:
        """The cloud that commands where one is enough."""
        return self.clouds[0]

    @property
    def snapshot(self) -> Snapshot:
        """The values as the device itself knows them."""
        return self.device.runtime.snapshot()

    @property
    def numbers(self) -> Mapping[str, SensorSettings]:
        """The sensors that give a number."""
        return {name: each for name, each in self.settings.sensors.items() if not each.is_binary}

    def link(self, cloud: CloudApp) -> Link:
        """Find the agent's link to *cloud*."""
        links = self.device.links
        assert links is not None, "the device has started"
        return links.links[cloud.section]

    def show(self, name: str, value: float) -> None:
        """Let a sensor measure what is shown as *value*."""
        self.sensors[name].show(value=raw(self.settings.sensors[name], value))


@asynccontextmanager
async def open_own_stage(
    dialects: Sequence[Dialect], settings: GenericSettings
) -> AsyncGenerator[OwnStage, None]:
    """Set everything up for the device of *settings*, and take it down again."""
    thing = make_device(settings).thing
    async with open_play(dialects, text_of(dialects, settings), models_of(dialects, thing)) as play:
        yield _staged(play, thing)


def text_of(dialects: Sequence[Dialect], settings: GenericSettings) -> str:
    """Write the device's sections of the demo's file."""
    clouds = [each.section for each in dialects]
    reporting = {"min_interval_s": max(each.interval_s for each in dialects)}
    device = {"id": ID, "clouds": clouds, **simulated(settings), "reporting": reporting}
    return "".join(toml(device, "device"))


def models_of(dialects: Sequence[Dialect], thing: Thing[Any]) -> Mapping[str, str]:
    """Write the thing's model for each platform that has any."""
    written: dict[str, str] = {}
    for each in dialects:
        console = CONSOLES.get(each.name)
        if console is not None:
            document = console.write(console.describe(thing, {}), Language.BOTH)
            written[each.name] = json.dumps(document)
    return written


def _staged(play: Play, thing: Thing[Any]) -> OwnStage:
    device = play.service.devices[ID]
    settings = device.config.device
    assert isinstance(settings, GenericSettings), "the demo's file declares a device"
    sensors = {
        name: each for name, each in play.parts.sensors.items() if isinstance(each, SimulatedSensor)
    }
    return OwnStage(
        device=device,
        settings=settings,
        thing=thing,
        clouds=tuple(_own(each, thing) for each in play.clouds),
        sensors=sensors,
        control=play.control,
    )


def _own(app: CloudApp, thing: Thing[Any]) -> OwnApp:
    return OwnApp(**{each.name: getattr(app, each.name) for each in fields(app)}, thing=thing)

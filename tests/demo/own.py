"""The demo's stage of a declared device in virtual time, without a socket."""

import asyncio
from collections.abc import Mapping
from contextlib import asynccontextmanager
from inspect import isawaitable
from typing import Any

from agent.app.control import Methods
from agent.app.kinds import make_device
from agent.demo.api import CloudApi
from agent.demo.declared.app import OwnApp
from agent.demo.declared.file import read_settings
from agent.demo.declared.stage import OwnStage, models_of, text_of
from agent.demo.declared.tour import play
from agent.demo.dialects import DIALECTS
from agent.demo.files import HOST, write_config
from agent.emulator.emulator import Emulator
from agent.emulator.identity import sample_device
from agent.emulator.options import EmulatorOptions
from agent.settings.load import load
from tests.clouds.support import run_virtually
from tests.demo.virtual import PERSON, NoRecords, without_a_socket
from tests.docs.pages import ROOT
from tests.seeds.rooms import open_room


class OwnControl:
    """What the control socket would answer."""

    def __init__(self, app: Any) -> None:
        self._table = Methods({app.config.device.id: app}, dict, NoRecords()).table

    async def call(self, method: str, params: Mapping[str, Any]) -> object:
        answer = self._table[method](PERSON, params)
        return await answer if isawaitable(answer) else answer


async def ports_of(name):
    """The ports of an emulator, for a file that no network will read."""
    async with Emulator(EmulatorOptions(clouds=(name,))) as emulator:
        return emulator.ports


@asynccontextmanager
async def open_virtual_own_stage(folder, path, name, ports):
    dialect, device = DIALECTS[name], sample_device(name)
    settings = read_settings(path)
    text = text_of([dialect], settings)
    (entry,) = load(write_config(folder, [dialect], {name: device}, ports, text), {}).devices
    models = {}
    for each, written in models_of([dialect], _thing(settings)).items():
        models[device.product] = folder / f"{each}.json"
        models[device.product].write_text(written)
    async with open_room(entry, name, models, HOST) as room:
        app = OwnApp(
            dialect=dialect,
            api=CloudApi(
                ask=without_a_socket(room.emulator),
                cloud=name,
                product=device.product,
                name=device.name,
            ),
            identity=f"{device.product}:{device.name}",
            thing=_thing(settings),
        )
        yield OwnStage(
            device=room.app,
            settings=entry.device,
            thing=_thing(settings),
            clouds=[app],
            sensors=room.sensors,
            control=OwnControl(room.app),
        )


def _thing(settings):
    return make_device(settings).thing


def shipped(name):
    return ROOT / "config" / f"{name}.toml"


def with_own_stage(folder, path, name, scenario):
    ports = asyncio.run(ports_of(name))

    async def main():
        async with open_virtual_own_stage(folder, path, name, ports) as stage:
            return await scenario(stage)

    return run_virtually(main())


def own_tour(folder, path, name, spoil=None):
    async def scenario(stage):
        if spoil is not None:
            spoil(stage)
        return [each async for each in play(stage)]

    return with_own_stage(folder, path, name, scenario)

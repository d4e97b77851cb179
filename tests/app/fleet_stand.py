"""Several devices in one process: their files, their contacts, and an agent that runs them."""

import asyncio
from contextlib import asynccontextmanager
from functools import partial

from structlog.testing import capture_logs

from agent.app.parts import Parts
from agent.app.service import Service, Shell
from agent.devices.effects import MAIN
from agent.errors import DriverError
from agent.model import Origin, OriginKind
from agent.settings.load import load, load_usable
from tests.app.test_faults import BrokenLight
from tests.integration.config import DeviceFile, toml

ORIGIN = Origin(kind=OriginKind.LOCAL, name="test")


class Contact:
    """A relay and its driver, which fails as it is told to."""

    descriptor = None

    def __init__(self, line=None):
        self.line = line
        self.is_in_doubt = False
        self.levels = []
        self.is_missing = False
        self.error = None
        self.may_open = asyncio.Event()
        self.may_open.set()

    def probe(self, held):
        del held

    @asynccontextmanager
    async def open(self, *, on, held=None):
        del held
        if self.is_missing:
            raise DriverError("GPIO17: no such line")
        await self.may_open.wait()
        self.set(on=on)
        yield self

    @property
    def is_closed(self):
        return bool(self.levels) and self.levels[-1]

    def on_doubt(self, callback):
        """It is in doubt at its end, if ever."""

    def set(self, *, on):
        if self.error is not None and not on:
            raise self.error
        if not self.levels or self.levels[-1] is not on:
            self.levels.append(on)


class Fleet:
    """The folder, and the agent on it."""

    def __init__(self, folder, *names):
        self.folder = folder
        self.etc = folder / "etc"
        self.files = {}
        self.contacts = {}
        self.lights = {}
        self.logs = []
        for name in names:
            self.add(name)
        agent = DeviceFile(folder / "run").agent_section()
        (self.etc / "agent.toml").write_text(toml({"agent": agent}))
        self.lines = folder / "run" / "lines.jsonl"
        self.agent = None
        self.open_within_s = 5.0
        self.lines_again_s = 5.0

    def add(self, name):
        self.files[name] = DeviceFile(self.etc, name, has_agent=False)
        self.files[name].set("device.protection", meter_lost="keep")  # there is no meter
        self.contacts.setdefault(name, Contact())
        return self.files[name]

    def remove(self, name):
        self.files.pop(name).path.unlink()

    def break_light(self, name):
        """Have its light raise what no driver should, at its second colour."""
        self.lights[name] = BrokenLight()

    def parts(self, config, device):
        del device
        name = config.device.id
        relays = {MAIN: self.contacts[name]}
        light = self.lights.get(name)
        return Parts(relays=relays, indicator=light, transport=None)

    def make(self):
        shell = Shell(
            environ={"RUNTIME_DIRECTORY": str(self.lines.parent)},
            reload=partial(load, self.etc, {}),
            build=self.parts,
            handles_signals=False,
            first_wait_s=0.0,
            open_within_s=self.open_within_s,
            lines_again_s=self.lines_again_s,
        )
        self.agent = Service(load_usable(self.etc, {}), shell)
        return self.agent

    @asynccontextmanager
    async def running(self):
        """Run the agent, ready, and stop it in the end."""
        agent = self.make()
        with capture_logs() as logs:
            self.logs = logs
            async with asyncio.TaskGroup() as group:
                task = group.create_task(agent.run())
                ready = group.create_task(agent.ready.wait())
                await asyncio.wait([task, ready], return_when=asyncio.FIRST_COMPLETED)
                assert ready.done()
                yield self
                agent.stop()

    async def until(self, condition):
        """Wait until *condition* holds; the loop turns meanwhile."""
        async with asyncio.timeout(20):
            while not condition():  # noqa: ASYNC110 - a test's condition tells nobody
                await asyncio.sleep(0)

    def logged(self, event, **fields):
        """List the log lines of that name with those fields."""
        lines = [each for each in self.logs if each["event"] == event]
        return [each for each in lines if fields.items() <= each.items()]

    def switch(self, name, *, on):
        methods = self.agent._methods.table
        return methods["set"](ORIGIN, {"device": name, "values": {"power_switch": on}})

    def status(self):
        answer = self.agent._methods.table["status"](ORIGIN, {})
        return {each["id"]: each for each in answer["devices"]}, answer["agent"]

    async def reload(self):
        return await self.agent._reloads.ask()

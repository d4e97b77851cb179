"""The real agent on a shipped file, at an emulated cloud."""

import contextlib
import json
from collections.abc import AsyncGenerator
from dataclasses import dataclass

from agent.emulator.emulator import Emulator
from agent.emulator.values import DeviceKey
from tests.integration.process import Agent, ready
from tests.seeds.files import SeedFile, emulated


@dataclass(frozen=True, kw_only=True)
class Played:
    """A device that runs, and what its cloud knows of it."""

    seed: SeedFile
    agent: Agent
    emulator: Emulator
    key: DeviceKey

    @property
    def shown(self):
        return self.emulator.describe(self.key)["properties"]

    @property
    def events(self):
        return self.emulator.describe(self.key)["events"]

    async def until_shown(self, **wanted):
        await self.emulator.wait_until(lambda: wanted.items() <= self.shown.items())

    def said(self, direction, part):
        """What went over the wire one way, on topics with *part*."""
        entries = self.emulator.messages(self.key)
        return [
            entry.payload
            for entry in entries
            if entry.direction == direction and part in entry.topic
        ]

    def reports(self):
        """The values of each report to Tencent."""
        told = [json.loads(payload) for payload in self.said("up", "/property/")]
        return [each["params"] for each in told if each["method"] == "report"]

    async def status(self):
        return await self.agent.device()


@contextlib.asynccontextmanager
async def played(seed: SeedFile, dialect: str) -> AsyncGenerator[Played]:
    """Run *seed* at the cloud of *dialect*, and wait until it is there."""
    seed.choose(dialect)
    async with await emulated(seed, dialect) as emulator:
        key = seed.at(emulator, dialect)
        async with ready(seed, **seed.environ) as agent:
            await agent.logged("cloud.up")
            yield Played(seed=seed, agent=agent, emulator=emulator, key=key)

"""Mains, an appliance and a chip outside the agent's process: they go on when it dies."""

import contextlib
import time
from collections.abc import AsyncGenerator

from agent.drivers.hlw8032.decoder import Coefficients
from agent.drivers.hlw8032.frame import parse
from agent.drivers.simulated.appliances import make
from agent.drivers.simulated.chip import Chip
from agent.drivers.simulated.faults import Line
from agent.drivers.simulated.feed import Feed
from agent.drivers.simulated.plant import Plant, Supply
from tests.integration.config import DeviceFile

BOARD = Coefficients(kv=3.069, ki=1.007, kp=3.108)


class World:
    """What is behind the contact's file. `line.faults` may be swapped."""

    def __init__(self, config: DeviceFile, load: str, load_w: float | None) -> None:
        now = time.monotonic()
        self._config = config
        self._plant = Plant(make(load, load_w), now=now)
        self.chip = Chip(self._supply, BOARD, now=now)
        self.line = Line()
        self.feed = Feed(self.chip, self.line)

    @property
    def pulses(self) -> int:
        """The chip's counter."""
        return parse(self.chip.frame()).pulses

    def plug(self, load: str, load_w: float | None = None) -> None:
        self._plant.plug(make(load, load_w), now=time.monotonic())

    def _supply(self, moment: float) -> Supply:
        self._plant.set_contact(on=self._config.is_closed, now=moment)
        return self._plant.at(moment)


@contextlib.asynccontextmanager
async def world(
    config: DeviceFile, load: str = "lamp", load_w: float | None = None
) -> AsyncGenerator[World]:
    """Put *config*'s meter at the end of a line to a world of its own."""
    made = World(config, load, load_w)
    async with made.feed:
        port = f"socket://127.0.0.1:{made.feed.port}"
        config.replace("device.meter", driver="hlw8032", port=port)
        yield made

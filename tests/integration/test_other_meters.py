"""The whole agent on chips other than the HLW8032, each at the end of a line to a world outside."""

import contextlib
import time
from collections.abc import AsyncGenerator
from functools import partial

import pytest

from agent.drivers.bl0942.decoder import Scale
from agent.drivers.bl0942.packet import Packet
from agent.drivers.hlw8032.decoder import Coefficients
from agent.drivers.simulated.appliances import resistor
from agent.drivers.simulated.bl0942_chip import Bl0942Chip
from agent.drivers.simulated.bl0942_port import Bl0942Port
from agent.drivers.simulated.chip import Chip
from agent.drivers.simulated.faults import Line
from agent.drivers.simulated.feed import Feed
from agent.drivers.simulated.plant import Plant, Supply
from tests.integration.config import DeviceFile
from tests.integration.process import ready, until


class Outside:
    """Mains and a load behind the contact's file."""

    def __init__(self, config: DeviceFile) -> None:
        self._config = config
        self._plant = Plant(now=time.monotonic())

    def plug(self, watts: float) -> None:
        self._plant.plug(partial(resistor, watts), now=time.monotonic())

    def supply(self, moment: float) -> Supply:
        self._plant.set_contact(on=self._config.is_closed, now=moment)
        return self._plant.at(moment)


@contextlib.asynccontextmanager
async def bl0942(config: DeviceFile) -> AsyncGenerator[Outside]:
    outside = Outside(config)
    chip = Bl0942Chip(outside.supply, Scale(kv=4.7, ki=1.0, kp=4.7), now=time.monotonic())

    def packet() -> Packet:
        chip.advance(time.monotonic())
        return chip.packet()

    async with Bl0942Port(packet) as port:
        section = {"driver": "bl0942", "port": port.url, "divider": 4700, "shunt_mohm": 1}
        config.set("device", board="custom").replace("device.meter", **section)
        yield outside


@contextlib.asynccontextmanager
async def cse7766(config: DeviceFile) -> AsyncGenerator[Outside]:
    outside = Outside(config)
    scale = Coefficients(kv=1.0, ki=1.0, kp=1.0)
    feed = Feed(Chip(outside.supply, scale, now=time.monotonic(), is_cse=True), Line())
    async with feed:
        section = {"driver": "cse7766", "port": f"socket://127.0.0.1:{feed.port}"}
        config.set("device", board="custom")
        config.replace("device.meter", **section, kv=1.0, ki=1.0, kp=1.0)
        yield outside


def is_measured(properties: dict[str, float | None], volts: float, watts: float) -> bool:
    """Tell whether a whole window was measured: the first holds the time before the closing."""
    found = (properties["voltage"], properties["active_power"], properties["current"])
    if None in found:
        return False
    expected = (volts, watts, watts / volts)
    return found == pytest.approx(expected, rel=0.02)


@pytest.mark.parametrize("chip", [bl0942, cse7766])
async def test_a_kettle_is_measured_and_an_overload_opens_the_contact(tmp_path, chip):
    config = DeviceFile(tmp_path)
    async with chip(config) as outside, ready(config) as agent:
        outside.plug(900.0)
        await agent.switch(on=True)
        device = await agent.device_until(lambda d: is_measured(d["properties"], 230.0, 900.0))
        assert device["properties"]["current"] == pytest.approx(900 / 230, rel=0.02)
        outside.plug(3600.0)
        await until(lambda: not config.is_closed, "the contact opens")
        assert (await agent.device())["trip"]["cause"] == "overcurrent"

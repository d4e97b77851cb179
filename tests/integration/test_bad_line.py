"""A bad line to the meter: no false trip, no false value, and silence opens the contact."""

import pytest

from agent.drivers.simulated.faults import NO_FAULTS, Faults
from tests.integration.config import DeviceFile
from tests.integration.process import ready, until
from tests.integration.world import world


async def test_a_bad_line_never_trips_and_never_says_what_is_not(tmp_path):
    config = DeviceFile(tmp_path)
    async with world(config, "kettle") as outside:
        outside.line.faults = Faults(drop=0.01, flip=0.01, duplicate=0.01, split=0.05, fantasy=0.1)
        async with ready(config) as agent:
            await agent.switch(on=True)
            device = await agent.device_until(
                lambda d: (d["properties"]["active_power"] or 0) > 800
            )
            assert device["properties"]["active_power"] == pytest.approx(900, rel=0.1)
            await until(lambda: outside.pulses > 150, "it runs for a while")
            assert (await agent.device())["trip"] is None
            assert config.is_closed


async def test_silence_makes_values_unknown_and_the_line_brings_them_back(tmp_path):
    config = DeviceFile(tmp_path)
    async with world(config) as outside, ready(config) as agent:
        await agent.device_until(lambda d: d["properties"]["active_power"] is not None)
        outside.line.faults = Faults(is_silent=True)
        silent = await agent.device_until(lambda d: d["meter"] == "silent")
        known = {name for name, value in silent["properties"].items() if value is not None}
        assert known == {"power_switch", "total_energy", "count_down", "timers", "child_lock"}
        outside.line.faults = NO_FAULTS
        await agent.device_until(lambda d: d["properties"]["active_power"] is not None)
        outside.feed.disconnect()
        lost = await agent.device_until(lambda d: d["meter_error"])
        assert "the other end hung up" in lost["meter_error"]
        await agent.device_until(lambda d: d["meter_error"] is None)
        assert len(agent.entries("meter.lost")) == 1
        assert (await agent.device())["trip"] is None


async def test_a_silent_meter_opens_a_closed_contact(tmp_path):
    config = DeviceFile(tmp_path)
    async with world(config) as outside, ready(config) as agent:
        await agent.switch(on=True)
        outside.line.faults = Faults(is_silent=True)
        await until(lambda: not config.is_closed, "the contact opens")
        assert (await agent.device())["trip"]["cause"] == "meter_lost"

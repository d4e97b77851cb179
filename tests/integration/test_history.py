"""`polycloud history` as a user runs it, on a real agent that is stopped, killed and damaged."""

import json
import sqlite3
from contextlib import closing

import pytest

from tests.integration.config import DeviceFile
from tests.integration.process import ready, run

WAYS = ("stop", "kill")


@pytest.fixture
def config(tmp_path):
    file = DeviceFile(tmp_path)
    file.set("device.place", timezone="Asia/Kolkata")
    return file.set("device.meter", load="kettle", load_w=1000)


async def history(config, *arguments):
    place = {"POLYCLOUD_CONTROL_SOCKET": str(config.control_socket)}
    status, out, err = await run("history", *arguments, **place)
    assert (status, err) == (0, "")
    return out


async def used_kwh(config, by):
    rows = json.loads(await history(config, "--by", by, "--since", "1d", "--json"))["rows"]
    return sum(row["values"]["energy"]["used"] for row in rows if "energy" in row["values"])


@pytest.mark.parametrize("way", WAYS)
async def test_what_was_used_is_in_the_history_whatever_ends_the_agent(config, way):
    async with ready(config) as agent:
        await agent.switch(on=True)
        await agent.device_until(lambda device: device["energy"]["total_mj"] > 1_000_000)
        before = await used_kwh(config, "minute")
        assert before > 0
        if way == "kill":
            await agent.kill()
        else:
            await agent.stop()
    async with ready(config) as agent:
        # One look more at the device, which is once a second.
        async def is_looked_at():
            return json.loads(await history(config, "--by", "minute", "--json"))["rows"]

        while not await is_looked_at():
            pass
        after = [await used_kwh(config, by) for by in ("minute", "hour", "day", "month")]
        assert max(after) - min(after) < 0.001
        if way == "stop":
            assert after[0] >= before


async def test_the_answer_is_of_the_devices_zone_and_what_goes_on_is_marked(config):
    async with ready(config) as agent:
        await agent.switch(on=True)
        await agent.device_until(lambda device: device["energy"]["total_mj"] > 1_000_000)
        answer = json.loads(await history(config, "--by", "hour", "--json"))
        assert answer["zone"] == "Asia/Kolkata"
        assert answer["rows"][-1]["start"] % 3_600 == 1_800
        assert not answer["rows"][-1]["is_over"]
        assert "* goes on" in await history(config)
        assert "active_power (W)" in await history(config, "--plot")
        assert "energy (kWh)" in await history(config, "--csv")


async def test_none_is_kept_where_the_settings_say_so(config):
    config.set("agent", history_days_of_minutes=0)
    async with ready(config) as agent:
        await agent.switch(on=True)
        assert "history_days_of_minutes = 0" in await history(config)
    with closing(sqlite3.connect(config.state)) as database:
        assert database.execute("SELECT count(*) FROM minute").fetchone() == (0,)

"""`polycloud energy` and `polycloud events` as a user runs them, on a real agent."""

import json
from datetime import UTC, datetime

import pytest

from agent.errors import EXIT_FAILED, EXIT_USAGE
from tests.integration.config import DeviceFile
from tests.integration.process import ready, run


@pytest.fixture
def config(tmp_path):
    file = DeviceFile(tmp_path)
    file.set("device.relay.on_start", crash="restore")
    return file.set("device.meter", load="kettle", load_w=1000)


def at(config):
    return {"POLYCLOUD_CONTROL_SOCKET": str(config.control_socket)}


async def counted(agent, energy_mj):
    return await agent.device_until(lambda device: device["energy"]["total_mj"] > energy_mj)


async def test_energy_goes_on_over_a_kill_and_the_ledger_says_how(config):
    async with ready(config) as agent:
        await agent.switch(on=True)
        before = (await counted(agent, 100_000))["energy"]["total_mj"]
        await agent.kill()
    async with ready(config) as agent:
        after = (await counted(agent, 0))["energy"]["total_mj"]
        assert after >= before - 100_000  # a simulated chip dies with its process
        status, out, _ = await run("events", "--topic", "energy", **at(config))
        assert status == 0
        assert "counting begins at the chip's counter" in out
        assert "after a restart" in out or "the chip began at 0 again" in out
        status, out, _ = await run("events", "--topic", "relay", "--json", **at(config))
        rows = json.loads(out)["rows"]
        whys = [(row["name"], row["details"]["why"]) for row in rows]
        assert whys == [("off", "start"), ("on", "command"), ("on", "start")]


async def test_energy_is_shown_set_and_explained(config):
    async with ready(config) as agent:
        await agent.switch(on=True)
        await counted(agent, 10_000)
        status, out, _ = await run("energy", **at(config))
        assert status == 0
        assert "since reset" in out
        place = at(config)
        status, out, _ = await run("energy", "set", "12.5", "--reason", "old meter", **place)
        assert (status, "12.500 kWh" in out) == (0, True)
        await agent.device_until(lambda device: device["properties"]["total_energy"] == 12.5)
        day = datetime.now(UTC).astimezone().strftime("%Y-%m-%d")
        status, out, _ = await run("energy", "--explain", day, **place)
        assert status == 0
        assert "so far" in out
        assert "to 12.500 kWh by local" in out
        assert "old meter" in out
        status, out, _ = await run("energy", "--explain", "2020-01-01", "--json", **place)
        assert json.loads(out)["used_kwh"] is None


@pytest.mark.parametrize(
    ("words", "status", "says"),
    [
        (["set"], EXIT_USAGE, "how many kWh"),
        (["set", "x", "--reason", "r"], EXIT_USAGE, "not 'x'"),
        (["set", "-1", "--reason", "r"], EXIT_USAGE, "-1"),
        (["set", "nan", "--reason", "r"], EXIT_USAGE, "not 'nan'"),
        (["set", "1"], EXIT_USAGE, "--reason TEXT is needed"),
        (["--reason", "r"], EXIT_USAGE, "belongs to"),
        (["a", "b"], EXIT_USAGE, "one DEVICE at most"),
        (["--explain", "tomorrow"], EXIT_FAILED, "YYYY-MM-DD"),
        (["nobody"], EXIT_FAILED, "no device is called 'nobody'"),
    ],
)
async def test_what_cannot_be_done_says_what_can(running_agent, words, status, says):
    ended, out, err = await run("energy", *words, **at(running_agent))
    assert (ended, out) == (status, "")
    assert says in err


@pytest.fixture
async def running_agent(config):
    async with ready(config):
        yield config


@pytest.mark.parametrize(
    ("params", "says"),
    [
        ({"topics": "relay"}, "allowed: a list of: relay, "),
        ({"topics": [1]}, "allowed: a list of: relay, "),
        ({"limit": 0}, "allowed: a whole number from 1 to 1000"),
        ({"limit": True}, "allowed: a whole number from 1 to 1000"),
    ],
)
async def test_events_refuses_what_it_does_not_understand(config, params, says):
    async with ready(config) as agent:
        with pytest.raises(Exception, match=says):
            await agent.ask("events", **params)
        for wrong in ({"kwh": "1", "reason": "r"}, {"kwh": 1}, {"kwh": -1, "reason": "r"}):
            with pytest.raises(Exception, match=r"kwh is |'reason' is needed"):
                await agent.ask("set_energy", **wrong)

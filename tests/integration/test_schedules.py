"""`polycloud schedule` and `polycloud countdown` as a user runs them, on a real agent."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from agent.errors import EXIT_FAILED, EXIT_USAGE
from tests.integration.config import DeviceFile
from tests.integration.process import ready, run


@pytest.fixture
def config(tmp_path):
    file = DeviceFile(tmp_path)
    file.set("device.place", timezone="UTC")
    return file.set("device.schedules", morning="on at 07:00 mon-fri missed skip")


def at(config):
    return {"POLYCLOUD_CONTROL_SOCKET": str(config.control_socket)}


async def test_a_schedule_is_added_listed_turned_and_removed(config):
    async with ready(config) as agent:
        place = at(config)
        await agent.device_until(lambda device: device["next_schedule"] is not None)
        day = (datetime.now(UTC) + timedelta(days=2)).strftime("%Y-%m-%d")
        status, out, err = await run("schedule", "add", f"off at {day} 12:00", **place)
        assert (status, err) == (0, "")
        assert f"s1       off at {day} 12:00" in out
        status, out, _ = await run("schedule", "add", "off at 23:00", "--name", "night", **place)
        assert status == 0
        status, out, _ = await run("schedule", "list", "--json", **place)
        found = {each["name"]: each for each in json.loads(out)["schedules"]}
        assert [*found] == ["morning", "s1", "night"]
        assert found["s1"]["next"]["local"].endswith(f"{day} 12:00:00")
        status, out, _ = await run("schedule", "disable", "morning", **place)
        assert (status, "morning  on at 07:00 mon-fri missed skip  disabled" in out) == (0, True)
        status, out, _ = await run("schedule", "enable", "morning", "--json", **place)
        assert json.loads(out)["name"] == "morning"
        status, out, _ = await run("schedule", "remove", "s1", **place)
        assert (status, "s1 " in out) == (0, False)
        status, out, _ = await run("status", **place)
        shown = next(line for line in out.splitlines() if "schedule" in line)
        assert any(f", next {each['next']['local']}" in shown for each in found.values())
        status, out, _ = await run("events", "--topic", "schedule", **place)
        assert "schedule s1 removed by local" in out
        assert "schedule morning (on at 07:00 mon-fri missed skip) disabled by local" in out


async def test_what_was_added_is_there_after_a_kill(config):
    async with ready(config) as agent:
        status, _, _ = await run("schedule", "add", "off at 23:00", "--name", "night", **at(config))
        assert status == 0
        await agent.kill()
    async with ready(config):
        _, out, _ = await run("schedule", "list", **at(config))
        assert "night    off at 23:00" in out


async def test_what_was_answered_as_kept_outlives_a_kill_that_comes_with_the_answer(config):
    async with ready(config) as agent:
        added = await agent.ask("schedule_add", text="off at 23:00", name="night")
        rule = await agent.ask("rule_add", name="idle", text="when active_power < 5: event idle")
        turned = await agent.ask("rule_disable", name="idle")
        await agent.kill()
    assert [each["is_kept"] for each in (added, rule, turned)] == [True] * 3
    async with ready(config) as agent:
        names = [each["name"] for each in (await agent.ask("schedule_list"))["schedules"]]
        (idle,) = (await agent.ask("rule_list"))["rules"]
    assert (names, idle["name"], idle["enabled"]) == (["morning", "night"], "idle", False)


@pytest.mark.parametrize(
    ("words", "status", "says"),
    [
        (["add", "on at 25:00"], EXIT_FAILED, "'25:00' is no time; allowed: HH:MM from"),
        (["add", "on at sunset"], EXIT_FAILED, "latitude and longitude stand in [device.place]"),
        (["add", "on at 08:00", "--name", "morning"], EXIT_FAILED, "socket-1.toml:"),
        (["remove", "morning"], EXIT_FAILED, "take it out there and reload"),
        (["remove", "mornin"], EXIT_FAILED, "did you mean 'morning'?"),
        (["add"], EXIT_USAGE, "TEXT"),
        (["preview", "on at 7", "--json"], EXIT_FAILED, "'7' is no time"),
        (["list", "--device", "nobody"], EXIT_FAILED, "no device is called 'nobody'"),
    ],
)
async def test_what_cannot_be_done_says_why(config, words, status, says):
    async with ready(config):
        found, out, err = await run("schedule", *words, **at(config))
    assert (found, out) == (status, "")
    assert says in err


async def test_a_preview_adds_nothing(config):
    async with ready(config):
        place = at(config)
        status, out, _ = await run("schedule", "preview", "on at 06:15", "--count", "2", **place)
        assert status == 0
        assert [line[-11:] for line in out.splitlines()[1:]] == ["06:15:00  on"[-11:]] * 2
        _, out, _ = await run("schedule", "list", "--json", **place)
        assert [each["name"] for each in json.loads(out)["schedules"]] == ["morning"]


async def test_a_countdown_is_set_shown_and_cancelled(config):
    async with ready(config) as agent:
        place = at(config)
        await agent.switch(on=True)
        status, out, _ = await run("countdown", "10m", "--to", "off", **place)
        assert (status, out) in ((0, "socket-1: off in 10:00\n"), (0, "socket-1: off in 9:59\n"))
        status, out, _ = await run("countdown", "--json", **place)
        assert json.loads(out)["countdown"]["to"] == "off"
        status, out, _ = await run("countdown", "cancel", **place)
        assert (status, out) == (0, "socket-1: no countdown\n")
        status, out, _ = await run("countdown", "1s", **place)
        assert status == 0
        await agent.device_until(lambda device: device["properties"]["power_switch"] is False)


@pytest.mark.parametrize(
    ("words", "status", "says"),
    [
        (["10"], EXIT_USAGE, "'10' is no length; allowed: a duration such as 90s"),
        (["--to", "off"], EXIT_USAGE, "--to needs how long"),
        (["25h"], EXIT_FAILED, "a countdown of 25h; allowed: up to 24h"),
    ],
)
async def test_a_countdown_that_cannot_be_is_refused(config, words, status, says):
    async with ready(config):
        found, out, err = await run("countdown", *words, **at(config))
    assert (found, out) == (status, "")
    assert says in err

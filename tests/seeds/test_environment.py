"""config/environment.toml, end to end: six values of a room on every cloud."""

import json

import pytest

from tests.seeds.files import DIALECTS, SeedFile
from tests.seeds.played import played

pytestmark = pytest.mark.unmeasured

PAGE = {"MQ2": 30, "MQ135": 95, "MQ4": 30, "MQ7": 20, "DHT11_T": 14, "DHT11_H": 70}
"""What the page's device reports."""

FULL_SCALE_V = 3.3
GASES = ("MQ2", "MQ135", "MQ4", "MQ7")


def environment(folder, **more):
    values = {
        name: {"value": value * FULL_SCALE_V / 100 if name in GASES else value}
        for name, value in PAGE.items()
    }
    return SeedFile(folder, "environment").simulate(
        **{name: {**keys, **more.get(name, {})} for name, keys in values.items()}
    )


def warm(folder, **more):
    """Warm up in no time, as for sensors that were never cold."""
    cold = {name: {"warm_up": "0s", **more.pop(name, {})} for name in GASES}
    return environment(folder, **cold, **more)


@pytest.mark.parametrize("dialect", DIALECTS)
async def test_the_six_values_arrive_by_the_pages_names(tmp_path, dialect):
    async with played(warm(tmp_path), dialect) as system:
        await system.until_shown(**PAGE)
        assert system.shown == PAGE


async def test_they_stand_in_one_report_as_in_the_pages(tmp_path):
    """The report of a connect tells everything that is known."""
    async with played(warm(tmp_path), "tencent") as system:
        await system.until_shown(**PAGE)
        system.emulator.add_fault({"kind": "kick", "count": 1})
        await system.emulator.wait_until(lambda: PAGE in system.reports())
        assert system.key.product + system.key.name == "CS0SLTKSYAdev1"


async def test_no_gas_is_told_before_its_sensor_is_warm(tmp_path):
    async with played(environment(tmp_path), "tencent") as system:
        await system.until_shown(DHT11_T=14, DHT11_H=70)
        status = await system.status()
        assert set(status["unknown"]) == set(GASES)
        assert all("warming up, " in why for why in status["unknown"].values())
        assert all(report.keys() <= {"DHT11_T", "DHT11_H"} for report in system.reports())


async def test_an_alarm_is_raised_when_the_sensor_is_warm_and_not_before(tmp_path):
    seed = environment(tmp_path, MQ2={"value": 3.0, "warm_up": "3s"})
    seed.uncomment("[device.rules]", "smoke =").change(" for 20s: event smoke", ": event smoke")
    async with played(seed, "tencent") as system:
        await system.until_shown(DHT11_T=14)
        assert "warming up" in (await system.status())["unknown"]["MQ2"]
        assert system.events == []
        await system.emulator.wait_until(lambda: system.events)
        (event,) = system.events
        assert (event["id"], event["params"]["name"]) == ("notice", "smoke")
        await system.until_shown(MQ2=91)
        (raised,) = (
            entry.wall_time
            for entry in system.emulator.messages(system.key)
            if b"event_post" in entry.payload and entry.direction == "up"
        )
        first = next(
            entry.wall_time
            for entry in system.emulator.messages(system.key)
            if b"DHT11_T" in entry.payload and entry.direction == "up"
        )
        assert raised > first


@pytest.mark.parametrize("dialect", ["tencent", "aliyun", "onenet"])
async def test_a_sensor_that_fails_is_left_out_and_never_0(tmp_path, dialect):
    seed = warm(tmp_path, MQ7={"fault": "error", "retries": 0}, DHT11_T={"fault": "nan"})
    told = {name: value for name, value in PAGE.items() if name not in {"MQ7", "DHT11_T"}}
    async with played(seed, dialect) as system:
        await system.until_shown(**told)
        await system.agent.logged("sensor.lost", sensor="MQ7")
        assert system.shown == told
        status = await system.status()
        assert status["properties"]["MQ7"] is None
        assert "fails" in status["sensor_errors"]["MQ7"]
        assert not any(b"MQ7" in each for each in system.said("up", "property"))


async def test_a_value_that_is_lost_later_is_told_no_more(tmp_path):
    seed = warm(tmp_path, MQ7={"fault": "error", "fault_every": 3, "retries": 0})
    async with played(seed, "tencent") as system:
        await system.until_shown(**PAGE)
        await system.agent.logged("sensor.lost", sensor="MQ7")
        assert all(report.get("MQ7", 20) == 20 for report in system.reports())


async def test_its_numbers_are_whole_as_in_the_page(tmp_path):
    async with played(warm(tmp_path, MQ2={"value": 0.99499}), "tencent") as system:
        await system.until_shown(**PAGE)
        (first, *_) = (each for each in system.said("up", "/property/") if b'"MQ2"' in each)
        assert json.loads(first)["params"]["MQ2"] == 30
        assert b"30.0" not in first

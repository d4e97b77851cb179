"""config/nightlight.toml, end to end: the page's message, its login, and the dark."""

import asyncio
import json
import time

import aiomqtt
import pytest

from agent.emulator.values import Instant, Publication
from tests.integration.process import typed
from tests.seeds.files import DIALECTS, SeedFile, emulated
from tests.seeds.played import played

pytestmark = pytest.mark.unmeasured

OWN = "aliyun"
MESSAGE = (
    b'{"method":"thing.service.property.set","id":"1924954941","params":{"CurrentHumidity":66,'
    b'"NightLightSwitch":1,"CurrentTemperature":66},"version":"1.0.0"}'
)
SET = "/sys/k19g7hBjoOD/testdevice1/thing/service/property/set"
CLIENT_ID = "k19g7hBjoOD.testdevice1|securemode=2,signmethod=hmacsha256,timestamp=1729065411543|"
STAMP = "1729065411543"
ROOM = {
    "CurrentTemperature": {"value": 21.4},
    "CurrentHumidity": {"value": 55},
    "LightLevel": {"value": 120},
}
SHOWN = {"CurrentTemperature": 21.4, "CurrentHumidity": 55, "LightLevel": 120}


def nightlight(folder, **sensors):
    return SeedFile(folder, "nightlight").simulate(**{**ROOM, **sensors})


def send(system, topic, payload):
    """Publish bytes as they are, as the platform's debug page does."""
    cloud = system.emulator.clouds[system.key.cloud]
    client_id = cloud.broker.session(system.key).client_id
    message = Publication(topic=topic, payload=payload, client_id=client_id)
    at = Instant(now=asyncio.get_running_loop().time(), wall_time=time.time())
    was_sent, actions = cloud.broker.publish(message, at)
    cloud.endpoint.perform(actions)
    return was_sent


async def test_the_pages_message_switches_the_light_and_is_answered(tmp_path):
    async with played(nightlight(tmp_path), OWN) as system:
        await system.until_shown(NightLightSwitch=0, **SHOWN)
        assert send(system, SET, MESSAGE)
        await system.until_shown(NightLightSwitch=1)
        assert system.seed.is_on
        (answer,) = system.said("up", "/service/property/set_reply")
        found = json.loads(answer)
        assert (found["id"], found["code"]) == ("1924954941", 200)
        assert system.shown == {"NightLightSwitch": 1, **SHOWN}


async def test_all_of_the_message_is_refused_where_what_is_measured_may_not_stand(tmp_path):
    seed = nightlight(tmp_path).change('read_only_in_set = "ignore"', 'read_only_in_set = "refuse"')
    async with played(seed, OWN) as system:
        await system.until_shown(NightLightSwitch=0)
        assert send(system, SET, MESSAGE)
        await system.emulator.wait_until(lambda: system.said("up", "/set_reply"))
        (answer,) = system.said("up", "/set_reply")
        assert json.loads(answer)["code"] != 200
        assert not system.seed.is_on


async def test_the_pages_client_id_with_its_time_stamp_logs_in(tmp_path):
    seed = nightlight(tmp_path)
    async with await emulated(seed, OWN) as emulator:
        key = seed.at(emulator, OWN)
        names = ("--product-key", "k19g7hBjoOD", "--device-name", "testdevice1")
        secret = ("--secret-file", str(tmp_path / "aliyun.secret"))
        asked = ("sign", "aliyun", *names, "--timestamp", STAMP, *secret, "--json")
        status, out, said = await typed(*asked)
        assert status == 0, said
        login = json.loads(out)
        assert login["client_id"] == CLIENT_ID
        assert login["username"] == "testdevice1&k19g7hBjoOD"
        client = aiomqtt.Client(
            "localhost",
            emulator.ports.clouds[OWN].mqtts,
            identifier=login["client_id"],
            username=login["username"],
            password=login["password"],
            tls_params=aiomqtt.TLSParameters(ca_certs=str(emulator.ports.ca_file)),
        )
        async with client:
            assert emulator.is_online(key)


@pytest.mark.parametrize("dialect", DIALECTS)
async def test_its_values_arrive_and_its_switch_obeys_on_every_cloud(tmp_path, dialect):
    off, on = (False, True) if dialect == "onenet" else (0, 1)
    async with played(nightlight(tmp_path), dialect) as system:
        await system.until_shown(NightLightSwitch=off, **SHOWN)
        reply = await system.emulator.set_properties(system.key, {"NightLightSwitch": on})
        assert reply.outcome == "answered"
        assert system.seed.is_on
        await system.until_shown(NightLightSwitch=on)


async def test_the_dark_switches_it_by_a_rule(tmp_path):
    seed = nightlight(tmp_path, LightLevel={"value": 2}).uncomment("[device.rules]", "dusk =")
    seed.change(" for 1m between 18:00 and 23:30: on", ": on")
    async with played(seed, OWN) as system:
        await system.until_shown(NightLightSwitch=1, LightLevel=2)
        assert seed.is_on
        told = await system.agent.ask("events", topics=["relay"], limit=10)
        why = [row["details"] for row in told["rows"]]
        assert ("rule", "dusk") in [(each.get("why"), each.get("name")) for each in why], why


async def test_the_light_of_day_switches_it_off(tmp_path):
    seed = nightlight(tmp_path).uncomment("[device.rules]", "dawn =")
    seed.change(" for 5m: off", ": off").change('on_start = "off"', 'on_start = "on"')
    async with played(seed, OWN) as system:
        await system.until_shown(NightLightSwitch=0, LightLevel=120)
        assert not seed.is_on
        assert "1" in seed.contact.read_text()

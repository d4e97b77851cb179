"""A device that is declared in its file, on every wire: its names are what they are."""

import json
from dataclasses import replace

import pytest

from agent.app.codecs import make_codec
from agent.devices.generic.make import make
from agent.errors import SettingError
from agent.messages import EventReport, PropertyReport, PropertySet, PropertyToggle
from agent.models.consoles import CONSOLES
from agent.models.rules import faults
from agent.settings.clouds import section_class
from tests.devices.generic.bench import sensor, settings, switch

SEED_SET = (
    b'{"method":"thing.service.property.set","id":"1924954941","params":{"CurrentHumidity":66,'
    b'"NightLightSwitch":1,"CurrentTemperature":66},"version":"1.0.0"}'
)
IDENTITIES = {
    "tencent": {"product_id": "CS0SLTKSYA", "device_name": "dev1", "device_secret": "c2VjcmV0"},
    "aliyun": {
        "product_key": "k19g7hBjoOD",
        "device_name": "testdevice1",
        "device_secret": "0123456789abcdef",
        "instance_id": "iot-06z00d9jq7p2pgk",
    },
    "onenet": {"product_id": "9MaNe52pNO", "device_name": "dev1", "device_key": "c2VjcmV0"},
    "legacy": {
        "product_id": "91025",
        "device_name": "9377500",
        "device_key": "c2VjcmV0",
        "generation": "legacy",
        "tls": False,
    },
}
THING = make(
    settings(
        sensors={
            "CurrentTemperature": sensor(unit="°C", range=[-20, 60], step=0.1),
            "CurrentHumidity": sensor(unit="%", range=[0, 100], step=1),
            "voltage": sensor(unit="V", range=[0, 5], step=0.25),
            "DHT11_T": sensor(range=[0, 5], step=0.1),
            "Door": sensor(value=False),
        },
        switches={"NightLightSwitch": switch(), "power_switch": switch()},
        dimmers={"Glow": {"driver": "simulated"}},
    )
).thing
ONE = THING.properties[:1]
VALUES = {
    "CurrentTemperature": 21.5,
    "CurrentHumidity": 66,
    "voltage": 3.75,
    "DHT11_T": 3.0,
    "Door": True,
    "NightLightSwitch": False,
    "power_switch": True,
    "Glow": 40,
}


def codec(cloud, thing=THING, **keys):
    name = "onenet" if cloud == "legacy" else cloud
    section = section_class(name).model_validate({**IDENTITIES[cloud], **keys})
    return make_codec(name, section, thing)


def found(document, key):
    """Find the object that holds *key*, wherever the platform puts values."""
    if isinstance(document, dict):
        if key in document:
            return document
        document = list(document.values())
    if isinstance(document, list):
        return next((each for each in (found(one, key) for one in document) if each), None)
    return None


@pytest.mark.parametrize("cloud", IDENTITIES)
def test_every_name_is_verbatim_on_every_cloud(cloud):
    publish = codec(cloud).encode(PropertyReport(values=VALUES, wall_time=1.8e9), "7", 1.8e9)
    payload = publish.payload[3:] if cloud == "legacy" else publish.payload
    told = found(json.loads(payload), "CurrentTemperature")
    assert set(VALUES) <= set(told)
    value = told["voltage"]
    assert (value.get("value") if isinstance(value, dict) else value) == 3.75


@pytest.mark.parametrize("cloud", IDENTITIES)
def test_what_is_renamed_is_called_so(cloud):
    renamed = codec(cloud, rename={"DHT11_T": "temp"})
    publish = renamed.encode(PropertyReport(values=VALUES, wall_time=1.8e9), "7", 1.8e9)
    assert b'"temp"' in publish.payload
    assert b"DHT11_T" not in publish.payload
    with pytest.raises(SettingError, match="nothing named 'current'"):
        codec(cloud, rename={"current": "x"})


@pytest.mark.parametrize("cloud", IDENTITIES)
def test_its_events_are_those_of_the_dialect(cloud):
    for name in ("notice", "hardware_fault"):
        values = {"name": "x", "text": "y"} if name == "notice" else {"name": "x", "error_code": 1}
        message = EventReport(name=name, values=values, wall_time=1.8e9)
        assert codec(cloud).encode(message, "7", 1.8e9) is not None


def test_the_seeds_message_switches_the_light():
    topic = "/sys/k19g7hBjoOD/testdevice1/thing/service/property/set"
    asked = codec("aliyun", read_only_in_set="ignore").decode(topic, SEED_SET)
    assert asked == PropertySet(request_id="1924954941", values={"NightLightSwitch": True})
    refused = codec("aliyun").decode(topic, SEED_SET)
    assert "CurrentHumidity can only be read" in THING.fault(refused.values).reason


def test_a_bare_word_means_the_main_switch():
    old = codec("legacy", custom_topics=["TurnipRobot"])
    asked = old.decode("$creq/3e25b3f5-27c8-50d5-b2bb-b7cb7ddddac4", b"on")
    assert asked.values == {"NightLightSwitch": True}
    assert isinstance(old.decode("$creq/9aa4a04f", b"toggle"), PropertyToggle)
    assert old.decode("TurnipRobot", b"off").values == {"NightLightSwitch": False}


@pytest.mark.parametrize("cloud", CONSOLES)
def test_its_model_is_one_that_the_console_takes(cloud):
    console = CONSOLES[cloud]
    model = console.describe(THING, {})
    assert not faults(model, console.rules)
    identifiers = {each.identifier for each in model.features}
    assert set(VALUES) <= identifiers
    assert console.describe(THING, {"Glow": "G"}).features != model.features


@pytest.mark.parametrize("name", ["time", "value", "set", "get", "post", "property", "event"])
def test_a_name_that_aliyun_keeps_for_itself_is_refused_where_it_is_not_renamed(name):
    thing = replace(
        THING, properties=tuple(replace(row, field=replace(row.field, name=name)) for row in ONE)
    )
    with pytest.raises(SettingError, match="reserved"):
        codec("aliyun", thing)
    codec("aliyun", thing, rename={name: "Elsewhere"})
    codec("tencent", thing)

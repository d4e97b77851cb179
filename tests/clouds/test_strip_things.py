"""A strip on every wire: a switch for each outlet, called as the platform's standard has it."""

import json

import pytest

from agent.clouds.homeassistant.codec import HomeassistantCodec
from agent.devices.strip.make import make
from agent.messages import InfoReport, PropertyReport, PropertySet
from agent.models.consoles import CONSOLES
from agent.models.rules import faults
from tests.clouds.test_generic_things import codec, found
from tests.contract.discovery import faults_of
from tests.contract.platforms_home import section
from tests.devices.strip.bench import StripBench, settings

THING = make(settings(outlets=8)).thing
STANDARD = {f"PowerSwitch_{number}" for number in range(1, 9)}
OWN = {f"power_switch_{number}" for number in range(1, 9)}


@pytest.mark.parametrize(
    ("cloud", "names"), [("aliyun", STANDARD), ("tencent", OWN), ("onenet", OWN)]
)
def test_the_model_has_a_switch_for_each_outlet(cloud, names):
    console = CONSOLES[cloud]
    model = console.describe(THING, {})
    assert not faults(model, console.rules)
    rows = {each.identifier: each for each in model.features}
    assert names <= set(rows)
    assert all(rows[name].is_writable for name in names)


def test_aliyun_reads_and_writes_the_standard_identifiers():
    topic = "/sys/k19g7hBjoOD/testdevice1/thing/service/property/set"
    request = b'{"method":"thing.service.property.set","id":"1","version":"1.0.0",'
    request += b'"params":{"PowerSwitch_2":1,"PowerSwitch":1}}'
    asked = codec("aliyun", THING).decode(topic, request)
    assert asked == PropertySet(
        request_id="1", values={"power_switch_2": True, "power_switch": True}
    )
    report = PropertyReport(values={"power_switch_7": False}, wall_time=1.8e9)
    assert b'"PowerSwitch_7"' in codec("aliyun", THING).encode(report, "7", 1.8e9).payload


@pytest.mark.parametrize("cloud", ["aliyun", "tencent", "onenet"])
def test_an_outlet_may_be_renamed(cloud):
    report = PropertyReport(values={"power_switch_1": True}, wall_time=1.8e9)
    renamed = codec(cloud, THING, rename={"power_switch_1": "left"})
    assert b'"left"' in renamed.encode(report, "7", 1.8e9).payload


def test_home_assistant_has_an_outlet_for_each():
    whole = HomeassistantCodec(section(), THING).encode(InfoReport(facts={}), "1")
    described = json.loads(whole.payload)
    assert faults_of(described) == []
    for name in ("power_switch", *OWN):
        component = described["cmps"][f"switch_{name}"]
        assert component["dev_cla"] == "outlet"
    assert described["cmps"]["switch_power_switch_3"]["name"] == "Outlet 3"


def test_a_report_of_a_strip_has_every_outlet():
    bench = StripBench()
    snapshot = bench.device.thing.snapshot(bench.state, bench.now)
    values = {name: value for name, value in snapshot.items() if value is not None}
    payload = (
        codec("tencent", bench.device.thing)
        .encode(PropertyReport(values=values, wall_time=1.8e9), "7", 1.8e9)
        .payload
    )
    assert set(found(json.loads(payload), "power_switch")) >= {"power_switch_1", "power_switch_3"}

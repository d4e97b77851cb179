"""What an emulator is made of."""

import json
from dataclasses import replace

import pytest

from agent.emulator.emulator import Emulator
from agent.emulator.identity import CLOUDS
from agent.emulator.makers import MODELS
from agent.emulator.options import EmulatorOptions, limited
from agent.errors import ConfigError

ALL = EmulatorOptions(clouds=CLOUDS)


@pytest.mark.parametrize("limit", [7, 0])
def test_one_limit_holds_for_every_cloud(limit):
    emulator = Emulator(limited(ALL, limit))
    rules = {name: cloud.console.rules for name, cloud in emulator.clouds.items()}
    wanted = limit or None
    assert rules["tencent"].uplinks_per_s == wanted
    assert rules["aliyun"].uplinks_per_s == rules["aliyun"].qos1_uplinks_per_s == wanted
    assert rules["onenet"].uplinks_per_s == wanted


@pytest.mark.parametrize("clouds", [(), ("azure",), ("tencent", "tencent")])
def test_clouds_are_known_and_stand_once(clouds):
    with pytest.raises(ConfigError, match="clouds to emulate"):
        Emulator(EmulatorOptions(clouds=clouds))


def test_every_cloud_describes_its_sample_for_the_page():
    for device in Emulator(ALL).devices():
        assert device["properties"] == {}
        assert device["events"] == []
        assert isinstance(device["settable"], dict)
        assert isinstance(device["actions"], list)
        assert json.dumps(device)


def test_a_model_belongs_to_the_cloud_that_stands_before_its_product(tmp_path):
    path = tmp_path / "model.json"
    path.write_text('{"version":"1.0","properties":[]}')
    emulator = Emulator(replace(ALL, models={"tencent/CS0SLTKSYA": path}))
    settable = {device["cloud"]: device["settable"] for device in emulator.devices()}
    assert settable["tencent"] == {}
    assert set(settable["onenet"]) == {"power_switch", "count_down"}


def test_a_model_may_tell_what_is_settable_where_the_platform_has_none():
    path = MODELS / "onenet-socket.json"
    for cloud, product in (("onenet-datastream", "238322"), ("onenet-legacy", "91025")):
        (device,) = Emulator(EmulatorOptions(clouds=(cloud,), models={product: path})).devices()
        assert device["settable"]

"""The devices of a start are made each by itself."""

from dataclasses import replace

import pytest
from structlog.testing import capture_logs

from agent.app.making import MOST_TOLD, faults_told, make_all
from agent.app.parts import Parts
from agent.errors import ConfigError
from agent.settings.faults import ConfigFaults, Fault
from agent.settings.load import load
from agent.settings.root import LeftOut
from tests.integration.config import DeviceFile

NOTHING = Parts(transport=None)


@pytest.fixture
def config(tmp_path):
    for name in ("a", "b", "c"):
        DeviceFile(tmp_path, name, has_agent=False)
    return load(tmp_path, {})


def fault(number=1):
    return Fault(file="a.toml", line=number, key="device", found="x", allowed="y")


def making(**errors):
    def make(config):
        error = errors.get(config.device.id)
        if error is not None:
            raise error
        return NOTHING

    return make


def test_all_are_made_in_order(config):
    made, left = make_all(config, making())
    assert [each.device.id for each, _ in made] == ["a", "b", "c"]
    assert left == []


def test_what_cannot_be_made_is_left_out_and_told_whatever_it_is(config):
    errors = {"a": ConfigFaults([fault()]), "b": ZeroDivisionError()}
    with capture_logs() as logs:
        made, left = make_all(config, making(**errors))
    assert [each.device.id for each, _ in made] == ["c"]
    assert [(each.device_id, each.faults[0].found) for each in left] == [
        ("a", "x"),
        ("b", "ZeroDivisionError()"),
    ]
    assert [(each["event"], each["log_level"]) for each in logs] == [
        ("device.failed", "critical"),
        ("device.left_out", "warning"),
        ("device.left_out", "warning"),
    ]
    told = faults_told(left)
    assert told[0]["text"] == "a.toml:1: device: found x; allowed: y"
    assert (told[1]["device"], told[1]["line"]) == ("b", None)


def test_many_faults_of_a_file_are_counted(config):
    many = LeftOut(path=config.devices[0].path, device_id="z", faults=(fault(),) * (MOST_TOLD + 5))
    with capture_logs() as logs:
        make_all(replace(config, left_out=(many,)), making())
    assert len(logs) == MOST_TOLD + 1
    assert logs[-1]["more"] == 5


def test_where_none_can_be_made_all_there_is_to_mend_is_told(config):
    each = {name: ConfigFaults([fault(number)]) for number, name in enumerate("abc")}
    with pytest.raises(ConfigFaults) as caught:
        make_all(config, making(**each))
    assert len(caught.value.faults) == 3
    with pytest.raises(ConfigError, match="no driver"):
        make_all(config, making(**each | {"b": ConfigError("no driver")}))
    with pytest.raises(ZeroDivisionError):
        make_all(config, making(**each | {"b": ZeroDivisionError()}))


def test_the_fault_of_the_only_device_is_told_as_it_is(config):
    alone = replace(config, devices=config.devices[:1])
    error = ConfigFaults([fault()])
    with pytest.raises(ConfigFaults) as caught:
        make_all(alone, making(a=error))
    assert caught.value is error

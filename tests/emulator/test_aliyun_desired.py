"""Desired values with their versions, and the labels of a device."""

import json

import pytest

from tests.emulator.aliyun import DEVICE, SET, THING, ask, code, described, make_device, sent

GET = f"{THING}/property/desired/get"
DELETE = f"{THING}/property/desired/delete"
UPDATE_LABELS = f"{THING}/deviceinfo/update"
DELETE_LABELS = f"{THING}/deviceinfo/delete"


def desire(core, **values):
    request = core.platform.desire(DEVICE, values, core.at)
    core.publish(request.publication)
    core.hear(1)
    return request


def test_a_desired_value_is_kept_and_also_set_while_the_device_is_online():
    core = make_device()
    request = core.platform.desire(DEVICE, {"PowerSwitch": 1}, core.at)
    assert request.is_kept
    message = sent(core, request)
    assert (message.topic, json.loads(message.payload)["params"]) == (SET, {"PowerSwitch": 1})
    assert described(core)["desired"] == {"PowerSwitch": {"value": 1, "version": 1}}


def test_a_device_gets_what_is_desired_of_the_identifiers_it_names():
    core = make_device()
    core.lose(1)
    request = core.platform.desire(DEVICE, {"PowerSwitch": 1, "CountDown": {}}, core.at)
    assert not core.publish(request.publication)
    core = make_device()
    desire(core, PowerSwitch=0)
    desire(core, PowerSwitch=1, CountDown={"IsRunning": 0})
    reply = ask(core, GET, ["PowerSwitch", "OverCurrentThreshold", "NoSuch"])
    assert reply["method"] == "thing.property.desired.get"
    assert reply["data"] == {"PowerSwitch": {"value": 1, "version": 2}}
    assert ask(core, GET, [])["data"] == {}


def test_a_desired_value_is_cleared_only_at_its_version():
    core = make_device()
    desire(core, PowerSwitch=0)
    desire(core, PowerSwitch=1)
    reply = ask(core, DELETE, {"PowerSwitch": {"version": 1}})
    assert (reply["code"], reply["data"]) == (200, {})
    assert described(core)["desired"]["PowerSwitch"]["version"] == 2
    assert core.notes[-1].event == "uplink.filtered"
    assert code(core, DELETE, {"PowerSwitch": {"version": 2}, "Other": {"version": 9}}) == 200
    assert described(core)["desired"] == {}
    desire(core, PowerSwitch=1)
    assert described(core)["desired"]["PowerSwitch"]["version"] == 3
    assert code(core, DELETE, {"PowerSwitch": {}}) == 200
    assert described(core)["desired"] == {}


@pytest.mark.parametrize(
    ("expected", "topic", "params"),
    [
        (460, GET, None),
        (460, GET, {"PowerSwitch": {}}),
        (460, GET, [1]),
        (460, GET, [[]]),
        (6104, GET, ["x"] * 201),
        (460, DELETE, None),
        (460, DELETE, []),
        (460, DELETE, {}),
        (460, DELETE, {"PowerSwitch": 1}),
        (460, DELETE, {"PowerSwitch": {"version": "1"}}),
        (6104, DELETE, {f"p{number}": {} for number in range(201)}),
    ],
)
def test_a_malformed_request_has_its_code_and_clears_nothing(expected, topic, params):
    core = make_device()
    desire(core, PowerSwitch=1)
    assert code(core, topic, params) == expected
    assert list(described(core)["desired"]) == ["PowerSwitch"]


def test_labels_are_kept_until_they_are_deleted():
    core = make_device()
    rows = [
        {"attrKey": "Room", "attrValue": "客厅-1"},
        {"attrKey": "_fw", "attrValue": "1.2.3_a"},
        {"attrKey": "SYS_SDK_IF_INFO", "attrValue": "eth|00:11", "domain": "SYSTEM"},
    ]
    reply = ask(core, UPDATE_LABELS, rows)
    assert (reply["code"], reply["method"]) == (200, "thing.deviceinfo.update")
    assert described(core)["labels"] == {
        "Room": "客厅-1",
        "_fw": "1.2.3_a",
        "SYS_SDK_IF_INFO": "eth|00:11",
    }
    assert code(core, DELETE_LABELS, [{"attrKey": "Room"}, {"attrKey": "Gone"}]) == 200
    assert list(described(core)["labels"]) == ["_fw", "SYS_SDK_IF_INFO"]


@pytest.mark.parametrize(
    "params",
    [
        None,
        [],
        {},
        [1],
        [{}],
        [{"attrKey": "1a", "attrValue": "x"}],
        [{"attrKey": "a" * 65, "attrValue": "x"}],
        [{"attrKey": "Good", "attrValue": "x"}, {"attrKey": "Bad", "attrValue": "a b"}],
        [{"attrKey": "Good", "attrValue": ""}],
        [{"attrKey": "Good", "attrValue": 1}],
        [{"attrKey": "Good"}],
        [{"attrKey": "Good", "attrValue": "x"}, 1],
        [{"attrKey": "Good", "attrValue": "x"}] * 201,
        [{"attrKey": f"k{number}", "attrValue": "x"} for number in range(101)],
    ],
)
def test_malformed_labels_are_460_and_change_nothing(params):
    core = make_device()
    assert code(core, UPDATE_LABELS, params) == 460
    assert described(core)["labels"] == {}


@pytest.mark.parametrize("params", [None, {}, [{"attrKey": 1}]])
def test_a_malformed_deletion_of_labels_is_460(params):
    assert code(make_device(), DELETE_LABELS, params) == 460

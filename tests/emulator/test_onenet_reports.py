"""What a device with a thing model posts: what is taken, and the code of what is not."""

import json

import pytest

from agent.emulator.onenet import thing
from agent.emulator.onenet.model import read_model
from agent.emulator.onenet.rules import Codes, OnenetRules
from agent.emulator.onenet.thing import ThingPlatform
from tests.emulator import probe
from tests.emulator.onenet import (
    KEY,
    MS,
    NAME,
    OWN,
    PRODUCT,
    log_codes,
    login,
    post,
    say,
    thing_device,
    view,
)
from tests.emulator.support import WALL, Core

POST = "thing/property/post"
GOOD = {
    "power_switch": True,
    "voltage": 229.8,
    "current": 0,
    "active_power": 98.1,
    "apparent_power": 99,
    "power_factor": 0.99,
    "total_energy": 9999.999,
    "count_down": 86_400,
}


def wrapped(values):
    return {name: {"value": value, "time": MS} for name, value in values.items()}


def test_a_good_post_is_taken_and_answered_with_its_id():
    core = thing_device()
    assert post(core, POST, wrapped(GOOD), id="1234567890123") == {
        "id": "1234567890123",
        "code": 200,
        "msg": "success",
    }
    post(core, POST, {"voltage": {"value": 230}})
    assert view(core)["properties"] == GOOD | {"voltage": 230}
    assert view(core)["reported_at"] == WALL


def test_the_version_may_be_left_out():
    core = thing_device()
    ((_, payload),) = say(core, OWN + POST, {"id": "1", "params": {"voltage": {"value": 1}}})
    assert json.loads(payload)["code"] == 200


def test_there_is_no_reply_without_a_subscription():
    core = thing_device()
    core.say(1, probe.unsubscribe(f"{OWN}thing/#"))
    assert say(core, OWN + POST, {"id": "1", "params": wrapped(GOOD)}) == []
    assert view(core)["properties"] == GOOD


@pytest.mark.parametrize(
    ("code", "params"),
    [
        (2402, {"voltage": 230}),
        (2402, {"voltage": [230]}),
        (2402, {"voltage": {"value": "230"}}),
        (2402, {"voltage": {"value": 401}}),
        (2402, {"voltage": {"value": None}}),
        (2402, {"power_switch": {"value": 1}}),
        (2402, {"count_down": {"value": 1.5}}),
        (2402, {"voltage": {"value": 1, "time": "now"}}),
        (2402, {"voltage": {"value": 1, "time": -1}}),
        (2402, {"voltage": {"value": 1, "time": 1.5}}),
        (2402, {"voltage": {"value": 1, "time": 2**63}}),
        (2402, []),
        (2402, None),
        (2409, {"voltage": {}}),
        (2409, {"voltage": {"time": MS}}),
        (2409, {"Voltage": {"value": 230}}),
        (2409, {"kwh": {"value": 1}}),
    ],
)
def test_one_bad_value_fails_the_whole_post(code, params):
    core = thing_device()
    good = {"current": {"value": 1.5}}
    given = params | good if isinstance(params, dict) else params
    assert post(core, POST, given)["code"] == code
    assert view(core)["properties"] == {}
    assert log_codes(core) == [code]


@pytest.mark.parametrize(
    "number", [7, None, "", "x", "-1", "1.0", "12345678901234", "१", ["1"], True]
)
def test_an_id_that_is_no_text_of_up_to_13_digits_is_2405(number):
    core = thing_device()
    reply = post(core, POST, wrapped(GOOD), id=number)
    assert reply["code"] == 2405
    assert reply["id"] == (number if isinstance(number, str) else "")
    assert view(core)["properties"] == {}


@pytest.mark.parametrize(
    "payload",
    [b"", b"{", b"\xff", b"[]", b"null", b'{"id":"1","params":{"voltage":NaN}}', b"[" * 999],
)
def test_what_is_no_json_object_is_2402(payload):
    core = thing_device()
    ((topic, reply),) = say(core, OWN + POST, payload)
    assert topic == f"{OWN}{POST}/reply"
    assert (json.loads(reply)["id"], json.loads(reply)["code"]) == ("", 2402)


def test_missing_params_are_2409():
    ((_, reply),) = say(thing_device(), OWN + POST, {"id": "1"})
    assert json.loads(reply)["code"] == 2409


def test_the_codes_that_nobody_knows_can_be_chosen():
    rules = OnenetRules(codes=Codes(unknown_identifier=2308, wrong_value=302))
    core = thing_device(rules)
    assert post(core, POST, {"kwh": {"value": 1}})["code"] == 2308
    assert post(core, POST, {"voltage": {"value": "x"}})["code"] == 302
    assert post(core, "thing/event/post", {"kwh": {"value": {}}})["code"] == 2308
    low = {"low_voltage": {"value": {"voltage": "x"}}}
    assert post(core, "thing/event/post", low)["code"] == 302


TRIP = {"cause": "overcurrent", "value": 16.8, "limit": 16, "duration_s": 0.5}


def test_an_event_is_recorded_and_answered():
    core = thing_device()
    params = {"trip": {"value": TRIP, "time": MS}, "low_voltage": {"value": {"voltage": 170}}}
    assert post(core, "thing/event/post", params)["code"] == 200
    assert view(core)["events"] == [
        {"id": "trip", "type": "alert", "params": TRIP, "timestamp_ms": MS, "received_at": WALL},
        {
            "id": "low_voltage",
            "type": "alert",
            "params": {"voltage": 170},
            "timestamp_ms": None,
            "received_at": WALL,
        },
    ]


@pytest.mark.parametrize(
    ("code", "params"),
    [
        (2308, {"trip": {"value": {"cause": "overcurrent"}}}),
        (2308, {"trip": {"value": TRIP | {"more": 1}}}),
        (2308, {"trip": {"value": {}}}),
        (2402, {"trip": TRIP["cause"]}),
        (2402, {"trip": {"value": TRIP, "time": "x"}}),
        (2402, {"trip": {"value": TRIP | {"value": "x"}}}),
        (2402, {"trip": {"value": [1, 2, 3, 4]}}),
        (2402, {"trip": {"value": TRIP | {"cause": "x" * 33}}}),
        (2402, []),
        (2409, {"trip": {"time": MS}}),
        (2409, {"Trip": {"value": TRIP}}),
        (2409, {"low_voltage": {"value": {"Voltage": 1}}}),
    ],
)
def test_a_wrong_event_is_refused_with_all_that_came_with_it(code, params):
    core = thing_device()
    good = {"hardware_fault": {"value": {"name": "meter", "error_code": 1}}}
    given = good | params if isinstance(params, dict) else params
    assert post(core, "thing/event/post", given)["code"] == code
    assert view(core)["events"] == []


def pack(**fields):
    return {"properties": {"voltage": {"value": 230, "time": MS}}} | fields


def test_a_pack_of_the_device_itself_is_taken():
    core = thing_device()
    itself = {"productID": PRODUCT, "deviceName": NAME}
    events = {"trip": {"value": TRIP}}
    assert post(core, "thing/pack/post", [pack(identity=itself, events=events)])["code"] == 200
    assert post(core, "thing/pack/post", [{"properties": {"current": {"value": 2}}}])["code"] == 200
    assert post(core, "thing/pack/post", [{}])["code"] == 200
    assert view(core)["properties"] == {"voltage": 230, "current": 2}
    assert [event["id"] for event in view(core)["events"]] == ["trip"]


@pytest.mark.parametrize(
    ("code", "params"),
    [
        (2402, {}),
        (2402, [1]),
        (2402, [pack(identity={"productID": PRODUCT, "deviceName": "sub"})]),
        (2402, [pack(properties={"voltage": 1})]),
        (2402, [pack(properties=[])]),
        (2402, [pack(events=[])]),
        (2409, [pack(properties={"kwh": {"value": 1}})]),
        (2308, [pack(events={"trip": {"value": {}}})]),
    ],
)
@pytest.mark.parametrize("channel", ["thing/pack/post", "thing/history/post"])
def test_a_wrong_batch_is_refused_as_a_whole(channel, code, params):
    if channel.startswith("thing/history") and isinstance(params, list):
        params = [_as_history(entry) for entry in params]
    core = thing_device()
    good = _as_history(pack()) if channel.startswith("thing/history") else pack()
    given = [good, *params] if isinstance(params, list) else params
    assert post(core, channel, given)["code"] == code
    assert (view(core)["properties"], view(core)["history"], view(core)["events"]) == ({}, [], [])


def _as_history(entry):
    """Put every value into a list."""
    if not isinstance(entry, dict):
        return entry
    return {
        key: {name: [value] for name, value in named.items()}
        if key != "identity" and isinstance(named, dict)
        else named
        for key, named in entry.items()
    }


def test_a_pack_has_at_most_100_points():
    rows = [{"identifier": f"x{n}", "dataType": {"type": "int32"}} for n in range(101)]
    model = read_model(json.dumps({"properties": rows}).encode())
    core = Core(ThingPlatform([thing.register(PRODUCT, NAME, KEY, model)], nonce="test"))
    core.connect(1, **login())
    core.say(1, probe.subscribe((f"{OWN}thing/#", 0)))
    for count, code in ((101, 2402), (100, 200)):
        points = {f"x{n}": {"value": n} for n in range(count)}
        assert post(core, "thing/pack/post", [{"properties": points}])["code"] == code
        assert len(view(core)["properties"]) == (count if code == 200 else 0)


def test_history_is_kept_apart_from_the_values_of_now():
    core = thing_device()
    values = [{"value": 3.1, "time": MS - 60_000}, {"value": 3.2, "time": MS}]
    params = [{"properties": {"active_power": values}, "events": {"trip": [{"value": TRIP}]}}]
    assert post(core, "thing/history/post", params)["code"] == 200
    assert view(core)["properties"] == {}
    assert view(core)["history"] == [
        {"id": "active_power", "value": 3.1, "timestamp_ms": MS - 60_000},
        {"id": "active_power", "value": 3.2, "timestamp_ms": MS},
    ]
    assert len(view(core)["events"]) == 1


def test_history_has_at_most_100_values_of_a_point():
    core = thing_device()
    for count, code in ((100, 200), (101, 2402)):
        params = [{"properties": {"voltage": [{"value": 230}] * count}}]
        assert post(core, "thing/history/post", params)["code"] == code
    assert post(core, "thing/history/post", [{"properties": {"voltage": {}}}])["code"] == 2402

"""Events, batches and history: what is recorded, and what is refused."""

import json

import pytest

from agent.emulator.aliyun.rules import AliyunRules
from tests.emulator.aliyun import MS, NAME, PRODUCT, THING, ask, code, described, make_device, say
from tests.emulator.support import WALL

EVENT = f"{THING}/event/OverCurrent/post"
BATCH = f"{THING}/event/property/batch/post"
HISTORY = f"{THING}/event/property/history/post"
VALUE = {"Current": 16.2, "Threshold": 16.0, "TripState": 1}
STRONG = AliyunRules(refuses_unknown=True, checks_ranges=True)


@pytest.mark.parametrize(
    ("params", "timestamp_ms"),
    [({"value": VALUE, "time": MS}, MS), ({"value": VALUE}, None), (VALUE, None)],
)
def test_an_event_is_recorded_with_and_without_value_and_time(params, timestamp_ms):
    core = make_device()
    reply = ask(core, EVENT, params)
    assert (reply["code"], reply["method"]) == (200, "thing.event.OverCurrent.post")
    assert described(core)["events"] == [
        {
            "id": "OverCurrent",
            "type": "alert",
            "params": VALUE,
            "timestamp_ms": timestamp_ms,
            "received_at": WALL,
        }
    ]


@pytest.mark.parametrize(
    ("topic", "params"),
    [
        (f"{THING}/event/NoSuch/post", {"value": VALUE}),
        (f"{THING}/event/post/post", {"value": {}}),
    ],
)
def test_an_unknown_event_is_lost_with_200(topic, params):
    core = make_device()
    assert code(core, topic, params) == 200
    assert described(core)["events"] == []
    assert core.notes[-1].event == "uplink.filtered"


@pytest.mark.parametrize(
    "extra", [{"Watt": 1.0}, {"TripState": "1"}, {"TripState": True}, {"Threshold": "x"}]
)
def test_members_that_do_not_fit_are_left_out(extra):
    core = make_device()
    assert code(core, EVENT, {"value": {"Current": 1.5} | extra}) == 200
    assert described(core)["events"][0]["params"] == {"Current": 1.5}


@pytest.mark.parametrize(
    ("expected", "topic", "params"),
    [
        (5160, f"{THING}/event/NoSuch/post", {}),
        (6304, EVENT, {"Watt": 1.0}),
        (6309, EVENT, {"TripState": 2}),
        (6307, EVENT, {"Current": 101.0}),
        (6310, f"{THING}/event/Trip/post", {"Cause": "x" * 33}),
        (6310, f"{THING}/event/Trip/post", {"Cause": 1}),
        (6306, f"{THING}/event/HardwareFault/post", {"ErrorCode": 65_536}),
    ],
)
def test_strong_validation_refuses_an_event_whole(expected, topic, params):
    core = make_device(STRONG)
    assert code(core, topic, {"value": params}) == expected
    assert code(core, topic, params) == expected
    assert described(core)["events"] == []


@pytest.mark.parametrize("params", [None, [], "x", 1])
def test_an_event_without_an_object_is_460(params):
    assert code(make_device(), EVENT, params) == 460


def test_an_event_may_have_no_members():
    core = make_device()
    assert code(core, EVENT, {}) == 200
    assert described(core)["events"][0]["params"] == {}


def test_a_value_that_is_no_object_is_taken_for_a_member():
    core = make_device(STRONG)
    assert code(core, EVENT, {"value": 1, "time": MS + 10**9}) == 6304


@pytest.mark.parametrize("time", [MS + 86_401_000, "now"])
def test_an_event_more_than_a_day_ahead_fails(time):
    core = make_device()
    assert code(core, EVENT, {"value": VALUE, "time": time}) == 6326
    assert described(core)["events"] == []


def test_the_last_hundred_events_are_shown():
    core = make_device(AliyunRules(uplinks_per_s=None))
    for _ in range(101):
        say(core, EVENT, {"id": "1", "params": VALUE})
    assert len(described(core)["events"]) == 100


def test_a_batch_leaves_the_last_value_and_every_event():
    core = make_device()
    params = {
        "properties": {
            "PowerSwitch": [{"value": 1, "time": MS - 2}, {"value": 0, "time": MS - 1}],
            "Unknown": [{"value": 1, "time": MS}],
        },
        "events": {"OverCurrent": [{"value": VALUE, "time": MS}, {"value": {}, "time": MS}]},
    }
    assert code(core, BATCH, params) == 200
    assert described(core)["properties"] == {"PowerSwitch": 0}
    assert [event["params"] for event in described(core)["events"]] == [VALUE, {}]
    assert core.notes[-1].event == "uplink.filtered"


@pytest.mark.parametrize(
    ("expected", "params"),
    [
        (460, None),
        (460, []),
        (460, {}),
        (460, {"properties": []}),
        (460, {"properties": {"PowerSwitch": {"value": 1}}}),
        (460, {"events": {"OverCurrent": 1}}),
        (460, {"events": {"OverCurrent": [1]}}),
        (6106, {"properties": {"PowerSwitch": [1] * 201}}),
        (6326, {"properties": {"PowerSwitch": [{"value": 1, "time": MS + 10**8}]}}),
    ],
)
def test_a_malformed_batch_has_its_code(expected, params):
    core = make_device()
    assert code(core, BATCH, params) == expected
    assert described(core)["properties"] == {}


def history(**fields):
    identity = {"productKey": PRODUCT, "deviceName": NAME}
    return [{"identity": identity, **fields}]


def test_history_is_recorded_and_leaves_what_is_now():
    core = make_device()
    params = history(
        properties=[{"PowerSwitch": {"value": 1, "time": MS - 5}}],
        events=[{"OverCurrent": {"value": VALUE, "time": MS - 5}}],
    )
    assert code(core, HISTORY, params) == 200
    assert described(core)["properties"] == {}
    assert described(core)["events"][0]["timestamp_ms"] == MS - 5
    assert code(core, HISTORY, history(properties=[1], events="none")) == 200


@pytest.mark.parametrize(
    ("expected", "params"),
    [
        (460, None),
        (460, []),
        (6401, [1]),
        (6401, [{"identity": {"productKey": PRODUCT, "deviceName": "other"}}]),
        (460, history(events=[{"OverCurrent": 1}])),
    ],
)
def test_a_malformed_history_has_its_code(expected, params):
    assert code(make_device(), HISTORY, params) == expected


def test_strong_validation_names_the_first_fault_of_a_batch():
    core = make_device(STRONG)
    params = {"properties": {"PowerSwitch": [{"value": 1}, {"value": 7}]}}
    assert code(core, BATCH, params) == 6308
    json.dumps(described(core))

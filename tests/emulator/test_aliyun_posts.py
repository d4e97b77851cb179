"""Posts of properties: what is taken, what is left out, and the code of what is refused."""

import json

import pytest

from agent.emulator.aliyun.rules import AliyunRules, Quirks
from tests.emulator.aliyun import DEVICE, MS, POST, THING, ask, code, described, make_device, say
from tests.emulator.support import WALL

GOOD = {
    "PowerSwitch": 1,
    "CurrentVoltage": 229.8,
    "Current": 0.0,
    "RealTimePower": 98.1,
    "ApparentPower": 99.0,
    "PowerFactor": 0.99,
    "PowerConsumption": 9999.999,
    "CountDown": {"IsRunning": 1, "TimeLeft": 600, "PowerSwitch": 0, "Timestamp": str(MS)},
    "OverCurrentThreshold": 10.0,
}
STRONG = AliyunRules(refuses_unknown=True, checks_ranges=True)


def test_a_good_post_is_taken_and_answered_with_all_that_sdks_look_for():
    core = make_device()
    assert ask(core, POST, GOOD) == {
        "code": 200,
        "data": {},
        "id": "7",
        "message": "success",
        "method": "thing.event.property.post",
        "version": "1.0",
    }
    ask(core, POST, {"CurrentVoltage": 230.0})
    assert described(core)["properties"] == GOOD | {"CurrentVoltage": 230.0}
    assert described(core)["reported_at"] == WALL


def test_bare_values_and_values_with_their_time_may_be_mixed():
    core = make_device()
    params = {
        "PowerSwitch": {"value": 1, "time": MS},
        "CurrentVoltage": {"value": 230.1},
        "CountDown": {"value": {"IsRunning": 0}, "time": MS - 10**12},
        "Current": 0.35,
    }
    assert code(core, POST, params, sys={"ack": 1}) == 200
    assert described(core)["properties"] == {
        "PowerSwitch": 1,
        "CurrentVoltage": 230.1,
        "CountDown": {"IsRunning": 0},
        "Current": 0.35,
    }


@pytest.mark.parametrize("request_id", ["7", "0", "4294967295", 7, 0, 1.5, "not digits", ""])
def test_the_id_comes_back_in_the_type_it_came_in(request_id):
    core = make_device()
    (message,) = say(core, POST, {"id": request_id, "params": {"PowerSwitch": 1}})
    found = json.loads(message.payload)["id"]
    assert (found, type(found)) == (request_id, type(request_id))


@pytest.mark.parametrize("request_id", [None, [], {}, True])
def test_an_id_that_is_none_comes_back_empty(request_id):
    core = make_device()
    (message,) = say(core, POST, {"id": request_id, "params": {"PowerSwitch": 1}})
    assert json.loads(message.payload)["id"] == ""


@pytest.mark.parametrize("ack", [0, 0.0])
def test_a_post_that_wants_no_reply_is_taken_and_gets_none(ack):
    core = make_device()
    document = {"id": "1", "sys": {"ack": ack}, "params": {"PowerSwitch": 1}}
    assert say(core, POST, document) == []
    assert described(core)["properties"] == {"PowerSwitch": 1}


@pytest.mark.parametrize("system", [{}, {"ack": 1}, {"ack": "0"}, {"ack": False}, None, 0, []])
def test_every_other_sys_gets_a_reply(system):
    assert code(make_device(), POST, GOOD, sys=system) == 200


@pytest.mark.parametrize(
    "params",
    [
        {"Voltage": 1.0},
        {"powerswitch": 1},
        {"PowerSwitch": True},
        {"PowerSwitch": 2},
        {"PowerSwitch": "1"},
        {"PowerSwitch": {"value": 1, "time": MS, "more": 1}},
        {"CurrentVoltage": "230.0"},
        {"CurrentVoltage": None},
        {"CountDown": {"IsRunning": 1, "Unknown": 1}},
        {"CountDown": {"TimeLeft": 1.5}},
        {"CountDown": {"TimeLeft": 2**31}},
        {"CountDown": {"Timestamp": MS}},
        {"CountDown": {"Timestamp": ""}},
        {"CountDown": 1},
        {"CountDown": {"value": 1}},
    ],
)
def test_what_does_not_fit_is_left_out_and_the_reply_is_200_all_the_same(params):
    core = make_device()
    assert ask(core, POST, {"Current": 0.5} | params) == {
        "code": 200,
        "data": {},
        "id": "7",
        "message": "success",
        "method": "thing.event.property.post",
        "version": "1.0",
    }
    assert described(core)["properties"] == {"Current": 0.5}
    assert core.notes[-1].event == "uplink.filtered"
    assert code(make_device(), POST, params) == 200


def test_weak_validation_knows_no_ranges_and_takes_a_float_without_a_point():
    core = make_device()
    params = {"CurrentVoltage": 400, "Current": -1, "CountDown": {"TimeLeft": 86_400}}
    assert code(core, POST, params) == 200
    assert described(core)["properties"] == params


@pytest.mark.parametrize(
    ("expected", "params"),
    [
        (6320, {"Voltage": 1.0}),
        (6304, {"CountDown": {"Unknown": 1}}),
        (6306, {"CountDown": {"TimeLeft": 86_400}}),
        (6306, {"CountDown": {"TimeLeft": 0.5}}),
        (6307, {"CurrentVoltage": 400.1}),
        (6307, {"CurrentVoltage": -0.1}),
        (6307, {"CurrentVoltage": "1"}),
        (6308, {"PowerSwitch": 2}),
        (6311, {"CountDown": {"Timestamp": "now"}}),
        (6312, {"CountDown": []}),
    ],
)
def test_strong_validation_refuses_the_whole_post(expected, params):
    core = make_device(STRONG)
    assert code(core, POST, {"Current": 0.5} | params) == expected
    assert described(core)["properties"] == {}
    assert code(core, POST, {"Current": 0.5}) == 200


@pytest.mark.parametrize("number", ["10", "1e1", "1E-5", "-0"])
def test_a_float_without_a_decimal_point_can_be_left_out_in_silence(number):
    post = b'{"id":"1","params":{"Current":%s,"CurrentVoltage":230.0}}' % number.encode()
    core = make_device(AliyunRules(demands_decimal_point=True))
    (message,) = say(core, POST, post)
    assert json.loads(message.payload)["code"] == 200
    assert described(core)["properties"] == {"CurrentVoltage": 230.0}
    core = make_device()
    say(core, POST, post)
    assert described(core)["properties"]["Current"] == float(number)


@pytest.mark.parametrize("number", ["10.0", "1.5e-05", "-0.0"])
def test_a_float_with_its_decimal_point_is_taken(number):
    core = make_device(AliyunRules(demands_decimal_point=True))
    say(core, POST, b'{"id":"1","params":{"Current":%s,"PowerSwitch":1}}' % number.encode())
    assert described(core)["properties"] == {"Current": float(number), "PowerSwitch": 1}
    json.dumps(described(core))


def test_the_reply_can_name_what_was_left_out():
    core = make_device(AliyunRules(names_what_is_left_out=True))
    assert ask(core, POST, {"X": 1})["data"] == {"X": "tsl parse: params not exist -> X"}
    assert ask(core, POST, {"PowerSwitch": 1})["data"] == {}


@pytest.mark.parametrize(
    ("expected", "payload"),
    [
        (6207, b""),
        (6207, b"{"),
        (6207, b"\xff"),
        (6207, b"[]"),
        (6207, b"null"),
        (6207, b'{"params":{"Current":NaN}}'),
        (6207, b'{"params":{"Current":1e999}}'),
        (6207, b"[" * 16_000),
        (460, b"{}"),
        (460, b'{"params":null}'),
        (460, b'{"params":{}}'),
        (460, b'{"params":[{"PowerSwitch":1}]}'),
        (460, b'{"params":"PowerSwitch"}'),
    ],
)
def test_a_malformed_post_has_its_code(expected, payload):
    core = make_device()
    (message,) = say(core, POST, payload)
    reply = json.loads(message.payload)
    assert (reply["code"], reply["id"], reply["data"]) == (expected, "", {})
    assert reply["message"]
    assert described(core)["properties"] == {}
    assert core.notes[-1].facts["code"] == expected


def test_at_most_200_properties_fit_one_post():
    assert code(make_device(), POST, {f"p{number}": 1 for number in range(201)}) == 6106
    assert code(make_device(), POST, {f"p{number}": 1 for number in range(200)}) == 200


@pytest.mark.parametrize("time", [MS + 86_401_000, "now", True, [], MS * 1000, 1e300])
def test_a_time_more_than_a_day_ahead_or_of_another_type_fails_the_post(time):
    core = make_device()
    params = {"PowerSwitch": 1, "Current": {"value": 1.0, "time": time}}
    assert code(core, POST, params) == 6326
    assert described(core)["properties"] == {}
    assert code(core, POST, {"Current": {"value": 1.0, "time": MS + 86_399_000}}) == 200


@pytest.mark.parametrize("name", ["disable", "delete"])
def test_a_device_that_is_not_enabled_is_told_so(name):
    core = make_device()
    core.platform.notify(DEVICE, name)
    assert code(core, POST, GOOD) == {"disable": 6204, "delete": 6100}[name]
    assert described(core)["properties"] == {}
    core.platform.notify(DEVICE, "enable")
    assert code(core, POST, GOOD) == 200


def test_replies_can_be_wrong_on_purpose():
    quirks = Quirks(duplicates_replies=True, code_as_text=True, id_as_number=True)
    core = make_device(AliyunRules(quirks=quirks))
    first, second = say(core, POST, {"id": "7", "params": GOOD})
    assert first.payload == second.payload
    reply = json.loads(first.payload)
    assert (reply["code"], reply["id"]) == ("200", 7)
    (first, _) = say(core, POST, {"id": "x", "params": GOOD})
    assert json.loads(first.payload)["id"] == "x"


def test_every_request_can_be_throttled_on_purpose():
    core = make_device(AliyunRules(quirks=Quirks(refuses_with=429)))
    assert code(core, POST, GOOD) == 429
    assert code(core, f"{THING}/property/desired/get", []) == 429
    assert described(core)["properties"] == {}


def test_the_fault_delay_makes_a_reply_late():
    core = make_device()
    core.fault(kind="delay", seconds=3)
    assert say(core, POST, {"id": "7", "params": GOOD}) == []
    core.wait(4)
    assert len(core.hear(1)) == 1

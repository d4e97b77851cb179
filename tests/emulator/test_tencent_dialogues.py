"""What the platform answers, message by message."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.emulator import probe
from tests.emulator.support import CLIENT_ID, DEVICE, DOWN, NAME, PRODUCT, UP, WALL, make_device

OWN = f"{PRODUCT}/{NAME}"
EVENT_UP = f"$thing/up/event/{OWN}"
MS = int(WALL * 1000)


def report(params, **fields):
    return {"method": "report", "clientToken": "t-1", "params": params, **fields}


def reply_code(document):
    core = make_device()
    reply = core.ask(1, UP, document)
    assert reply["method"] == "report_reply"
    return reply["code"], core.platform.describe(DEVICE)["properties"]


GOOD = {
    "power_switch": 1,
    "voltage": 229.8,
    "current": 0,
    "active_power": 98.1,
    "apparent_power": 99,
    "power_factor": 0.99,
    "total_kwh": 9999.999,
    "count_down": 86_400,
}


def test_a_good_report_is_taken_and_answered_with_its_token():
    core = make_device()
    assert core.ask(1, UP, report(GOOD, timestamp=MS)) == {
        "method": "report_reply",
        "clientToken": "t-1",
        "code": 0,
        "status": "success",
    }
    core.ask(1, UP, report({"voltage": 230}))
    assert core.platform.describe(DEVICE)["properties"] == GOOD | {"voltage": 230}


@pytest.mark.parametrize(
    ("expected", "document"),
    [
        (400, b"{"),
        (400, b""),
        (400, b"\xff"),
        (400, b"[]"),
        (400, b"null"),
        (400, b'{"method":"report","params":{"voltage":NaN}}'),
        (400, b"[" * 16_000),
        (400, b'{"clientToken":' + b"[" * 40 + b"]" * 40 + b"}"),
        (400, b'{"method":"report","clientToken":1e999}'),
        (403, report({"voltag": 1})),
        (403, report({"voltage": 230, "DeviceStatus": 1})),
        (405, report({"voltage": 230}, timestamp=int(WALL))),
        (405, report({"voltage": 230}, timestamp=MS - 86_401_000)),
        (405, report({"voltage": 230}, timestamp="now")),
        (406, report({"power_switch": True})),
        (406, report({"power_switch": 2})),
        (406, report({"power_switch": "1"})),
        (406, report({"voltage": "230"})),
        (406, report({"voltage": -0.1})),
        (406, report({"voltage": 400.1})),
        (406, report({"voltage": None})),
        (406, report({"count_down": 1.5})),
        (406, report({"count_down": 86_401})),
        (406, report({"count_down": True})),
        (406, report([])),
        (406, {"method": "report", "clientToken": "t-1"}),
    ],
)
def test_a_wrong_report_has_its_code_and_changes_nothing(expected, document):
    assert reply_code(document) == (expected, {})


def test_a_huge_integer_is_out_of_range_and_not_a_crash():
    assert reply_code(b'{"method":"report","params":{"voltage":1' + b"0" * 4000 + b"}}")[0] == 406


@pytest.mark.parametrize("method", ["", "reports", 7, None, ["report"], {}])
def test_an_unknown_method_is_403(method):
    core = make_device()
    reply = core.ask(1, UP, {"method": method, "clientToken": "x"})
    assert (reply["code"], reply["clientToken"]) == (403, "x")


@settings(max_examples=200)
@given(st.sampled_from(["property", "event", "action", "service"]), st.binary(max_size=100))
def test_no_payload_breaks_the_platform(channel, payload):
    core = make_device()
    core.say(1, probe.publish(f"$thing/up/{channel}/{OWN}", payload))
    assert core.say(1, probe.PINGREQ)[-1] == probe.PINGRESP


FIELDS = (
    *("method", "clientToken", "params", "code", "status", "events", "eventId", "type"),
    *("timestamp", "report", "version", "resource", "voltage", "response"),
)
NAMES = (
    *("report", "control_reply", "get_status", "clear_control", "report_info", "event_post"),
    *("events_post", "action_reply", "app_bind_token", "report_version", "get", "get_log_level"),
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(FIELDS),
            inner,
            max_size=5,
        )
    ),
    max_leaves=10,
)
METHODS = st.sampled_from(NAMES)
TOPICS = [f"$thing/up/{channel}/{OWN}" for channel in ("property", "event", "action", "service")]
TOPICS += [f"$ota/report/{OWN}", f"$sys/operation/{OWN}", f"$log/operation/{OWN}"]


@settings(max_examples=300)
@given(st.sampled_from(TOPICS), METHODS, st.dictionaries(st.text(max_size=3), JSON), JSON)
def test_no_json_breaks_the_platform(topic, method, extra, value):
    core = make_device()
    document = {"params": value, "events": value, "clientToken": value, "timestamp": value}
    document |= extra | {"method": method, "type": method}
    core.say(1, probe.publish(topic, json.dumps(document).encode()))
    assert core.say(1, probe.PINGREQ)[-1] == probe.PINGRESP
    json.dumps(core.platform.describe(DEVICE))


# ── control ─────────────────────────────────────────────────────────────────────────────────


def control(core, values):
    request = core.platform.control(DEVICE, values, core.at)
    was_sent = core.publish(request.publication)
    return request.request_id, was_sent


def get_status(core, **fields):
    return core.ask(1, UP, {"method": "get_status", "clientToken": "g", **fields})


def test_a_control_is_sent_and_its_reply_is_passed_on():
    core = make_device()
    token, was_sent = control(core, {"power_switch": 1})
    assert was_sent
    message = probe.read_message(*core.hear(1)[0])
    assert message.topic == DOWN
    assert json.loads(message.payload) == {
        "method": "control",
        "clientToken": token,
        "params": {"power_switch": 1},
    }
    reply = {"method": "control_reply", "clientToken": token, "code": 406, "status": "why"}
    assert core.say(1, probe.publish(UP, json.dumps(reply).encode())) == []
    (answer,) = core.answers
    assert (answer.request_id, answer.code, answer.message) == (token, 406, "why")
    assert "control" not in get_status(core)["data"]


@pytest.mark.parametrize("extra", [{}, {"method": "control_reply", "data": {}}])
def test_a_control_reply_may_lack_its_method_or_carry_data(extra):
    core = make_device()
    token, _ = control(core, {"power_switch": 1})
    core.hear(1)
    core.say(1, probe.publish(UP, json.dumps({"clientToken": token, "code": 0} | extra).encode()))
    assert [answer.code for answer in core.answers] == [0]


def test_get_status_gives_what_its_type_asks_for():
    core = make_device()
    assert get_status(core) == {
        "method": "get_status_reply",
        "clientToken": "g",
        "code": 0,
        "status": "success",
        "data": {},
    }
    core.ask(1, UP, report({"voltage": 230}))
    control(core, {"count_down": 600, "power_switch": 0})
    control(core, {"power_switch": 1})
    core.hear(1)
    reported = {"reported": {"voltage": 230}}
    wanted = {"control": {"count_down": 600, "power_switch": 1}}
    assert get_status(core)["data"] == reported | wanted
    assert get_status(core, params={"type": "report"})["data"] == reported | wanted
    by_report = get_status(core, type="report")
    assert (by_report["data"], by_report["type"]) == (reported, "report")
    by_control = get_status(core, type="control", showmeta=0)
    assert (by_control["data"], by_control["type"]) == (wanted, "control")


def test_a_control_for_an_absent_device_waits_until_clear_control():
    core = make_device()
    core.lose(1)
    _, was_sent = control(core, {"power_switch": 1})
    assert not was_sent
    core.broker.open(1, core.at)
    core = make_device()
    control(core, {"power_switch": 1})
    core.hear(1)
    cleared = core.ask(1, UP, {"method": "clear_control", "clientToken": "c"})
    assert cleared == {
        "method": "clear_control_reply",
        "clientToken": "c",
        "code": 0,
        "status": "success",
    }
    assert get_status(core)["data"] == {}


def test_a_control_reply_with_the_get_status_token_settles_what_that_handed_out():
    core = make_device()
    token, _ = control(core, {"power_switch": 1})
    core.hear(1)
    get_status(core)
    core.say(1, probe.publish(UP, b'{"method":"control_reply","clientToken":"g","code":0}'))
    assert [answer.request_id for answer in core.answers] == [token]
    assert get_status(core)["data"] == {}


def test_report_info_is_kept():
    core = make_device()
    info = {"name": "socket-1", "fw_ver": "1.2.0", "device_label": {"append_info": "x"}}
    reply = core.ask(1, UP, {"method": "report_info", "clientToken": "i", "params": info})
    assert (reply["method"], reply["code"]) == ("report_info_reply", 0)
    assert core.platform.describe(DEVICE)["info"] == info


# ── events, actions, the rest ───────────────────────────────────────────────────────────────


def event(**fields):
    return {
        "eventId": "status_report",
        "type": "info",
        "timestamp": MS,
        "params": {"status": 1, "message": "overcurrent"},
    } | fields


def test_an_event_is_recorded_and_answered():
    core = make_device()
    post = {"method": "event_post", "clientToken": "e", "version": "1.0"} | event()
    assert core.ask(1, EVENT_UP, post) == {
        "method": "event_reply",
        "clientToken": "e",
        "version": "1.0",
        "code": 0,
        "status": "success",
        "data": {},
    }
    (record,) = core.platform.describe(DEVICE)["events"]
    assert (record["id"], record["params"]["message"]) == ("status_report", "overcurrent")


@pytest.mark.parametrize(
    ("method", "answer"), [("events_post", "events_reply"), ("event_post", "event_reply")]
)
def test_events_may_come_in_a_list_under_either_method(method, answer):
    core = make_device()
    post = {"method": method, "clientToken": "e", "events": [event(), event(timestamp=0)]}
    assert core.ask(1, EVENT_UP, post)["method"] == answer
    assert len(core.platform.describe(DEVICE)["events"]) == 2


@pytest.mark.parametrize(
    ("expected", "fields"),
    [
        (403, {"eventId": "DeviceStatus"}),
        (403, {"eventId": None}),
        (403, {"params": {"Message": "x"}}),
        (405, {"timestamp": int(WALL)}),
        (406, {"type": "alert"}),
        (406, {"type": "fatal"}),
        (406, {"params": {"status": True}}),
        (406, {"params": {"message": "x" * 65}}),
    ],
)
def test_a_wrong_event_is_refused_with_all_that_came_with_it(expected, fields):
    core = make_device()
    post = {"method": "events_post", "clientToken": "e", "events": [event(), event(**fields)]}
    assert core.ask(1, EVENT_UP, post)["code"] == expected
    assert core.platform.describe(DEVICE)["events"] == []


def test_an_action_is_invoked_and_its_reply_passed_on():
    core = make_device()
    request = core.platform.invoke(DEVICE, "reset_energy", {}, core.at)
    core.publish(request.publication)
    message = json.loads(probe.read_message(*core.hear(1)[0]).payload)
    assert message == {
        "method": "action",
        "clientToken": request.request_id,
        "actionId": "reset_energy",
        "timestamp": MS,
        "params": {},
    }
    reply = {
        "method": "action_reply",
        "clientToken": request.request_id,
        "code": 0,
        "status": "ok",
        "response": {"err_code": 0},
    }
    core.say(1, probe.publish(f"$thing/up/action/{OWN}", json.dumps(reply).encode()))
    (answer,) = core.answers
    assert (answer.code, answer.message, answer.output) == (0, "ok", {"err_code": 0})


@pytest.mark.parametrize(
    ("up", "down", "request_document", "expected"),
    [
        (
            "$ota/report",
            "$ota/update",
            {"type": "report_version", "report": {"version": "0.1"}},
            {
                "type": "report_version_rsp",
                "version": "0.1",
                "result_code": 0,
                "result_msg": "success",
            },
        ),
        (
            "$sys/operation",
            "$sys/operation/result",
            {"type": "get", "resource": ["time"]},
            {"type": "get", "time": int(WALL), "ntptime1": MS, "ntptime2": MS},
        ),
        (
            "$log/operation",
            "$log/operation/result",
            {"type": "get_log_level", "clientToken": "l"},
            {
                "type": "get_log_level",
                "clientToken": "l",
                "log_level": 0,
                "result": 0,
                "timestamp": int(WALL),
            },
        ),
        (
            "$thing/up/service",
            "$thing/down/service",
            {"method": "unbind_device_request", "clientToken": "u"},
            {
                "method": "unbind_device_reply",
                "clientToken": "u",
                "code": 0,
                "status": "success",
            },
        ),
    ],
)
def test_the_smaller_dialogues_are_answered(up, down, request_document, expected):
    core = make_device()
    core.say(1, probe.subscribe((f"{down}/{OWN}", 0)))
    (packet,) = core.say(1, probe.publish(f"{up}/{OWN}", json.dumps(request_document).encode()))
    message = probe.read_message(*packet)
    assert (message.topic, json.loads(message.payload)) == (f"{down}/{OWN}", expected)


def test_a_reply_before_the_subscription_is_lost():
    core = make_device()
    core.say(1, probe.unsubscribe(DOWN))
    assert core.say(1, probe.publish(UP, json.dumps(report({"voltage": 1})).encode())) == []
    assert CLIENT_ID == PRODUCT + NAME

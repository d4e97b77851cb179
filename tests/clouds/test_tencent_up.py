import json
import math

import pytest

from agent.clouds.names import Names
from agent.clouds.tencent.names import DIALECT, to_wire
from agent.errors import ConfigError
from agent.messages import (
    DONE,
    ActionCall,
    BadRequest,
    EventReport,
    InfoReport,
    Outcome,
    PropertyReport,
    PropertySet,
    Refusal,
    RefusalKind,
    refused,
)
from tests.clouds.support import DEVICE, make_codec

UP = f"$thing/up/property/{DEVICE}"


def encoded(message, **changes):
    publish = make_codec(**changes).encode(message, "7")
    assert publish is not None
    return publish, json.loads(publish.payload)


def report(wall_time=1_628_646_783.0, **values):
    return PropertyReport(values=values, wall_time=wall_time)


def test_a_report_is_the_documented_one():
    publish, body = encoded(report(power_switch=True, voltage=229.8, current=0.43))
    assert (publish.topic, publish.qos) == (UP, 1)
    assert body == {
        "method": "report",
        "clientToken": "CS0SLTKSYA-7",
        "timestamp": 1628646783000,
        "params": {"power_switch": 1, "voltage": 229.8, "current": 0.43},
    }


def test_a_bool_is_a_whole_number_on_the_wire():
    publish, _ = encoded(report(power_switch=False))
    assert b'"power_switch":0' in publish.payload


def test_a_report_without_a_trusted_clock_has_no_stamp():
    _, body = encoded(report(wall_time=None, voltage=230.0))
    assert "timestamp" not in body


@pytest.mark.parametrize(
    ("total", "shown"),
    [(12.345, 12.345), (12345.678, 2345.678), (9999.9999, 0.0), (10_000.0, 0.0), (0.0, 0.0)],
)
def test_the_total_starts_again_at_ten_thousand(total, shown):
    _, body = encoded(report(total_energy=total))
    assert body["params"] == {"total_kwh": shown}


def test_values_are_written_at_the_step_of_their_field():
    _, body = encoded(report(voltage=229.84999999, current=0.430000001, power_factor=0.995))
    assert body["params"]["voltage"] == 229.8
    assert body["params"]["current"] == 0.43


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
def test_what_json_cannot_say_is_left_out(value):
    _, body = encoded(report(voltage=value, current=1.0))
    assert body["params"] == {"current": 1.0}


def test_a_report_of_nothing_is_not_sent():
    assert make_codec().encode(report(), "7") is None
    assert make_codec().encode(report(voltage=float("nan")), "7") is None


def test_identifiers_can_be_renamed():
    rename = {"total_energy": "kwh", "power_switch": "onoff"}
    _, body = encoded(report(total_energy=1.5, power_switch=True), rename=rename)
    assert body["params"] == {"kwh": 1.5, "onoff": 1}


def test_a_trip_is_the_reference_templates_status_report():
    values = {"cause": "overcurrent", "value": 7.3, "limit": 5.0, "duration_s": 0.2}
    publish, body = encoded(EventReport(name="trip", values=values, wall_time=2.0))
    assert (publish.topic, publish.qos) == (f"$thing/up/event/{DEVICE}", 1)
    assert body == {
        "method": "event_post",
        "clientToken": "CS0SLTKSYA-7",
        "version": "1.0",
        "eventId": "status_report",
        "type": "info",
        "timestamp": 2000,
        "params": {"status": 1, "message": "overcurrent"},
    }


def test_other_events_keep_their_names_and_levels():
    low = EventReport(name="low_voltage", values={"voltage": 180.04}, wall_time=None)
    _, body = encoded(low)
    assert (body["eventId"], body["type"]) == ("low_voltage", "alert")
    assert body["params"] == {"voltage": 180.0}
    fault = EventReport(
        name="hardware_fault", values={"name": "relay", "error_code": 1}, wall_time=None
    )
    _, body = encoded(fault)
    assert (body["eventId"], body["type"]) == ("hardware_fault", "fault")
    assert body["params"] == {"name": "relay", "error_code": 1}


def test_facts_have_their_names_and_the_rest_become_labels():
    facts = {"name": "socket-1", "version": "0.1.0", "board": "code504"}
    publish, body = encoded(InfoReport(facts=facts))
    assert publish.topic == UP
    assert body["method"] == "report_info"
    assert body["params"] == {
        "name": "socket-1",
        "fw_ver": "0.1.0",
        "device_label": {"board": "code504"},
    }
    _, body = encoded(InfoReport(facts={"name": "socket-1"}))
    assert body["params"] == {"name": "socket-1"}


def test_a_control_is_answered_with_its_own_token():
    request = PropertySet(request_id="clientToken-4d5e", values={"power_switch": False})
    (publish,) = make_codec().encode_reply(request, DONE)
    assert (publish.topic, publish.qos) == (UP, 0)
    assert json.loads(publish.payload) == {
        "method": "control_reply",
        "clientToken": "clientToken-4d5e",
        "code": 0,
        "status": "",
    }


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        (RefusalKind.MALFORMED, 400),
        (RefusalKind.UNKNOWN_NAME, 403),
        (RefusalKind.READ_ONLY, 403),
        (RefusalKind.NOT_ALLOWED, 403),
        (RefusalKind.WRONG_TYPE, 406),
        (RefusalKind.OUT_OF_RANGE, 406),
        (RefusalKind.TRIPPED, 503),
        (RefusalKind.FAILED, 503),
    ],
)
def test_every_refusal_has_a_code_and_its_reason(kind, code):
    request = PropertySet(request_id="t", values={})
    (publish,) = make_codec().encode_reply(request, refused(kind, "tripped: overcurrent 7.3 A"))
    body = json.loads(publish.payload)
    assert (body["code"], body["status"]) == (code, "tripped: overcurrent 7.3 A")


def test_an_action_is_answered_with_its_outputs():
    call = ActionCall(request_id="146761681::0de9", name="reset_energy", values={})
    (publish,) = make_codec().encode_reply(call, Outcome(values={"done": True, "x": math.nan}))
    assert (publish.topic, publish.qos) == (f"$thing/up/action/{DEVICE}", 0)
    assert json.loads(publish.payload) == {
        "method": "action_reply",
        "clientToken": "146761681::0de9",
        "code": 0,
        "status": "",
        "response": {"done": 1},
    }


@pytest.mark.parametrize(
    ("context", "reply", "topic"),
    [(None, "control_reply", "property"), ("action", "action_reply", "action")],
)
def test_a_request_that_made_no_sense_is_answered_too(context, reply, topic):
    outcome = refused(RefusalKind.MALFORMED, "no")
    refusal = Refusal(kind=RefusalKind.MALFORMED, reason="no")
    request = BadRequest(request_id="t", refusal=refusal, context=context)
    (publish,) = make_codec().encode_reply(request, outcome)
    assert publish.topic == f"$thing/up/{topic}/{DEVICE}"
    body = json.loads(publish.payload)
    assert (body["method"], body["clientToken"], body["code"]) == (reply, "t", 400)


def test_after_connecting_it_tells_its_version_and_asks_without_a_type():
    version, status = make_codec().on_connected("9")
    assert version.topic == f"$ota/report/{DEVICE}"
    assert json.loads(version.payload) == {
        "type": "report_version",
        "report": {"version": "0.1.0"},
    }
    assert status.topic == UP
    assert json.loads(status.payload) == {
        "method": "get_status",
        "clientToken": "CS0SLTKSYA-9",
        "showmeta": 0,
    }


def test_a_stored_control_is_cleared_under_the_token_of_the_question():
    stored = PropertySet(request_id="CS0SLTKSYA-9", values={"power_switch": False}, is_live=False)
    (publish,) = make_codec().encode_cleared(stored)
    assert publish.qos == 1
    assert json.loads(publish.payload) == {
        "method": "clear_control",
        "clientToken": "CS0SLTKSYA-9",
    }


def test_the_time_is_asked_for_on_its_own_topic():
    publish = make_codec().ask_time()
    assert publish is not None
    assert (publish.topic, publish.qos) == (f"$sys/operation/{DEVICE}", 0)
    assert json.loads(publish.payload) == {"type": "get", "resource": ["time"]}


def test_one_filter_for_each_topic_and_no_wildcards():
    topics = [subscription.topic for subscription in make_codec().subscriptions()]
    assert topics == [
        f"$thing/down/property/{DEVICE}",
        f"$thing/down/event/{DEVICE}",
        f"$thing/down/action/{DEVICE}",
        f"$thing/down/service/{DEVICE}",
        f"$ota/update/{DEVICE}",
        f"$sys/operation/result/{DEVICE}",
    ]


def test_two_names_cannot_share_an_identifier():
    with pytest.raises(ConfigError, match="total_kwh"):
        make_codec(rename={"voltage": "total_kwh"})


def test_only_what_the_device_has_can_be_renamed():
    with pytest.raises(ConfigError, match=r"nothing named 'turbo'.*voltage"):
        Names(["voltage", "current"], {"turbo": "x"}, DIALECT)


def test_a_value_without_a_field_keeps_six_digits():
    assert to_wire(1.23456789) == 1.234568


def test_the_limits_are_the_platforms():
    limits = make_codec().limits
    assert (limits.connect_interval_s, limits.payload_bytes) == (5, 16384)
    assert limits.messages_per_s <= 10
    assert limits.rejected_interval_s >= 30
    assert make_codec().name == "tencent"

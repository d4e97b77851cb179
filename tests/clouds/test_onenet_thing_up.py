"""What a device of a thing-model product says, in bytes."""

import json
import math

import pytest

from agent.clouds.onenet.codec import make
from agent.messages import (
    DONE,
    ActionCall,
    BadRequest,
    EventReport,
    InfoReport,
    Notice,
    Outcome,
    PropertyGet,
    PropertyReport,
    PropertySet,
    PropertyToggle,
    Refusal,
    RefusalKind,
    refused,
)
from agent.thing import Field, Kind, Property, Thing
from tests.clouds.onenet_support import PREFIX, hear, said, settings, thing

CODEC = thing()
AT = 1763625600.0


def test_a_report_is_one_post_with_each_value_wrapped():
    report = PropertyReport(values={"power_switch": True, "voltage": 221.5}, wall_time=AT)
    publish = CODEC.encode(report, "1")
    assert publish.topic == "$sys/9MaNe52pNO/dev1/thing/property/post"
    assert (publish.qos, publish.is_answered) == (1, True)
    assert publish.payload == (
        b'{"id":"1","version":"1.0","params":{"power_switch":{"value":true,"time":1763625600000},'
        b'"voltage":{"value":221.5,"time":1763625600000}}}'
    )


def test_a_report_has_no_time_while_the_clock_was_not_trusted():
    publish = CODEC.encode(PropertyReport(values={"count_down": 60}, wall_time=None), "2", AT)
    assert publish.payload == b'{"id":"2","version":"1.0","params":{"count_down":{"value":60}}}'


def test_values_are_rounded_to_their_step_and_what_is_not_known_is_left_out():
    values = {"current": 0.12345, "voltage": float("nan"), "total_energy": 12345.6789}
    params = said(CODEC.encode(PropertyReport(values=values, wall_time=None), "1"))["params"]
    assert params == {"current": {"value": 0.123}, "total_energy": {"value": 12345.679}}


def test_what_the_standard_model_lacks_goes_out_only_under_a_name_of_ones_own():
    report = PropertyReport(values={"current_limit": 4.0}, wall_time=None)
    assert CODEC.encode(report, "1") is None
    renamed = thing(rename={"current_limit": "limit", "power_switch": "switch"})
    assert said(renamed.encode(report, "1"))["params"] == {"limit": {"value": 4.0}}


def test_an_event_is_wrapped_whole():
    values = {"cause": "overcurrent", "value": 16.8, "limit": 16.0, "duration_s": float("inf")}
    publish = CODEC.encode(EventReport(name="trip", values=values, wall_time=AT), "4")
    assert publish.topic == PREFIX + "thing/event/post"
    assert publish.payload == (
        b'{"id":"4","version":"1.0","params":{"trip":{"value":{"cause":"overcurrent","value":16.8,'
        b'"limit":16.0},"time":1763625600000}}}'
    )


def test_an_events_names_may_differ():
    codec = thing(rename={"low_voltage": "lv", "low_voltage.voltage": "u"})
    event = EventReport(name="low_voltage", values={"voltage": 180.04}, wall_time=None)
    assert said(codec.encode(event, "4"))["params"] == {"lv": {"value": {"u": 180.0}}}


def test_the_platform_has_no_place_for_facts():
    assert CODEC.encode(InfoReport(facts={"version": "1"}), "1") is None


def test_one_filter_hears_all_and_no_time_is_asked_for():
    (subscription,) = CODEC.subscriptions()
    assert (subscription.topic, subscription.qos) == (PREFIX + "thing/#", 0)
    assert CODEC.ask_time() is None


def test_it_connects_and_speaks_within_the_platforms_limits():
    limits = CODEC.limits
    assert CODEC.name == "onenet"
    assert (limits.connect_interval_s, limits.rejected_interval_s) == (5, 300)
    assert (limits.messages_per_s, limits.payload_bytes) == (1, 256 * 1024)


def test_after_a_connect_the_desired_values_of_what_can_be_set_are_asked_for():
    (publish,) = thing(rename={"power_switch": "switch"}).on_connected("2")
    assert publish.topic == PREFIX + "thing/property/desired/get"
    assert publish.payload == b'{"id":"2","version":"1.0","params":["switch","count_down"]}'
    assert publish.qos == 1


def test_nothing_is_asked_where_nothing_can_be_set():
    field = Field(name="t", kind=Kind.FLOAT, title="T", title_zh="T", maximum=100)
    sensor = Thing(kind="sensor", properties=(Property(field=field, read=lambda *_: 1.0),))
    assert make(settings(), sensor).on_connected("2") == ()


# ── answers ─────────────────────────────────────────────────────────────────────────────────


def answer(tail, body, outcome=DONE, codec=CODEC):
    (publish,) = codec.encode_reply(hear(codec, tail, body), outcome)
    assert (publish.qos, publish.is_answered) == (0, False)
    return publish


def test_a_set_is_answered_with_its_id_as_a_text():
    publish = answer("thing/property/set", {"id": "7", "params": {"power_switch": False}})
    assert publish.topic == PREFIX + "thing/property/set_reply"
    assert publish.payload == b'{"id":"7","code":200,"msg":"success"}'
    publish = answer("thing/property/set", {"id": 7, "params": {"power_switch": False}})
    assert said(publish)["id"] == "7"


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        (RefusalKind.MALFORMED, 400),
        (RefusalKind.NOT_ALLOWED, 403),
        (RefusalKind.UNKNOWN_NAME, 404),
        (RefusalKind.READ_ONLY, 405),
        (RefusalKind.TRIPPED, 409),
        (RefusalKind.WRONG_TYPE, 415),
        (RefusalKind.OUT_OF_RANGE, 416),
        (RefusalKind.FAILED, 500),
    ],
)
def test_a_refusal_has_a_code_of_its_kind_and_its_reason(kind, code):
    body = {"id": "7", "params": {"power_switch": True}}
    publish = answer("thing/property/set", body, refused(kind, "because " + "x" * 500))
    assert said(publish)["code"] == code
    assert said(publish)["msg"].startswith("because xxx")
    assert len(publish.payload) < 300


def test_a_set_that_could_not_be_read_is_refused():
    bad = hear(CODEC, "thing/property/set", {"id": "7", "params": [1]})
    assert isinstance(bad, BadRequest)
    (publish,) = CODEC.encode_reply(bad, Outcome(refusal=bad.refusal))
    assert (publish.topic, said(publish)["code"]) == (PREFIX + "thing/property/set_reply", 400)


def test_a_get_is_answered_with_bare_values_under_the_wires_names():
    codec = thing(rename={"power_switch": "switch"})
    body = {"id": "8", "params": ["switch", "voltage"]}
    values = {"power_switch": False, "voltage": 221.54}
    publish = answer("thing/property/get", body, Outcome(values=values), codec)
    assert publish.topic == PREFIX + "thing/property/get_reply"
    assert publish.payload == (
        b'{"id":"8","code":200,"msg":"success","data":{"switch":false,"voltage":221.5}}'
    )


def test_a_service_is_answered_under_its_own_topic_with_its_outputs():
    tail = "thing/service/reset_energy/invoke"
    publish = answer(tail, {"id": "9", "params": {}}, Outcome(values={"result": 0, "x": math.inf}))
    assert publish.topic == PREFIX + "thing/service/reset_energy/invoke_reply"
    assert publish.payload == b'{"id":"9","code":200,"msg":"success","data":{"result":0}}'


@pytest.mark.parametrize(
    "request_",
    [
        Notice(name="n"),
        PropertySet(request_id="1", values={}),
        PropertyToggle(request_id="1", name="power_switch"),
        PropertyGet(request_id="1", names=()),
        ActionCall(request_id="1", name="reset_energy", values={}),
        BadRequest(request_id="1", refusal=Refusal(kind=RefusalKind.FAILED, reason="")),
    ],
)
def test_what_came_from_elsewhere_is_not_answered(request_):
    assert CODEC.encode_reply(request_, DONE) == ()


# ── desired values ──────────────────────────────────────────────────────────────────────────


def desired(data, codec=CODEC):
    answer = hear(codec, "thing/property/desired/get/reply", {"id": "2", "code": 200, "data": data})
    return answer.stored


def test_desired_values_are_cleared_by_their_versions_and_not_answered():
    stored = desired({"power_switch": {"value": True, "version": 2}, "count_down": {"value": 9}})
    assert CODEC.encode_reply(stored, DONE) == ()
    (publish,) = CODEC.encode_cleared(stored)
    assert publish.topic == PREFIX + "thing/property/desired/delete"
    assert publish.payload == (
        b'{"id":"2","version":"1.0","params":{"power_switch":{"version":2},"count_down":{}}}'
    )
    assert publish.qos == 1


def test_desired_values_that_were_not_understood_are_cleared_too():
    stored = desired({"power_switch": {"value": None, "version": 3}, "x": 7})
    assert stored.values == {}
    (publish,) = CODEC.encode_cleared(stored)
    assert said(publish)["params"] == {"power_switch": {"version": 3}, "x": {}}


def test_nothing_is_cleared_that_was_not_desired():
    assert CODEC.encode_cleared(PropertySet(request_id="1", values={"power_switch": True})) == ()


def test_what_came_live_is_forgotten_without_a_version():
    codec = thing(rename={"power_switch": "switch"})
    live = PropertySet(request_id="77", values={"power_switch": True, "turbo": 1, "voltage": 1})
    (publish,) = codec.encode_taken(live)
    assert publish.topic == PREFIX + "thing/property/desired/delete"
    assert publish.payload == b'{"id":"77","version":"1.0","params":{"switch":{}}}'
    assert codec.encode_taken(PropertySet(request_id="7", values={"turbo": 1})) == ()


@pytest.mark.parametrize("request_id", ["", "1" * 14, "x", "٣"])
def test_an_id_that_the_platform_would_not_take_is_not_used_for_that(request_id):
    live = PropertySet(request_id=request_id, values={"power_switch": True})
    assert said(CODEC.encode_taken(live)[0])["id"] == "1"


def test_half_a_surrogate_pair_in_a_reason_can_be_sent():
    body = {"id": "7", "params": {"power_switch": True}}
    publish = answer("thing/property/set", body, refused(RefusalKind.FAILED, "\ud800"))
    assert json.loads(publish.payload)["msg"] == "?"

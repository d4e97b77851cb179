import json
import re
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.clouds.aliyun.names import to_wire
from agent.clouds.aliyun.uplink import CODES
from agent.devices.socket.thing_table import SOCKET
from agent.errors import ConfigError
from agent.messages import (
    DONE,
    EventReport,
    InfoReport,
    Notice,
    Outcome,
    PropertyReport,
    PropertySet,
    RefusalKind,
    refused,
)
from agent.thing import Field, Kind, Thing
from tests.clouds.aliyun_device import (
    DESIRED,
    DN,
    GET,
    PK,
    POST,
    SET,
    THING,
    decode,
    make_codec,
    read,
    request,
    wanted,
)

AT = 1_524_448_722.0
EMPTY = Thing(kind="nothing", properties=())


def encoded(message, **changes):
    publish = make_codec(**changes).encode(message, "1")
    assert publish is not None
    return publish, read(publish)


def report(wall_time=None, **values):
    return PropertyReport(values=values, wall_time=wall_time)


def raised(event, wall_time=None, **values):
    return EventReport(name=event, values=values, wall_time=wall_time)


def test_a_report_is_the_documented_one():
    publish, _ = encoded(report(AT, power_switch=True))
    assert (publish.topic, publish.qos, publish.is_answered) == (POST, 1, True)
    assert publish.payload == (
        b'{"id":"1","version":"1.0","sys":{"ack":1},'
        b'"params":{"PowerSwitch":{"value":1,"time":1524448722000}},'
        b'"method":"thing.event.property.post"}'
    )


def test_a_report_without_a_trusted_clock_is_bare():
    publish, _ = encoded(report(power_switch=False, current=0.35))
    assert b'"params":{"PowerSwitch":0,"Current":0.35}' in publish.payload


def test_every_property_has_its_identifier():
    values = {
        "voltage": 229.84,
        "current": 0.4301,
        "active_power": 60.04,
        "apparent_power": 61.0,
        "power_factor": 0.98,
        "total_energy": 1234567.5,
        "current_limit": 4.5,
    }
    _, body = encoded(report(**values))
    assert body["params"] == {
        "CurrentVoltage": 229.8,
        "Current": 0.43,
        "RealTimePower": 60.0,
        "ApparentPower": 61.0,
        "PowerFactor": 0.98,
        "PowerConsumption": 1234567.5,
        "OverCurrentThreshold": 4.5,
    }


def test_a_float_has_a_decimal_point_even_where_it_is_whole():
    publish, _ = encoded(report(voltage=230, current_limit=5))
    assert b'"CurrentVoltage":230.0,"OverCurrentThreshold":5.0' in publish.payload


@given(value=st.floats() | st.integers(-(10**20), 10**20))
@settings(max_examples=300)
def test_any_number_of_a_float_is_digits_with_a_point_or_left_out(value):
    for field in (None, SOCKET.property("current").field):
        wired = to_wire(float(value), field)
        if wired is not None:
            assert re.fullmatch(r"-?\d+\.\d+", json.dumps(wired))
    whole = to_wire(value, SOCKET.property("voltage").field)
    assert whole is None or re.fullmatch(r"-?\d+\.\d+", json.dumps(whole))


def test_a_value_without_a_float_field_keeps_its_kind():
    assert to_wire(7) == 7
    assert to_wire("x") == "x"
    assert to_wire(value=True) == 1
    assert to_wire(3, Field(name="n", kind=Kind.INT, title="", title_zh="")) == 3


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 1e15, sys.float_info.max])
def test_what_no_meter_shows_is_left_out(value):
    _, body = encoded(report(voltage=value, current=1.0))
    assert body["params"] == {"Current": 1.0}
    assert make_codec().encode(report(voltage=value), "1") is None
    assert make_codec().encode(report(), "1") is None


def test_a_countdown_that_was_told_where_to_end_says_so_and_that_is_no_property_of_its_own():
    _, body = encoded(report(power_switch=True, count_down=9, count_down_to=True))
    assert set(body["params"]) == {"PowerSwitch", "CountDown"}
    members = body["params"]["CountDown"]
    assert (members.get("value") or members)["PowerSwitch"] == 1


def test_a_running_countdown_tells_what_it_will_switch_to():
    publish, _ = encoded(report(AT, power_switch=True, count_down=600))
    assert (
        b'"CountDown":{"value":{"IsRunning":1,"TimeLeft":600,"PowerSwitch":0,'
        b'"Timestamp":"1524448722000"},"time":1524448722000}'
    ) in publish.payload
    _, body = encoded(report(power_switch=False, count_down=1))
    assert body["params"]["CountDown"] == {"IsRunning": 1, "TimeLeft": 1, "PowerSwitch": 1}


def test_a_countdown_may_end_where_the_switch_is_already():
    _, body = encoded(report(power_switch=True, count_down=60, count_down_to=True))
    assert body["params"] == {
        "PowerSwitch": 1,
        "CountDown": {"IsRunning": 1, "TimeLeft": 60, "PowerSwitch": 1},
    }
    assert make_codec().encode(report(count_down_to=True), "1") is None


def test_a_countdown_that_does_not_run_says_so():
    _, body = encoded(report(count_down=0))
    assert body["params"] == {"CountDown": {"IsRunning": 0, "TimeLeft": 0}}


def test_the_time_left_ends_where_the_standard_model_does():
    _, body = encoded(report(count_down=86_400))
    assert body["params"]["CountDown"]["TimeLeft"] == 86_399


def test_every_identifier_can_be_renamed():
    rename = {
        "power_switch": "Module:OnOff",
        "count_down": "Timer",
        "count_down.is_running": "Runs",
        "count_down.time_left": "Left",
        "count_down.power_switch": "Ends",
        "count_down.timestamp": "At",
    }
    _, body = encoded(report(1.0, power_switch=True, count_down=5), rename=rename)
    assert body["params"]["Module:OnOff"]["value"] == 1
    assert body["params"]["Timer"]["value"] == {"Runs": 1, "Left": 5, "Ends": 0, "At": "1000"}


def test_a_trip_by_current_is_an_event_of_its_own():
    trip = raised("trip", AT, cause="overcurrent", value=7.3, limit=5, duration_s=0.2)
    publish, body = encoded(trip)
    assert (publish.topic, publish.qos) == (f"{THING}/event/OverCurrent/post", 1)
    assert body == {
        "id": "1",
        "version": "1.0",
        "sys": {"ack": 1},
        "params": {
            "value": {"Current": 7.3, "Threshold": 5.0, "TripState": 1},
            "time": 1524448722000,
        },
        "method": "thing.event.OverCurrent.post",
    }


def test_a_trip_by_current_tells_only_what_is_known():
    _, body = encoded(raised("trip", cause="overcurrent", value=float("nan")))
    assert body["params"] == {"value": {"TripState": 1}}


def test_another_trip_tells_its_cause():
    publish, body = encoded(raised("trip", cause="overpower", value=1300.0, limit=1100))
    assert publish.topic == f"{THING}/event/Trip/post"
    assert body["params"] == {"value": {"Cause": "overpower", "Value": 1300.0, "Limit": 1100.0}}
    _, body = encoded(raised("trip", cause="meter_lost", value=float("nan"), duration_s=3))
    assert body["params"] == {"value": {"Cause": "meter_lost", "Duration": 3.0}}


def test_other_events_have_identifiers_too():
    publish, body = encoded(raised("low_voltage", voltage=180.04))
    assert publish.topic == f"{THING}/event/LowVoltage/post"
    assert body["params"] == {"value": {"Voltage": 180.0}}
    publish, body = encoded(raised("hardware_fault", name="relay", error_code=1))
    assert body["method"] == "thing.event.HardwareFault.post"
    assert body["params"] == {"value": {"Name": "relay", "ErrorCode": 1}}


def test_events_and_their_parameters_can_be_renamed():
    rename = {
        "trip.overcurrent": "Over",
        "trip.overcurrent.value": "I",
        "trip.overcurrent.limit": "Max",
        "trip.overcurrent.state": "State",
        "trip": "Off",
        "trip.cause": "Why",
    }
    trip = raised("trip", cause="overcurrent", value=7.3, limit=5.0)
    publish, body = encoded(trip, rename=rename)
    assert publish.topic == f"{THING}/event/Over/post"
    assert body["params"]["value"] == {"I": 7.3, "Max": 5.0, "State": 1}
    publish, body = encoded(raised("trip", cause="undervoltage"), rename=rename)
    assert publish.topic == f"{THING}/event/Off/post"
    assert body["params"]["value"] == {"Why": "undervoltage"}


@pytest.mark.parametrize(
    "rename",
    [
        {"count_down.time_left": "IsRunning"},
        {"trip.overcurrent.value": "Threshold"},
        {"trip.overcurrent": "Cause"},
        {"voltage": "Current"},
    ],
)
def test_two_names_in_one_place_cannot_share_an_identifier(rename):
    with pytest.raises(ConfigError, match="on the wire"):
        make_codec(rename=rename)


def test_only_what_the_device_has_can_be_renamed():
    with pytest.raises(ConfigError, match=r"nothing named .trip\.message."):
        make_codec(rename={"trip.message": "Message"})


def test_facts_become_labels_in_the_characters_of_labels():
    facts = {
        "name": "socket-1",
        "hardware": "Raspberry Pi 4 (rev 1.4)",
        "place": "厨房/1",
        "mac-address": "aa:bb",
        "2nd": "x" * 300,
        "empty": "",
        "": "nameless",
    }
    publish, body = encoded(InfoReport(facts=facts))
    assert publish.topic == f"{THING}/deviceinfo/update"
    assert body["method"] == "thing.deviceinfo.update"
    assert body["params"] == [
        {"attrKey": "name", "attrValue": "socket-1"},
        {"attrKey": "hardware", "attrValue": "Raspberry_Pi_4__rev_1.4_"},
        {"attrKey": "place", "attrValue": "厨房_1"},
        {"attrKey": "mac_address", "attrValue": "aa_bb"},
        {"attrKey": "_2nd", "attrValue": "x" * 256},
    ]
    assert make_codec().encode(InfoReport(facts={}), "1") is None


def test_after_connecting_it_asks_for_what_can_be_set():
    (publish,) = make_codec().on_connected("9")
    assert (publish.topic, publish.qos) == (f"{DESIRED}/get", 1)
    assert read(publish) == {
        "id": "9",
        "version": "1.0",
        "sys": {"ack": 1},
        "params": ["PowerSwitch", "CountDown", "OverCurrentThreshold"],
        "method": "thing.property.desired.get",
    }
    assert make_codec(EMPTY).on_connected("9") == ()


def test_the_time_is_asked_for_on_its_own_topic():
    publish = make_codec().ask_time()
    assert publish is not None
    assert (publish.topic, publish.qos) == (f"/ext/ntp/{PK}/{DN}/request", 0)
    assert publish.payload == b'{"deviceSendTime":"0"}'


@pytest.mark.parametrize(("request_id", "echo"), [("123", b'"123"'), (123, b"123")])
def test_a_set_is_answered_with_its_own_id_in_its_own_type(request_id, echo):
    asked = request(SET, "thing.service.property.set", {"PowerSwitch": 1}, request_id=request_id)
    (publish,) = make_codec().encode_reply(asked, DONE)
    assert (publish.topic, publish.qos) == (f"{SET}_reply", 0)
    assert publish.payload == b'{"id":' + echo + b',"code":200,"data":{},"message":"success"}'


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        (RefusalKind.MALFORMED, 460),
        (RefusalKind.UNKNOWN_NAME, 460),
        (RefusalKind.READ_ONLY, 460),
        (RefusalKind.WRONG_TYPE, 460),
        (RefusalKind.OUT_OF_RANGE, 460),
        (RefusalKind.FAILED, 400),
        (RefusalKind.TRIPPED, 100_000),
        (RefusalKind.NOT_ALLOWED, 100_001),
    ],
)
def test_every_refusal_has_a_code_and_its_reason(kind, code):
    (publish,) = make_codec().encode_reply(
        wanted(PowerSwitch=1), refused(kind, "tripped: overcurrent 7.3 A")
    )
    body = read(publish)
    assert (body["code"], body["message"]) == (code, "tripped: overcurrent 7.3 A")


def test_no_kind_of_refusal_is_without_a_code():
    assert set(CODES) == set(RefusalKind)


def test_a_question_is_answered_with_what_it_asked_for_and_no_more():
    codec = make_codec()
    asked = request(GET, "thing.service.property.get", ["CountDown", "CurrentVoltage"])
    known = {"count_down": 60, "voltage": 230, "power_switch": True, "count_down_to": False}
    outcome = Outcome(values=known)
    (publish,) = codec.encode_reply(asked, outcome)
    assert publish.topic == f"{GET}_reply"
    assert read(publish)["data"] == {
        "CountDown": {"IsRunning": 1, "TimeLeft": 60, "PowerSwitch": 0},
        "CurrentVoltage": 230.0,
    }


def test_an_action_is_answered_with_its_outputs():
    call = request(f"{THING}/service/ResetEnergy", "thing.service.ResetEnergy", {})
    outcome = Outcome(values={"Done": True, "Total": 1.5, "Odd": float("nan")})
    (publish,) = make_codec().encode_reply(call, outcome)
    assert publish.topic == f"{THING}/service/ResetEnergy_reply"
    assert read(publish)["data"] == {"Done": 1, "Total": 1.5}


def test_what_has_no_answer_gets_none():
    codec = make_codec()
    for context in (None, "unanswered"):
        request_without = PropertySet(request_id="", values={"power_switch": True}, context=context)
        assert codec.encode_reply(request_without, DONE) == ()
        assert codec.encode_taken(request_without) == ()
        assert codec.encode_cleared(request_without) == ()
    assert codec.encode_reply(Notice(name="x"), DONE) == ()


def stored(**data):
    answer = decode(f"{DESIRED}/get_reply", id="9", code=200, data=data, message="success")
    return answer.stored


def test_a_stored_value_is_cleared_in_the_version_that_was_taken_and_not_answered():
    codec = make_codec()
    command = stored(PowerSwitch={"value": 1, "version": 2}, CountDown={"value": "?"})
    assert codec.encode_reply(command, DONE) == ()
    (publish,) = codec.encode_cleared(command)
    assert (publish.topic, publish.qos) == (f"{DESIRED}/delete", 1)
    body = read(publish)
    assert body["params"] == {"PowerSwitch": {"version": 2}, "CountDown": {}}
    assert body["method"] == "thing.property.desired.delete"
    assert body["sys"] == {"ack": 0}
    assert publish.is_answered is False
    assert 2**31 <= int(body["id"]) < 2**32


def test_what_a_live_request_may_have_stored_is_cleared_whatever_its_version():
    codec = make_codec()
    live = wanted(PowerSwitch=0, OverCurrentThreshold=3, Turbo=1)
    (publish,) = codec.encode_taken(live)
    assert publish.topic == f"{DESIRED}/delete"
    assert read(publish)["params"] == {"PowerSwitch": {}, "OverCurrentThreshold": {}}
    assert codec.encode_taken(wanted(CurrentVoltage=1)) == ()


def test_the_limits_are_the_platforms():
    limits = make_codec().limits
    assert limits.connect_interval_s * 5 >= 60
    assert (limits.messages_per_s, limits.payload_bytes) == (10, 256 * 1024)
    assert limits.rejected_interval_s >= 120
    assert make_codec().name == "aliyun"


def test_with_implicit_topics_only_the_essential_ones_are_subscribed_to():
    found = [(each.topic, each.qos) for each in make_codec().subscriptions()]
    assert found == [(SET, 1), (f"{THING}/event/+/post_reply", 1), (f"{DESIRED}/get_reply", 1)]


def test_without_them_every_topic_is():
    topics = [one.topic for one in make_codec(system_topics="subscribe").subscriptions()]
    assert topics == [
        SET,
        f"{THING}/event/+/post_reply",
        f"{DESIRED}/get_reply",
        GET,
        f"{THING}/service/+",
        f"{THING}/deviceinfo/update_reply",
        f"{THING}/disable",
        f"{THING}/enable",
        f"{THING}/delete",
        f"/sys/{PK}/{DN}/rrpc/request/+",
        f"/ext/ntp/{PK}/{DN}/response",
    ]
    assert all(len(topic) <= 128 and topic.count("/") <= 7 for topic in topics)

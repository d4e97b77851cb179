"""How requests of Aliyun are answered, and stored values cleared."""

import pytest

from agent.clouds.aliyun.uplink import CODES
from agent.messages import DONE, Notice, Outcome, PropertySet, RefusalKind, refused
from tests.clouds.aliyun_device import (
    DESIRED,
    GET,
    SET,
    THING,
    decode,
    make_codec,
    read,
    request,
    wanted,
)


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

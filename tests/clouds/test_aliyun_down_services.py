"""What Aliyun calls: services, synchronous calls, what it does to the device itself."""

import pytest

from agent.errors import CodecError
from agent.messages import DONE, ActionCall, Notice, PropertyGet, PropertySet, RefusalKind, refused
from agent.thing import Action, Field, Kind, Thing
from tests.clouds.aliyun_device import (
    CALL,
    CODEC,
    DN,
    EXTENDED,
    PK,
    SET,
    THING,
    decode,
    make_codec,
    read,
    refusal_of,
    request,
)

LAMP = Thing(
    kind="lamp",
    properties=(),
    actions=(
        Action(
            name="Blink",
            title="",
            title_zh="",
            inputs=(Field(name="Times", kind=Kind.INT, title="", title_zh="", maximum=9),),
        ),
    ),
)


@pytest.mark.parametrize("params", [{}, None])
def test_a_service_is_called_by_the_things_name(params):
    call = request(f"{THING}/service/ResetEnergy", "thing.service.ResetEnergy", params)
    assert call == ActionCall(request_id="123", name="reset_energy", values={})
    (reply,) = CODEC.encode_reply(call, DONE)
    assert (reply.topic, reply.qos) == (f"{THING}/service/ResetEnergy_reply", 0)


@pytest.mark.parametrize("service", ["Explode", "PowerSwitch", "reset_energy", "OverCurrent"])
def test_an_unknown_service_is_refused_with_what_there_is(service):
    kind, reason = refusal_of(request(f"{THING}/service/{service}", "m", {}))
    assert kind is RefusalKind.UNKNOWN_NAME
    assert "there is: ResetEnergy" in reason


@pytest.mark.parametrize("params", [[1], "x", {f"p{n}": 1 for n in range(101)}])
def test_a_service_with_params_that_are_no_params_is_refused(params):
    bad = request(f"{THING}/service/ResetEnergy", "m", params)
    assert refusal_of(bad)[0] is RefusalKind.MALFORMED


def test_the_inputs_of_a_service_are_values():
    lamp = make_codec(LAMP)
    call = request(f"{THING}/service/Blink", "m", {"Times": 3.0}, lamp)
    assert call.values == {"Times": 3}
    bad = request(f"{THING}/service/Blink", "m", {"Times": None}, lamp)
    assert refusal_of(bad)[0] is RefusalKind.WRONG_TYPE


def test_a_reply_of_our_own_that_comes_back_is_not_meant_for_us():
    assert decode(f"{THING}/service/ResetEnergy_reply", id="1", code=200, data={}) is None
    assert decode(f"{SET}_reply", id="1", code=200, data={}) is None
    assert decode(f"{THING}/service/property/other", id="1") is None
    for service in ("ResetEnergy", "property/set"):
        for outcome in (DONE, refused(RefusalKind.TRIPPED, "no")):
            call = request(f"{EXTENDED}/{service}", "m", {"PowerSwitch": 1})
            (reply,) = CODEC.encode_reply(call, outcome)
            assert CODEC.decode(reply.topic, reply.payload) is None


def test_a_call_of_another_device_is_not_meant_for_us():
    assert decode(f"/ext/rrpc/77/sys/{PK}/other/thing/service/ResetEnergy", id="1") is None
    assert decode(f"/ext/rrpc/77/{PK}/other/user/x") is None


def test_a_call_that_names_its_topic_is_answered_on_the_same_one():
    call = request(f"{EXTENDED}/ResetEnergy", "thing.service.ResetEnergy", {})
    assert isinstance(call, ActionCall)
    (reply,) = CODEC.encode_reply(call, DONE)
    assert (reply.topic, reply.qos) == (f"{EXTENDED}/ResetEnergy", 0)
    assert read(reply) == {"id": "123", "code": 200, "data": {}, "message": "success"}
    asked = request(f"{EXTENDED}/property/set", "m", {"PowerSwitch": 1})
    (reply,) = CODEC.encode_reply(asked, DONE)
    assert reply.topic == f"{EXTENDED}/property/set"


@pytest.mark.parametrize(
    ("method", "params", "kind"),
    [
        ("thing.service.ResetEnergy", {}, ActionCall),
        ("thing.service.property.set", {"PowerSwitch": 1}, PropertySet),
        ("thing.service.property.get", ["PowerSwitch"], PropertyGet),
    ],
)
def test_a_call_that_names_no_topic_is_told_by_its_method(method, params, kind):
    call = request(CALL, method, params)
    assert isinstance(call, kind)
    (reply,) = CODEC.encode_reply(call, DONE)
    assert (reply.topic, reply.qos) == (f"/sys/{PK}/{DN}/rrpc/response/77", 0)


def test_a_call_of_an_unknown_service_is_refused():
    assert refusal_of(request(CALL, "thing.service.Explode", {}))[0] is RefusalKind.UNKNOWN_NAME
    bad = request(f"{EXTENDED}/Explode", "thing.service.Explode", {})
    assert refusal_of(bad)[0] is RefusalKind.UNKNOWN_NAME


@pytest.mark.parametrize(
    ("topic", "payload"),
    [
        (CALL, b"\x00\x01raw"),
        (CALL, b"{}"),
        (CALL, b'{"id":"1","method":"thing.disable"}'),
        (CALL, b'{"id":"1","method":"thing.service.X_reply"}'),
        (CALL, b'{"id":"1","method":"thing.service.property.else"}'),
        (f"/ext/rrpc/77/{PK}/{DN}/user/x", b"raw"),
    ],
)
def test_a_raw_call_is_dropped_with_an_error(topic, payload):
    with pytest.raises(CodecError):
        CODEC.decode(topic, payload)


@pytest.mark.parametrize("change", ["disable", "enable", "delete"])
def test_what_the_platform_does_to_the_device_is_told_and_answered(change):
    notice = request(f"{THING}/{change}", f"thing.{change}", {})
    assert notice == Notice(name=change, request_id="123")
    (reply,) = CODEC.encode_reply(notice, DONE)
    assert reply.topic == f"{THING}/{change}_reply"
    assert read(reply) == {"id": "123", "code": 200, "data": {}, "message": "success"}

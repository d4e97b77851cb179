"""What Aliyun asks of the thing: properties, services, synchronous calls, texts of the user's."""

import json

import pytest

from agent.clouds.aliyun.codec import AliyunCodec
from agent.devices.socket.thing_table import SOCKET
from agent.errors import CodecError, ConfigError
from agent.messages import (
    DONE,
    ActionCall,
    BadRequest,
    Notice,
    Outcome,
    PropertyGet,
    PropertySet,
    PropertyToggle,
    RefusalKind,
    refused,
)
from agent.thing import Action, Field, Kind, Thing
from tests.clouds.aliyun_device import (
    CALL,
    CODEC,
    DN,
    EXTENDED,
    GET,
    PK,
    SET,
    THING,
    decode,
    make_codec,
    pasted_settings,
    read,
    request,
    wanted,
)
from tests.clouds.test_aliyun_credentials import PASTED

SEED = (
    b'{"method":"thing.service.property.set","id":"1924954941","params":{"CurrentHumidity":66,'
    b'"NightLightSwitch":1,"CurrentTemperature":66},"version":"1.0.0"}'
)
USER = f"/{PK}/{DN}/user/get"
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


def refusal_of(downlink):
    assert isinstance(downlink, BadRequest), downlink
    (reply,) = CODEC.encode_reply(downlink, Outcome(refusal=downlink.refusal))
    assert read(reply)["code"] == 460
    return downlink.refusal.kind, downlink.refusal.reason


def test_a_set_becomes_a_request_in_the_things_own_words():
    asked = wanted(PowerSwitch=1, OverCurrentThreshold=4.5)
    assert asked == PropertySet(
        request_id="123", values={"power_switch": True, "current_limit": 4.5}
    )
    assert asked.values["power_switch"] is True


def test_a_number_for_an_id_is_the_same_id():
    assert request(SET, "m", {"PowerSwitch": 0}, request_id=123).request_id == "123"


@pytest.mark.parametrize("params", [None, [], "x", 7, {f"p{n}": 1 for n in range(101)}])
def test_params_that_are_no_params_are_refused(params):
    assert refusal_of(request(SET, "m", params))[0] is RefusalKind.MALFORMED


def test_nothing_at_all_is_refused_by_the_thing():
    assert SOCKET.fault(wanted().values).kind is RefusalKind.MALFORMED


@pytest.mark.parametrize("value", [None, [], {"a": 1}])
def test_what_is_no_value_is_refused(value):
    assert refusal_of(wanted(PowerSwitch=value))[0] is RefusalKind.WRONG_TYPE


def test_an_unknown_or_read_only_identifier_is_refused_by_the_thing():
    assert SOCKET.fault(wanted(Turbo=1).values).kind is RefusalKind.UNKNOWN_NAME
    assert SOCKET.fault(wanted(CurrentVoltage=1).values).kind is RefusalKind.READ_ONLY


def test_the_thing_name_of_a_property_is_no_identifier():
    assert refusal_of(wanted(power_switch=1))[0] is RefusalKind.UNKNOWN_NAME


def test_what_the_console_sends_is_refused_whole():
    codec = make_codec(rename={"power_switch": "NightLightSwitch"})
    asked = codec.decode(SET, SEED)
    assert asked.request_id == "1924954941"
    assert SOCKET.fault(asked.values).kind is RefusalKind.UNKNOWN_NAME


def test_what_can_only_be_read_may_be_ignored():
    rename = {
        "power_switch": "NightLightSwitch",
        "voltage": "CurrentHumidity",
        "active_power": "CurrentTemperature",
    }
    codec = make_codec(rename=rename, read_only_in_set="ignore")
    asked = codec.decode(SET, SEED)
    assert asked == PropertySet(request_id="1924954941", values={"power_switch": True})
    strict = make_codec(rename=rename).decode(SET, SEED)
    assert SOCKET.fault(strict.values).kind is RefusalKind.READ_ONLY


def test_a_set_of_nothing_else_is_answered_and_does_nothing():
    codec = make_codec(read_only_in_set="ignore")
    asked = wanted(codec, CurrentVoltage=1, Current={"no": "value"})
    assert isinstance(asked, Notice)
    assert asked.name == "read_only_set"
    (reply,) = codec.encode_reply(asked, DONE)
    assert (reply.topic, read(reply)["id"], read(reply)["code"]) == (f"{SET}_reply", "123", 200)
    assert isinstance(wanted(codec), PropertySet)
    assert isinstance(wanted(codec, CurrentVoltage=1, Turbo=1), PropertySet)


def countdown(**members):
    return wanted(CountDown=members)


def test_a_countdown_says_what_it_shall_end_in():
    asked = countdown(IsRunning=1, TimeLeft=600, PowerSwitch=0, Timestamp="1524448722000")
    assert asked == PropertySet(request_id="123", values={"count_down": 600}, ends_in=False)
    assert countdown(IsRunning=1, TimeLeft=86_399, PowerSwitch=True).ends_in is True


def test_a_countdown_that_says_nothing_of_the_switch_flips_it():
    assert countdown(IsRunning=1, TimeLeft=5).ends_in is None


def test_a_countdown_may_come_with_a_switch():
    asked = wanted(PowerSwitch=1, CountDown={"IsRunning": 1, "TimeLeft": 5, "PowerSwitch": 0})
    assert asked.values == {"power_switch": True, "count_down": 5}
    bad = wanted(PowerSwitch=None, CountDown={"IsRunning": 1, "TimeLeft": 5})
    assert isinstance(bad, BadRequest)


def test_a_countdown_that_does_not_run_is_stopped():
    asked = countdown(IsRunning=0, TimeLeft=600, PowerSwitch=1)
    assert (asked.values, asked.ends_in) == ({"count_down": 0}, None)
    assert countdown(IsRunning=0).values == {"count_down": 0}


@pytest.mark.parametrize(
    ("members", "kind", "says"),
    [
        ({}, RefusalKind.WRONG_TYPE, "CountDown.IsRunning takes 0 or 1"),
        ({"TimeLeft": 5}, RefusalKind.WRONG_TYPE, "CountDown.IsRunning"),
        ({"IsRunning": 2}, RefusalKind.WRONG_TYPE, "CountDown.IsRunning"),
        ({"IsRunning": "1"}, RefusalKind.WRONG_TYPE, "CountDown.IsRunning"),
        ({"IsRunning": 1}, RefusalKind.WRONG_TYPE, "CountDown.TimeLeft takes a whole number"),
        ({"IsRunning": 1, "TimeLeft": "5"}, RefusalKind.WRONG_TYPE, "CountDown.TimeLeft"),
        ({"IsRunning": 1, "TimeLeft": True}, RefusalKind.WRONG_TYPE, "CountDown.TimeLeft"),
        ({"IsRunning": 1, "TimeLeft": 1.5}, RefusalKind.WRONG_TYPE, "CountDown.TimeLeft"),
        ({"IsRunning": 1, "TimeLeft": 0}, RefusalKind.OUT_OF_RANGE, "at least 1"),
        ({"IsRunning": 1, "TimeLeft": -1}, RefusalKind.OUT_OF_RANGE, "at least 1"),
        (
            {"IsRunning": 1, "TimeLeft": 5, "PowerSwitch": 2},
            RefusalKind.WRONG_TYPE,
            "CountDown.PowerSwitch takes 0 or 1",
        ),
        (
            {"IsRunning": 1, "TimeLeft": 5, "PowerSwitch": None},
            RefusalKind.WRONG_TYPE,
            "CountDown.PowerSwitch",
        ),
        ({"IsRunning": 0, "Repeat": 1}, RefusalKind.UNKNOWN_NAME, "nothing called Repeat"),
    ],
)
def test_a_countdown_that_lacks_something_is_refused(members, kind, says):
    found, reason = refusal_of(wanted(CountDown=members))
    assert found is kind
    assert says in reason


@pytest.mark.parametrize("value", [600, "600", None, [1]])
def test_a_countdown_that_is_no_struct_is_refused(value):
    kind, reason = refusal_of(wanted(CountDown=value))
    assert kind is RefusalKind.WRONG_TYPE
    assert "IsRunning, TimeLeft and PowerSwitch" in reason


def test_a_countdown_that_is_too_long_is_refused_by_the_thing():
    asked = countdown(IsRunning=1, TimeLeft=86_401)
    assert SOCKET.fault(asked.values).kind is RefusalKind.OUT_OF_RANGE


def test_a_question_names_what_it_wants():
    asked = request(GET, "thing.service.property.get", ["PowerSwitch", "Turbo", "Current", 7])
    assert isinstance(asked, PropertyGet)
    assert asked.names == ("power_switch", "current")
    assert request(GET, "m", []).names == ()


def test_a_question_for_a_countdown_needs_its_end_too():
    parts = ("count_down", "power_switch", "count_down_to")
    assert request(GET, "m", ["CountDown"]).names == parts
    both = request(GET, "m", ["PowerSwitch", "CountDown"]).names
    assert both == ("power_switch", "count_down", "count_down_to")


@pytest.mark.parametrize("params", [None, {}, "PowerSwitch", ["PowerSwitch"] * 101])
def test_a_question_that_is_no_list_is_refused(params):
    kind, reason = refusal_of(request(GET, "m", params))
    assert kind is RefusalKind.MALFORMED
    assert "list" in reason


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


def test_texts_of_the_users_own_switch_and_are_not_answered():
    codec = make_codec(custom_topics=(USER,))
    subscription = codec.subscriptions()[-1]
    assert (subscription.topic, subscription.qos) == (USER, 0)
    on = codec.decode(USER, b"on")
    assert (on.values, on.request_id) == ({"power_switch": True}, "")
    assert codec.encode_reply(on, DONE) == ()
    assert codec.encode_taken(on) == ()
    assert isinstance(codec.decode(USER, b"toggle"), PropertyToggle)
    assert codec.decode(USER, b'{"PowerSwitch":0}').values == {"power_switch": False}
    with pytest.raises(CodecError):
        codec.decode(USER, b"explode")
    assert CODEC.decode(USER, b"on") is None


@pytest.mark.parametrize(
    "topic",
    [
        f"/{PK}/other/user/get",
        f"/other/{DN}/user/get",
        f"/{PK}/{DN}/",
        f"/{PK}/{DN}",
        f"/{PK}/{DN}/user/+",
        f"/{PK}/{DN}/user/#",
        f"/{PK}/{DN}/user/" + "x" * 128,
        f"/{PK}/{DN}/user/a/b/c/d/e",
        "user/get",
        "",
    ],
)
def test_a_topic_that_this_device_may_not_have_is_a_config_error(topic):
    with pytest.raises(ConfigError, match=f"allowed: topics of this device, such as '/{PK}/{DN}/"):
        make_codec(custom_topics=(topic,))


def test_what_was_pasted_decides_which_topics_are_subscribed_to():
    def topics(parameters):
        pasted = PASTED | {"clientId": f"k19g7hBjoOD.testdevice1|securemode=2,{parameters}|"}
        codec = AliyunCodec(pasted_settings(pasted), SOCKET)
        return [one.topic for one in codec.subscriptions()]

    extended = "/ext/rrpc/+/sys/k19g7hBjoOD/testdevice1/thing/service/+"
    assert topics("_ss=1,ext=1")[0] == "/sys/k19g7hBjoOD/testdevice1/thing/service/property/set"
    assert len(topics("_ss=1,ext=1")) == 3
    assert len(topics("timestamp=1")) == 11
    assert extended not in topics("ext=2")
    assert extended not in topics("ext=x")
    assert extended not in topics("ext=" + "1" * 9)
    assert topics("ext=3")[-1] == extended


def test_a_pasted_device_hears_its_own_topics():
    codec = AliyunCodec(pasted_settings(PASTED), SOCKET)
    payload = json.dumps({"id": "1", "params": {"PowerSwitch": 1}}).encode()
    topic = "/sys/k19g7hBjoOD/testdevice1/thing/service/property/set"
    assert codec.decode(topic, payload).values == {"power_switch": True}
    assert codec.decode(SET, payload) is None

"""What Aliyun asks of the properties: to set them, and to tell them."""

import pytest

from agent.devices.socket.thing_table import SOCKET
from agent.messages import DONE, Notice, PropertyGet, PropertySet, RefusalKind
from tests.clouds.aliyun_device import GET, SET, make_codec, read, refusal_of, request, wanted

SEED = (
    b'{"method":"thing.service.property.set","id":"1924954941","params":{"CurrentHumidity":66,'
    b'"NightLightSwitch":1,"CurrentTemperature":66},"version":"1.0.0"}'
)


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

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.devices.socket.thing_table import SOCKET
from agent.errors import CodecError
from agent.messages import (
    Ack,
    ActionCall,
    BadRequest,
    Notice,
    Outcome,
    PropertySet,
    RefusalKind,
    ResyncAnswer,
    TimeAnswer,
)
from tests.clouds.support import DEVICE, make_codec

CODEC = make_codec()
PROPERTY = f"$thing/down/property/{DEVICE}"
EVENT = f"$thing/down/event/{DEVICE}"
ACTION = f"$thing/down/action/{DEVICE}"
SERVICE = f"$thing/down/service/{DEVICE}"
OTA = f"$ota/update/{DEVICE}"
TIME = f"$sys/operation/result/{DEVICE}"
TOPICS = [PROPERTY, EVENT, ACTION, SERVICE, OTA, TIME]


def decode(topic, codec=CODEC, **body):
    return codec.decode(topic, json.dumps(body).encode())


def control(codec=CODEC, **params):
    return decode(PROPERTY, codec, method="control", clientToken="t", params=params)


def test_a_control_becomes_a_request_in_the_things_own_words():
    request = control(power_switch=0, count_down=600)
    assert request == PropertySet(
        request_id="t", values={"power_switch": False, "count_down": 600}, is_live=True
    )
    assert request.values["power_switch"] is False


@pytest.mark.parametrize(("wire", "value"), [(1, True), (0, False), (True, True), (1.0, True)])
def test_a_bool_is_taken_in_every_form_that_is_unambiguous(wire, value):
    assert control(power_switch=wire).values == {"power_switch": value}
    assert control(power_switch=wire).values["power_switch"] is value


@pytest.mark.parametrize("wire", [2, -1, "1", "true", 0.5, 1e400])
def test_what_is_no_bool_reaches_the_thing_and_is_refused_there(wire):
    fault = SOCKET.fault(control(power_switch=wire).values)
    assert fault is not None
    assert fault.kind is RefusalKind.WRONG_TYPE


def test_a_whole_float_is_a_whole_number():
    values = control(count_down=600.0).values
    assert values == {"count_down": 600}
    assert isinstance(values["count_down"], int)


@pytest.mark.parametrize("wire", [1.5, "600", True, 10**30, 1e300, float("nan"), float("inf")])
def test_what_is_no_whole_number_is_refused_by_the_thing(wire):
    fault = SOCKET.fault(control(count_down=wire).values)
    assert fault is not None
    assert fault.kind in (RefusalKind.WRONG_TYPE, RefusalKind.OUT_OF_RANGE)


@pytest.mark.parametrize("wire", [10**400, -(10**400), 10**19, float("nan"), float("inf")])
def test_numbers_that_no_register_holds_do_no_harm(wire):
    value = control(voltage=wire).values["voltage"]
    assert isinstance(value, float)
    fault = SOCKET.property("voltage").field.fault(value)
    assert fault is not None


@pytest.mark.parametrize("wire", [None, {}, [], [1], {"a": 1}])
def test_what_is_no_value_at_all_is_answered_as_wrong_type(wire):
    bad = control(power_switch=wire)
    assert isinstance(bad, BadRequest)
    assert (bad.request_id, bad.method) == ("t", "control")
    assert bad.refusal.kind is RefusalKind.WRONG_TYPE


@pytest.mark.parametrize("params", [None, [], "x", 7, {f"p{n}": 1 for n in range(101)}])
def test_params_that_are_no_params_are_answered_as_malformed(params):
    bad = decode(PROPERTY, method="control", clientToken="t", params=params)
    assert isinstance(bad, BadRequest)
    assert bad.refusal.kind is RefusalKind.MALFORMED


def test_an_unknown_identifier_keeps_its_name_for_the_thing_to_refuse():
    fault = SOCKET.fault(control(turbo=1).values)
    assert fault is not None
    assert fault.kind is RefusalKind.UNKNOWN_NAME


def test_the_wires_name_for_the_total_is_the_things_total():
    fault = SOCKET.fault(control(total_kwh=0).values)
    assert fault is not None
    assert fault.kind is RefusalKind.READ_ONLY


def test_a_name_that_was_renamed_is_no_identifier_any_more():
    codec = make_codec(rename={"power_switch": "onoff"})
    assert control(codec, onoff=1).values == {"power_switch": True}
    bad = control(codec, power_switch=1)
    assert isinstance(bad, BadRequest)
    assert bad.refusal.kind is RefusalKind.UNKNOWN_NAME


def test_an_action_is_called_by_the_things_name():
    call = decode(ACTION, method="action", clientToken="t", actionId="reset_energy", params={})
    assert call == ActionCall(request_id="t", name="reset_energy", values={})
    call = decode(ACTION, method="action", clientToken="t", actionId="reset_energy")
    assert call == ActionCall(request_id="t", name="reset_energy", values={})


def test_an_action_with_params_that_are_no_params_is_answered():
    bad = decode(ACTION, method="action", clientToken="t", actionId="reset_energy", params=[1])
    assert isinstance(bad, BadRequest)
    assert bad.method == "action"
    bad = decode(
        ACTION, method="action", clientToken="t", actionId="reset_energy", params={"a": None}
    )
    assert isinstance(bad, BadRequest)


def test_an_action_under_its_old_name_is_answered_as_unknown():
    codec = make_codec(rename={"reset_energy": "clear"})
    body = {"method": "action", "clientToken": "t", "params": {}}
    assert isinstance(decode(ACTION, codec, **body, actionId="clear"), ActionCall)
    bad = decode(ACTION, codec, **body, actionId="reset_energy")
    assert isinstance(bad, BadRequest)
    assert (bad.method, bad.refusal.kind) == ("action", RefusalKind.UNKNOWN_NAME)


@pytest.mark.parametrize(
    ("topic", "method"),
    [
        (PROPERTY, "report_reply"),
        (PROPERTY, "report_info_reply"),
        (PROPERTY, "clear_control_reply"),
        (EVENT, "event_reply"),
        (EVENT, "events_reply"),
    ],
)
def test_a_reply_to_us_carries_our_id(topic, method):
    body = {"method": method, "clientToken": "CS0SLTKSYA-7"}
    assert decode(topic, **body, code=0, status="success") == Ack(
        message_id="7", is_accepted=True, reason="success"
    )
    refusal = decode(topic, **body, code=406, status='value "3" enum not defined')
    assert refusal == Ack(
        message_id="7",
        is_accepted=False,
        code=406,
        reason='value "3" enum not defined',
        kind=RefusalKind.OUT_OF_RANGE,
    )
    assert decode(topic, **body, code=405).kind is None


def test_a_reply_to_someone_else_is_not_ours():
    body = {"method": "report_reply", "clientToken": "else-7", "code": 0}
    assert decode(PROPERTY, **body) is None
    assert decode(PROPERTY, **(body | {"method": "get_status_reply"})) is None


def test_the_pending_control_is_a_stored_request():
    data = {"reported": {"power_switch": 1}, "control": {"power_switch": 0}}
    answer = decode(
        PROPERTY, method="get_status_reply", clientToken="CS0SLTKSYA-9", code=0, data=data
    )
    stored = PropertySet(request_id="CS0SLTKSYA-9", values={"power_switch": False}, is_live=False)
    assert answer == ResyncAnswer(message_id="9", stored=stored)


@pytest.mark.parametrize(
    "data", [None, {}, {"reported": {}}, {"report": {"power_switch": 1}}, {"control": {}}, []]
)
def test_without_a_pending_control_there_is_nothing_to_do(data):
    answer = decode(
        PROPERTY, method="get_status_reply", clientToken="CS0SLTKSYA-9", code=0, data=data
    )
    assert answer == ResyncAnswer(message_id="9")


def test_a_pending_control_that_makes_no_sense_sets_nothing_but_is_cleared():
    data = {"control": {"power_switch": None}}
    answer = decode(
        PROPERTY, method="get_status_reply", clientToken="CS0SLTKSYA-9", code=0, data=data
    )
    assert answer.stored is not None
    assert answer.stored.values == {}
    assert SOCKET.fault(answer.stored.values) is not None


@pytest.mark.parametrize("method", ["bind_device", "unbind_device"])
def test_being_bound_or_unbound_is_a_notice(method):
    assert decode(SERVICE, method=method, clientToken="t", timestamp=1) == Notice(name=method)
    assert decode(SERVICE, method="else", clientToken="t") is None


def test_firmware_tasks_are_told_and_version_replies_are_not():
    assert decode(OTA, type="report_version_rsp", version="0.1", result_code=0) is None
    assert decode(OTA, type="update_firmware", version="0.2", url="https://x") == Notice(
        name="update_firmware", text="0.2"
    )
    assert decode(OTA, type="update_firmware") == Notice(name="update_firmware")


def test_the_platforms_clock_comes_in_seconds():
    body = {"type": "get", "time": 1621562342}
    exact = decode(TIME, **body, ntptime1=1621562342773, ntptime2=1621562342774)
    assert exact == TimeAnswer(server_received=1621562342.773, server_sent=1621562342.774)
    assert decode(TIME, **body) == TimeAnswer(server_received=1621562342, server_sent=1621562342)
    assert decode(TIME, type="else") is None


@pytest.mark.parametrize(
    ("topic", "payload"),
    [
        (PROPERTY, b""),
        (PROPERTY, b"\xff\xfe"),
        (PROPERTY, b"[]"),
        (PROPERTY, b"{}"),
        (PROPERTY, b'{"method":7}'),
        (PROPERTY, b'{"method":"control"}'),
        (PROPERTY, b'{"method":"control","clientToken":7,"params":{}}'),
        (PROPERTY, b'{"method":"control","clientToken":"' + b"t" * 257 + b'"}'),
        (PROPERTY, b'{"method":"report_reply","clientToken":"CS0SLTKSYA-7"}'),
        (PROPERTY, b'{"a":' + b"[" * 20_000),
        (PROPERTY, b'{"a":"' + b"x" * 65_536 + b'"}'),
        (PROPERTY, b'{"a":' + b"9" * 5000 + b"e5,}"),
        (TIME, b'{"type":"get"}'),
        (TIME, b'{"type":"get","time":-5}'),
        (TIME, b'{"type":"get","time":true}'),
        (TIME, b'{"type":"get","time":1e400}'),
        (TIME, b'{"type":"get","time":NaN}'),
    ],
)
def test_what_cannot_be_understood_is_one_error(topic, payload):
    with pytest.raises(CodecError):
        CODEC.decode(topic, payload)


@pytest.mark.parametrize(
    "topic", ["", "x", "$thing/down/property/CS0SLTKSYA/dev2", "$thing/up/property/" + DEVICE]
)
def test_other_topics_are_not_meant_for_us(topic):
    assert CODEC.decode(topic, b"whatever") is None


def test_methods_of_other_times_are_not_meant_for_us():
    assert decode(PROPERTY, method="else", clientToken="t") is None
    assert decode(EVENT, method="else") is None
    assert decode(ACTION, method="else", clientToken="t") is None


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3)
    ),
    max_leaves=10,
)
METHODS = st.sampled_from(["control", "get_status_reply", "report_reply", "action", "get"])
BODIES = st.fixed_dictionaries(
    {},
    optional={
        "method": METHODS | JSON,
        "type": st.sampled_from(["get", "update_firmware"]) | JSON,
        "clientToken": st.sampled_from(["t", "CS0SLTKSYA-7"]) | JSON,
        "params": st.dictionaries(
            st.sampled_from(["power_switch", "count_down", "voltage", "x"]), JSON, max_size=4
        )
        | JSON,
        "data": JSON | st.fixed_dictionaries({"control": JSON}),
        "actionId": st.sampled_from(["reset_energy"]) | JSON,
        "code": JSON,
        "status": JSON,
        "time": JSON,
        "ntptime1": JSON,
        "ntptime2": JSON,
    },
)


@settings(max_examples=300, deadline=None)
@given(topic=st.sampled_from(TOPICS), payload=st.binary(max_size=200))
def test_any_bytes_give_a_message_or_one_error(topic, payload):
    understand(topic, payload)


@settings(max_examples=500, deadline=None)
@given(topic=st.sampled_from(TOPICS), body=BODIES)
def test_any_json_gives_a_message_that_the_thing_can_judge_or_one_error(topic, body):
    understand(topic, json.dumps(body).encode())


def understand(topic, payload):
    try:
        downlink = CODEC.decode(topic, payload)
    except CodecError:
        return
    if isinstance(downlink, PropertySet):
        SOCKET.fault(downlink.values)
    if isinstance(downlink, BadRequest):
        outcome = Outcome(refusal=downlink.refusal)
        CODEC.encode_refusal(downlink.request_id, downlink.method, outcome)

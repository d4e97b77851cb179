"""What OneNET says to a device of a thing-model product, in the thing's own words."""

import pytest

from agent.clouds.onenet.answers import ReplyTo
from agent.devices.socket.thing_table import SOCKET
from agent.errors import CodecError
from agent.messages import (
    Ack,
    ActionCall,
    BadRequest,
    PropertyGet,
    PropertySet,
    RefusalKind,
    ResyncAnswer,
)
from tests.clouds.onenet_support import PREFIX, hear, thing

CODEC = thing()
SET, GET = "thing/property/set", "thing/property/get"
POSTED, DESIRED = "thing/property/post/reply", "thing/property/desired/get/reply"


def test_a_set_becomes_a_request_in_the_things_own_words():
    payload = b'{"id":"7","version":"1.0","params":{"power_switch":false,"count_down":60}}'
    request = CODEC.decode(PREFIX + SET, payload)
    assert request == PropertySet(
        request_id="7", values={"power_switch": False, "count_down": 60}, is_live=True
    )
    assert request.values["power_switch"] is False
    assert request.context == ReplyTo(topic=PREFIX + "thing/property/set_reply")


def test_numbers_may_be_written_as_texts_and_bools_as_numbers():
    request = hear(CODEC, SET, {"id": 7, "params": {"count_down": "60", "power_switch": 1}})
    assert request == PropertySet(request_id="7", values={"count_down": 60, "power_switch": True})


def test_an_unknown_identifier_keeps_its_name_for_the_thing_to_refuse():
    request = hear(CODEC, SET, {"id": "7", "params": {"turbo": 1}})
    assert SOCKET.fault(request.values).kind is RefusalKind.UNKNOWN_NAME


@pytest.mark.parametrize(
    ("params", "kind"),
    [
        (None, RefusalKind.MALFORMED),
        ([], RefusalKind.MALFORMED),
        ({f"p{n}": 1 for n in range(101)}, RefusalKind.MALFORMED),
        ({"power_switch": {"value": True}}, RefusalKind.WRONG_TYPE),
        ({"current_limit": 3}, RefusalKind.UNKNOWN_NAME),
    ],
)
def test_a_set_that_is_none_is_answered(params, kind):
    bad = hear(CODEC, SET, {"id": "7", "params": params})
    assert isinstance(bad, BadRequest)
    assert (bad.request_id, bad.refusal.kind) == ("7", kind)
    assert bad.context == ReplyTo(topic=PREFIX + "thing/property/set_reply")


def test_a_get_asks_for_what_is_known_here():
    asked = ["power_switch", "voltage", "turbo", "trip", 7, "current_limit"]
    request = hear(CODEC, GET, {"id": "8", "version": "1.0", "params": asked})
    assert request == PropertyGet(request_id="8", names=("power_switch", "voltage"))
    assert request.context == ReplyTo(topic=PREFIX + "thing/property/get_reply")
    bad = hear(CODEC, GET, {"id": "8", "params": {"power_switch": 1}})
    assert isinstance(bad, BadRequest)
    assert bad.refusal.kind is RefusalKind.MALFORMED


def test_a_service_becomes_an_action():
    tail = "thing/service/reset_energy/invoke"
    for body in ({"id": "9", "params": {}}, {"id": "9"}, {"id": "9", "params": None}):
        call = hear(CODEC, tail, body)
        assert call == ActionCall(request_id="9", name="reset_energy", values={})
        assert call.context == ReplyTo(topic=PREFIX + tail + "_reply")
    call = hear(CODEC, tail, {"id": "9", "params": {"mode": 1}})
    assert call.values == {"mode": 1}


@pytest.mark.parametrize("params", [[1], {"a": None}, 7])
def test_a_service_with_inputs_that_are_none_is_answered(params):
    bad = hear(CODEC, "thing/service/reset_energy/invoke", {"id": "9", "params": params})
    assert isinstance(bad, BadRequest)
    assert bad.context.topic.endswith("reset_energy/invoke_reply")


def test_a_service_of_another_name_is_refused_and_answered():
    codec = thing(rename={"reset_energy": "clear"})
    assert hear(codec, "thing/service/clear/invoke", {"id": "9"}).name == "reset_energy"
    bad = hear(codec, "thing/service/reset_energy/invoke", {"id": "9"})
    assert isinstance(bad, BadRequest)
    assert bad.refusal.kind is RefusalKind.UNKNOWN_NAME
    call = hear(codec, "thing/service/explode/invoke", {"id": "9"})
    assert call == ActionCall(request_id="9", name="explode", values={})


@pytest.mark.parametrize("tail", [POSTED, "thing/event/post/reply"])
def test_a_reply_to_a_post_is_its_acknowledgement(tail):
    payload = b'{"id":"1","code":200,"msg":"success"}'
    assert CODEC.decode(PREFIX + tail, payload) == Ack(
        message_id="1", is_accepted=True, code=200, reason="success"
    )
    assert hear(CODEC, tail, {"id": "1", "code": 200}) == Ack(
        message_id="1", is_accepted=True, code=200
    )


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (2402, RefusalKind.MALFORMED),
        (2405, RefusalKind.MALFORMED),
        (302, RefusalKind.WRONG_TYPE),
        (2409, RefusalKind.UNKNOWN_NAME),
        (2308, RefusalKind.UNKNOWN_NAME),
        (309, RefusalKind.UNKNOWN_NAME),
        (2399, RefusalKind.UNKNOWN_NAME),
        (500, None),
        (503, None),
        (303, None),
        (305, None),
        (306, None),
    ],
)
def test_a_refusal_is_told_with_what_its_code_blames(code, kind):
    ack = hear(CODEC, POSTED, {"id": "1", "code": code, "message": "no"})
    assert ack == Ack(message_id="1", is_accepted=False, code=code, reason="no", kind=kind)


def test_desired_values_are_stored_commands():
    data = {"power_switch": {"value": True, "version": 2}, "count_down": {"value": "60"}}
    answer = hear(CODEC, DESIRED, {"id": "2", "code": 200, "msg": "success", "data": data})
    values = {"power_switch": True, "count_down": 60}
    assert answer == ResyncAnswer(
        message_id="2", stored=PropertySet(request_id="2", values=values, is_live=False)
    )
    assert answer.stored.context.versions == {"power_switch": 2, "count_down": None}


@pytest.mark.parametrize("body", [{}, {"data": {}}, {"data": None}, {"data": [1]}])
def test_no_desired_values_are_no_stored_command(body):
    answer = hear(CODEC, DESIRED, {"id": "2", "code": 200, **body})
    assert answer == ResyncAnswer(message_id="2")


@pytest.mark.parametrize(
    "entry", [7, None, {}, {"value": None}, {"value": {}}, {"version": True, "value": []}]
)
def test_desired_values_that_are_none_set_nothing_and_are_remembered_for_clearing(entry):
    data = {"count_down": {"value": 1, "version": 4}, "power_switch": entry}
    stored = hear(CODEC, DESIRED, {"id": "2", "code": 200, "data": data}).stored
    assert stored.values == {}
    assert stored.context.versions == {"count_down": 4, "power_switch": None}


def test_no_more_desired_values_than_a_model_has_are_remembered():
    data = {f"p{n}": {"value": 1} for n in range(150)}
    stored = hear(CODEC, DESIRED, {"id": "2", "code": 200, "data": data}).stored
    assert stored.values == {}
    assert len(stored.context.versions) == 100


def test_a_refused_question_ends_the_wait_for_its_answer():
    ack = hear(CODEC, DESIRED, {"id": "2", "code": 305, "msg": "no thing model"})
    assert ack == Ack(message_id="2", is_accepted=False, code=305, reason="no thing model")


@pytest.mark.parametrize(
    "tail",
    [
        "thing/property/desired/delete/reply",
        "thing/service/a/b/invoke",
        "thing/service/#/invoke",
        "thing/service//invoke",
        "thing/sub/service/invoke",
        "ota/inform",
        "",
    ],
)
def test_other_topics_are_not_meant_for_us(tail):
    assert CODEC.decode(PREFIX + tail, b"whatever") is None
    assert CODEC.decode("$sys/9MaNe52pNO/dev2/thing/property/set", b"whatever") is None


@pytest.mark.parametrize(
    ("tail", "payload"),
    [
        (SET, b""),
        (SET, b"[]"),
        (SET, b'{"params":{}}'),
        (SET, b'{"id":true,"params":{}}'),
        (SET, b'{"id":1.5,"params":{}}'),
        (SET, b'{"id":"' + b"7" * 257 + b'","params":{}}'),
        (POSTED, b'{"id":"1"}'),
        (POSTED, b'{"id":"1","code":true}'),
        (POSTED, b'{"id":"1","code":"200"}'),
        (POSTED, b'{"code":200}'),
        (DESIRED, b'{"code":200}'),
    ],
)
def test_what_cannot_be_understood_is_one_error(tail, payload):
    with pytest.raises(CodecError):
        CODEC.decode(PREFIX + tail, payload)

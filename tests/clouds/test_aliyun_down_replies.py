"""What Aliyun answers: acknowledgements, desired values, its clock."""

import pytest

from agent.clouds.aliyun.uplink import Versions
from agent.devices.socket.thing_table import SOCKET
from agent.errors import CodecError
from agent.messages import Ack, RefusalKind, ResyncAnswer, TimeAnswer
from tests.clouds.aliyun_device import CODEC, DESIRED, DN, PK, POST, THING, decode, make_codec

POST_REPLY = f"{POST}_reply"
GET_REPLY = f"{DESIRED}/get_reply"
NTP = f"/ext/ntp/{PK}/{DN}/response"


def test_a_post_is_acknowledged():
    payload = (
        b'{"code":200,"data":{},"id":"1","message":"success",'
        b'"method":"thing.event.property.post","version":"1.0"}'
    )
    assert CODEC.decode(POST_REPLY, payload) == Ack(
        message_id="1", is_accepted=True, code=200, reason="success"
    )


@pytest.mark.parametrize(
    "topic",
    [
        POST_REPLY,
        f"{THING}/event/OverCurrent/post_reply",
        f"{THING}/deviceinfo/update_reply",
        f"{DESIRED}/delete_reply",
    ],
)
def test_every_reply_to_a_message_of_ours_is_an_acknowledgement(topic):
    assert decode(topic, id="7", code=200, data={}) == Ack(
        message_id="7", is_accepted=True, code=200
    )


def test_a_code_may_be_a_text_and_an_id_a_number():
    ack = decode(POST_REPLY, id=7, code="200", data={})
    assert (ack.message_id, ack.is_accepted, ack.code) == ("7", True, 200)


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (6320, RefusalKind.UNKNOWN_NAME),
        (6304, RefusalKind.UNKNOWN_NAME),
        (5159, RefusalKind.UNKNOWN_NAME),
        (6306, RefusalKind.WRONG_TYPE),
        (6307, RefusalKind.WRONG_TYPE),
        (6312, RefusalKind.WRONG_TYPE),
        (6322, RefusalKind.WRONG_TYPE),
        (460, RefusalKind.MALFORMED),
        (6207, RefusalKind.MALFORMED),
        (6326, None),
        (6313, None),
        (429, None),
        (500, None),
    ],
)
def test_a_refusal_says_what_is_wrong_where_the_code_tells(code, kind):
    ack = decode(POST_REPLY, id="7", code=code, data={}, message="x" * 300)
    assert (ack.is_accepted, ack.code, ack.kind) == (False, code, kind)
    assert len(ack.reason) == 256


def test_an_accepted_report_may_leave_something_out():
    data = {
        "ApparentPower": "tsl parse: params not exist -> ApparentPower",
        "Turbo": "tsl parse: params not exist -> Turbo",
        "OverCurrent": "tsl parse: params not exist -> OverCurrent",
        "Current": "another remark",
        "PowerSwitch": 7,
    }
    assert decode(POST_REPLY, id="7", code=200, data=data).ignored == ("apparent_power",)
    assert decode(POST_REPLY, id="7", code=6320, data=data).ignored == ()
    renamed = make_codec(rename={"apparent_power": "VA"})
    data = {"VA": "params not exist", "ApparentPower": "params not exist"}
    assert decode(POST_REPLY, renamed, id="7", code=200, data=data).ignored == ("apparent_power",)


@pytest.mark.parametrize("data", [None, [], "x"])
def test_data_that_says_nothing_leaves_nothing_out(data):
    assert decode(POST_REPLY, id="7", code=200, data=data).ignored == ()


@pytest.mark.parametrize(
    "body",
    [
        {"id": "7"},
        {"id": "7", "code": None},
        {"id": "7", "code": True},
        {"id": "7", "code": "2OO"},
        {"id": "7", "code": "9" * 17},
        {"code": 200},
        {"id": True, "code": 200},
        {"id": "", "code": 200},
        {"id": 1.5, "code": 200},
        {"id": "x" * 257, "code": 200},
        {"id": "\ud800", "code": 200},
    ],
)
def test_a_reply_that_says_too_little_is_an_error(body):
    with pytest.raises(CodecError):
        decode(POST_REPLY, **body)


def test_what_was_stored_is_a_request_that_remembers_the_versions():
    data = {
        "PowerSwitch": {"value": 1, "version": 2},
        "CountDown": {"value": {"IsRunning": 1, "TimeLeft": 5, "PowerSwitch": 0}, "version": 1},
    }
    answer = decode(GET_REPLY, id="9", code=200, data=data, message="success")
    assert isinstance(answer, ResyncAnswer)
    assert answer.message_id == "9"
    stored = answer.stored
    assert stored is not None
    assert stored.is_live is False
    assert stored.values == {"power_switch": True, "count_down": 5}
    assert stored.ends_in is False
    assert stored.context == Versions(versions={"PowerSwitch": 2, "CountDown": 1})


@pytest.mark.parametrize(
    "data",
    [None, [], {}, {"PowerSwitch": {}}, {"PowerSwitch": {"version": 3}}, {"PowerSwitch": 1}],
)
def test_nothing_stored_is_an_answer_too(data):
    assert decode(GET_REPLY, id="9", code=200, data=data) == ResyncAnswer(message_id="9")


@pytest.mark.parametrize(
    ("name", "value"),
    [("PowerSwitch", [1]), ("CountDown", 5), ("power_switch", 1), ("CurrentVoltage", None)],
)
def test_what_was_stored_and_cannot_be_understood_sets_nothing_and_is_cleared(name, value):
    stored = decode(GET_REPLY, id="9", code=200, data={name: {"value": value, "version": 4}}).stored
    assert stored.values == {}
    assert SOCKET.fault(stored.values) is not None
    (publish,) = CODEC.encode_cleared(stored)
    assert b'"params":{"%b":{"version":4}}' % name.encode() in publish.payload


def test_a_stored_value_that_can_only_be_read_is_cleared_where_it_is_ignored():
    codec = make_codec(read_only_in_set="ignore")
    data = {"CurrentVoltage": {"value": 1, "version": "x"}}
    stored = decode(GET_REPLY, codec, id="9", code=200, data=data).stored
    assert stored.values == {}
    (publish,) = codec.encode_cleared(stored)
    assert b'"params":{"CurrentVoltage":{}}' in publish.payload


def test_no_more_is_looked_at_than_a_product_can_have():
    data = {f"p{n}": {"value": 1, "version": True} for n in range(500)}
    stored = decode(GET_REPLY, id="9", code=200, data=data).stored
    assert len(stored.context.versions) == 100
    assert set(stored.context.versions.values()) == {None}


def test_half_a_character_in_a_stored_name_is_left_alone():
    data = {"\ud800": {"value": 1, "version": 1}}
    assert decode(GET_REPLY, id="9", code=200, data=data).stored is None


def test_a_refused_question_says_that_there_is_nothing():
    answer = decode(GET_REPLY, id="9", code=6661, data={}, message="no")
    assert answer == Ack(message_id="9", is_accepted=False, code=6661, reason="no")


def test_the_platforms_clock_is_read_in_seconds():
    text = {"serverRecvTime": "1700000000123", "serverSendTime": "1700000000125"}
    expected = TimeAnswer(server_received=1_700_000_000.123, server_sent=1_700_000_000.125)
    assert decode(NTP, deviceSendTime="0", **text) == expected
    numbers = {key: int(value) for key, value in text.items()}
    assert decode(NTP, deviceSendTime=0, **numbers) == expected


@pytest.mark.parametrize("value", [None, "", "x", "-5", 0, -1, True, float("nan"), 1e16, "9" * 17])
def test_a_clock_that_shows_no_time_is_an_error(value):
    with pytest.raises(CodecError):
        decode(NTP, serverRecvTime="1700000000123", serverSendTime=value)
    with pytest.raises(CodecError):
        decode(NTP, serverRecvTime=value, serverSendTime="1700000000123")

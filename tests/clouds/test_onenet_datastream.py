"""A product of datastreams, in bytes: data points up, commands with a free body down."""

import json
import math

import pytest

from agent.clouds.onenet.codec import make
from agent.errors import CodecError, ConfigError
from agent.messages import (
    DONE,
    Ack,
    ActionCall,
    BadRequest,
    EventReport,
    InfoReport,
    Outcome,
    PropertyReport,
    PropertySet,
    PropertyToggle,
    RefusalKind,
    refused,
)
from agent.thing import Action, Field, Kind, Property, Thing
from tests.clouds.onenet_support import PREFIX, datastream, hear, said, settings

CODEC = datastream()
UUID = "3e25b3f5-27c8-50d5-b2bb-b7cb7ddddac4"
REQUEST = f"{PREFIX}cmd/request/{UUID}"


def test_a_report_is_one_post_of_many_streams():
    values = {"voltage": 221.5, "power_switch": True, "count_down": 0}
    publish = CODEC.encode(PropertyReport(values=values, wall_time=1552289676.9), "123")
    assert publish.topic == "$sys/9MaNe52pNO/dev1/dp/post/json"
    assert (publish.qos, publish.is_answered) == (1, True)
    assert publish.payload == (
        b'{"id":123,"dp":{"voltage":[{"v":221.5,"t":1552289676}],'
        b'"power_switch":[{"v":1,"t":1552289676}],"count_down":[{"v":0,"t":1552289676}]}}'
    )


def test_points_have_no_time_while_the_clock_was_not_trusted():
    report = PropertyReport(values={"power_switch": False}, wall_time=None)
    assert CODEC.encode(report, "1", 1.8e9).payload == b'{"id":1,"dp":{"power_switch":[{"v":0}]}}'


def test_an_event_is_a_stream_of_objects():
    values = {"cause": "overcurrent", "value": 16.8, "limit": float("nan")}
    publish = CODEC.encode(EventReport(name="trip", values=values, wall_time=None), "4")
    assert publish.payload == b'{"id":4,"dp":{"trip":[{"v":{"cause":"overcurrent","value":16.8}}]}}'


def test_what_says_nothing_is_not_sent():
    assert CODEC.encode(PropertyReport(values={"current_limit": 3.0}, wall_time=None), "1") is None
    assert CODEC.encode(InfoReport(facts={}), "1") is None
    assert CODEC.on_connected("1") == ()
    assert CODEC.encode_cleared(PropertySet(request_id="1", values={})) == ()
    assert CODEC.encode_taken(PropertySet(request_id="1", values={"power_switch": True})) == ()
    assert CODEC.ask_time() is None


def test_the_filters_are_those_that_the_platform_grants():
    assert [(each.topic, each.qos) for each in CODEC.subscriptions()] == [
        (PREFIX + "dp/post/json/+", 0),
        (PREFIX + "cmd/request/+", 0),
        (PREFIX + "cmd/response/+/+", 0),
    ]


def test_it_connects_and_speaks_within_the_platforms_limits():
    assert CODEC.name == "onenet"
    assert CODEC.limits.messages_per_s == 1
    assert CODEC.limits.payload_bytes == 256 * 1024
    assert CODEC.limits.rejected_interval_s == 300


def test_an_accepted_post_is_acknowledged():
    assert hear(CODEC, "dp/post/json/accepted", {"id": 123}) == Ack(
        message_id="123", is_accepted=True
    )


@pytest.mark.parametrize(
    ("body", "ack"),
    [
        (
            {"id": 123, "err_code": 98, "err_msg": "Illegal Data"},
            Ack(
                message_id="123",
                is_accepted=False,
                code=98,
                reason="Illegal Data",
                kind=RefusalKind.MALFORMED,
            ),
        ),
        ({"id": 0, "err_code": 100}, Ack(message_id="0", is_accepted=False, code=100)),
    ],
)
def test_a_rejected_post_is_told_with_its_reason(body, ack):
    assert hear(CODEC, "dp/post/json/rejected", body) == ack


@pytest.mark.parametrize(
    ("tail", "body"),
    [
        ("accepted", {}),
        ("accepted", {"id": "123"}),
        ("accepted", {"id": True}),
        ("rejected", {"id": -1, "err_code": 98, "err_msg": "Illegal Data"}),
        ("rejected", {"id": 1}),
        ("rejected", {"id": 1, "err_code": True}),
        ("rejected", []),
    ],
)
def test_an_answer_that_does_not_say_to_what_is_one_error(tail, body):
    with pytest.raises(CodecError):
        hear(CODEC, f"dp/post/json/{tail}", body)


# ── commands ────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("payload", "request_"),
    [
        (b"on", PropertySet(request_id=UUID, values={"power_switch": True})),
        (b" off\n", PropertySet(request_id=UUID, values={"power_switch": False})),
        (b"toggle", PropertyToggle(request_id=UUID, name="power_switch")),
        (b'{"count_down":"60"}', PropertySet(request_id=UUID, values={"count_down": 60})),
        (b'{"reset_energy":{}}', ActionCall(request_id=UUID, name="reset_energy", values={})),
        (
            b'{"reset_energy":{"mode":1}}',
            ActionCall(request_id=UUID, name="reset_energy", values={"mode": 1}),
        ),
        (b'{"reset_energy":1}', PropertySet(request_id=UUID, values={"reset_energy": 1})),
    ],
)
def test_a_command_is_understood_and_answered_once_under_its_own_id(payload, request_):
    got = CODEC.decode(REQUEST, payload)
    assert got == request_
    (publish,) = CODEC.encode_reply(got, DONE)
    assert publish.topic == f"{PREFIX}cmd/response/{UUID}"
    assert publish.payload == b'{"code":200,"msg":"success"}'
    assert (publish.qos, publish.is_answered) == (0, False)


@pytest.mark.parametrize(
    ("payload", "kind"),
    [
        (b"open sesame", RefusalKind.MALFORMED),
        (b"", RefusalKind.MALFORMED),
        (b'{"reset_energy":{"a":null}}', RefusalKind.WRONG_TYPE),
        (b'{"reset_energy":{},"power_switch":1}', RefusalKind.WRONG_TYPE),
        (b'{"power_switch":{}}', RefusalKind.WRONG_TYPE),
        (
            json.dumps({"reset_energy": {f"p{n}": 1 for n in range(101)}}).encode(),
            RefusalKind.WRONG_TYPE,
        ),
    ],
)
def test_what_is_no_command_is_refused_and_answered(payload, kind):
    bad = CODEC.decode(REQUEST, payload)
    assert isinstance(bad, BadRequest)
    assert (bad.request_id, bad.refusal.kind) == (UUID, kind)
    (publish,) = CODEC.encode_reply(bad, Outcome(refusal=bad.refusal))
    assert said(publish)["code"] in (400, 415)
    assert said(publish)["msg"] == bad.refusal.reason[:160]


def test_an_action_under_its_old_name_is_no_action():
    codec = datastream(rename={"reset_energy": "clear"})
    assert codec.decode(REQUEST, b'{"clear":{}}').name == "reset_energy"
    assert isinstance(codec.decode(REQUEST, b'{"reset_energy":{}}'), BadRequest)


def test_an_answer_is_always_shorter_than_the_platform_allows():
    command = CODEC.decode(REQUEST, b"on")
    for reason in ("x" * 5000, "\x01" * 5000, "开" * 5000, "😀" * 5000):
        (publish,) = CODEC.encode_reply(command, refused(RefusalKind.FAILED, reason))
        assert len(publish.payload) < 1024


def test_outputs_of_an_action_are_told_where_they_fit():
    field = Field(name="level", kind=Kind.INT, title="L", title_zh="L", maximum=9)
    prop = Property(field=field, read=lambda *_: 1, is_writable=True)
    action = Action(name="dim", title="D", title_zh="D", inputs=(field,))
    codec = make(
        settings(generation="datastream"), Thing(kind="lamp", properties=(prop,), actions=(action,))
    )
    call = codec.decode(REQUEST, b'{"dim":{"level":"3"}}')
    assert call == ActionCall(request_id=UUID, name="dim", values={"level": 3})
    (publish,) = codec.encode_reply(call, Outcome(values={"level": 3, "x": math.nan}))
    assert publish.payload == b'{"code":200,"msg":"success","data":{"level":3}}'
    (publish,) = codec.encode_reply(call, Outcome(values={"text": "x" * 1000}))
    assert publish.payload == b'{"code":200,"msg":"success"}'
    assert isinstance(codec.decode(REQUEST, b"toggle"), BadRequest)


@pytest.mark.parametrize(
    "tail",
    [
        "cmd/request/",
        "cmd/request/a+b",
        "cmd/request/a/b",
        "cmd/request/" + "a" * 65,
        f"cmd/response/{UUID}/accepted",
        f"cmd/response/{UUID}/rejected",
        "image/update/delta",
        "thing/property/set",
    ],
)
def test_other_topics_are_not_meant_for_us(tail):
    assert CODEC.decode(PREFIX + tail, b"on") is None
    assert CODEC.decode(f"$sys/9MaNe52pNO/dev2/cmd/request/{UUID}", b"on") is None


# ── names ───────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("stream", ["s" * 30, "$a.b_C9", "kwh"])
def test_a_stream_may_be_called_anything_that_the_platform_takes(stream):
    codec = datastream(rename={"total_energy": stream})
    report = PropertyReport(values={"total_energy": 1.5}, wall_time=None)
    assert list(said(codec.encode(report, "1"))["dp"]) == [stream]


@pytest.mark.parametrize("stream", ["s" * 31, "a-b", "a$b", "$", "电量"])
@pytest.mark.parametrize("name", ["total_energy", "low_voltage"])
def test_a_stream_that_the_platform_would_not_take_is_a_configuration_error(stream, name):
    with pytest.raises(ConfigError, match=rf"as the datastream of {name}; allowed: 1 to 30"):
        datastream(rename={name: stream})

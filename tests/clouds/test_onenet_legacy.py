"""The old multi-protocol platform, in bytes: `$dp` frames up, `$creq` commands down."""

import pytest

from agent.clouds.onenet import dp
from agent.errors import CodecError
from agent.messages import (
    DONE,
    ActionCall,
    BadRequest,
    EventReport,
    InfoReport,
    Outcome,
    PropertyReport,
    PropertySet,
    PropertyToggle,
)
from tests.clouds.onenet_support import legacy

CODEC = legacy(custom_topics=("TurnipRobot",), rename={"power_switch": "switch"})
NOW = 1_795_132_800.0
"""2026-11-20 00:00:00 UTC."""

VECTOR = "03001c7b22737769746368223a312c22766f6c74616765223a3232312e357d"
SENT_BY_THE_SDK = "0300177b22746573745f646174615f73747265616d223a39397d"


def report(measured, now=NOW, codec=CODEC, **values):
    values = values or {"power_switch": True, "voltage": 221.5}
    return codec.encode(PropertyReport(values=values, wall_time=measured), "1", now)


@pytest.mark.parametrize(
    ("measured", "now"), [(NOW, NOW), (NOW - 10, NOW), (NOW + 10, NOW), (None, NOW), (None, None)]
)
def test_what_is_fresh_is_the_vectors_frame_without_a_stamp(measured, now):
    publish = report(measured, now)
    assert (publish.topic, publish.qos, publish.is_answered) == ("$dp", 1, False)
    assert publish.payload.hex() == VECTOR


def test_a_frame_is_the_one_that_the_platforms_own_sdk_sends():
    assert dp.frame(dp.VALUES, {"test_data_stream": 99}).hex() == SENT_BY_THE_SDK


@pytest.mark.parametrize(
    ("stamps", "stamp"),
    [("beijing", b"2026-11-20 08:00:00"), ("utc", b"2026-11-20 00:00:00")],
)
def test_what_is_older_is_stamped(stamps, stamp):
    codec = legacy(stamps=stamps)
    for measured, now in ((NOW, NOW + 10.1), (NOW, NOW - 10.1), (NOW, None)):
        document = b'{"voltage":{"' + stamp + b'":221.5}}'
        payload = report(measured, now, codec, voltage=221.5).payload
        assert payload == b"\x04" + len(document).to_bytes(2, "big") + document


def test_without_stamps_what_is_older_counts_as_measured_on_arrival():
    payload = report(NOW, NOW + 3600, legacy(stamps="none"), voltage=221.5).payload
    assert payload == b'\x03\x00\x11{"voltage":221.5}'


def test_an_event_is_a_stream_of_objects():
    event = EventReport(name="low_voltage", values={"voltage": 180.0}, wall_time=NOW)
    assert CODEC.encode(event, "1", NOW).payload == b'\x03\x00\x21{"low_voltage":{"voltage":180.0}}'
    assert CODEC.encode(event, "1", NOW + 60).payload[:1] == b"\x04"
    assert b'{"low_voltage":{"2026-11-20 08:00:00":{"voltage":180.0}}}' in (
        CODEC.encode(event, "1", NOW + 60).payload
    )


def test_a_frame_that_its_length_cannot_tell_is_too_large_to_be_sent():
    fits = dp.frame(dp.VALUES, {"a": "x" * (dp.MAX_JSON - 8)})
    assert len(fits) == CODEC.limits.payload_bytes == 65_538
    assert fits[1:3] == b"\xff\xff"
    assert len(dp.frame(dp.VALUES, {"a": "x" * dp.MAX_JSON})) > CODEC.limits.payload_bytes


def test_what_says_nothing_is_not_sent():
    assert report(None, current_limit=3.0) is None
    assert CODEC.encode(InfoReport(facts={}), "1") is None
    assert CODEC.on_connected("1") == ()
    assert CODEC.encode_cleared(PropertySet(request_id="1", values={})) == ()
    assert CODEC.encode_taken(PropertySet(request_id="1", values={"power_switch": True})) == ()
    assert CODEC.ask_time() is None
    assert CODEC.name == "onenet"


# ── commands: those of the tutorials, word for word ─────────────────────────────────────────


@pytest.mark.parametrize(
    ("uuid", "payload", "values"),
    [
        ("3e25b3f5-27c8-50d5-b2bb-b7cb7ddddac4", b"on", {"power_switch": True}),
        ("c01cc820-72b2-50e2-ab0c-6954d35796ef", b"off", {"power_switch": False}),
        ("e2f94a0b-7363-56ec-b87c-1d5d02dc4774", b"toggle", None),
        ("9aa4a04f-eb90-503f-b14f-6f0575869c23", b"toggle", None),
    ],
)
def test_a_command_is_understood_and_answered_under_its_uuid(uuid, payload, values):
    request = CODEC.decode(f"$creq/{uuid}", payload)
    if values is None:
        assert request == PropertyToggle(request_id=uuid, name="power_switch")
    else:
        assert request == PropertySet(request_id=uuid, values=values)
    (publish,) = CODEC.encode_reply(request, DONE)
    assert publish.topic == f"$crsp/{uuid}"
    assert publish.payload == b'{"code":200,"msg":"success"}'
    assert (publish.qos, publish.is_answered) == (0, False)


def test_objects_and_actions_are_understood_too():
    assert CODEC.decode("$creq/a-1", b'{"switch":0}').values == {"power_switch": False}
    call = CODEC.decode("$creq/a-1", b'{"reset_energy":{}}')
    assert call == ActionCall(request_id="a-1", name="reset_energy", values={})


def test_what_is_no_command_is_refused_and_answered():
    bad = CODEC.decode("$creq/a-1", b"open sesame")
    assert isinstance(bad, BadRequest)
    (publish,) = CODEC.encode_reply(bad, Outcome(refusal=bad.refusal))
    assert publish.topic == "$crsp/a-1"
    assert publish.payload.startswith(b'{"code":400,')


@pytest.mark.parametrize("topic", ["$creq/", "$creq/a/b", "$creq/#", "$crsp/a", "x", ""])
def test_other_topics_are_not_meant_for_us(topic):
    assert CODEC.decode(topic, b"on") is None


def test_only_topics_of_the_users_own_are_subscribed():
    assert [(each.topic, each.qos) for each in CODEC.subscriptions()] == [("TurnipRobot", 0)]
    assert legacy().subscriptions() == ()


@pytest.mark.parametrize(
    ("payload", "request_"),
    [
        (b"on", PropertySet(request_id="", values={"power_switch": True})),
        (b"off", PropertySet(request_id="", values={"power_switch": False})),
        (b"toggle", PropertyToggle(request_id="", name="power_switch")),
    ],
)
def test_a_command_on_the_tutorials_topic_is_understood_and_not_answered(payload, request_):
    got = CODEC.decode("TurnipRobot", payload)
    assert got == request_
    assert CODEC.encode_reply(got, DONE) == ()


def test_garbage_on_that_topic_is_one_error():
    with pytest.raises(CodecError):
        CODEC.decode("TurnipRobot", b"\xff")

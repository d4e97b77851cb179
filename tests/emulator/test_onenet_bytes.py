"""Independent clients by their bytes: the official C SDK's three builds, and `onmqtt`."""

import json

import pytest

from tests.emulator import probe
from tests.emulator.onenet import (
    CONNACK,
    DEVICE,
    KEY,
    LEGACY,
    NAME,
    OWN,
    PRODUCT,
    STREAMS,
    datastream_device,
    legacy_device,
    legacy_login,
    login,
    make_datastream,
    make_legacy,
    make_thing,
    messages,
    say,
    thing_device,
    token,
    view,
)
from tests.emulator.support import Core

SDK_TOKEN = token(et=2524579200, method="sha1")


@pytest.mark.parametrize(
    ("make", "fields", "keepalive"),
    [
        (make_thing, login(password=SDK_TOKEN), 60),
        (make_datastream, login(password=SDK_TOKEN), 120),
        (make_legacy, legacy_login(), 120),
        (make_legacy, legacy_login(), 60),
    ],
)
def test_the_connects_of_the_sdk_and_of_onmqtt_are_let_in(make, fields, keepalive):
    packet = probe.connect(**(fields | {"keepalive": keepalive}))
    assert b"\x00\x04MQTT\x04\xc2" + keepalive.to_bytes(2, "big") in packet
    core = Core(make())
    core.open(1)
    assert core.say(1, packet) == [CONNACK]


def test_the_sdks_post_is_taken():
    core = thing_device()
    document = b'{"id":"1","version":"1.0","params":{"count_down":{"value":27}}}'
    ((topic, payload),) = say(core, f"{OWN}thing/property/post", document)
    assert topic == f"{OWN}thing/property/post/reply"
    assert json.loads(payload)["code"] == 200
    assert b'"id":"1"' in payload


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (b'{"id":"%s","code":200}', ""),
        (b'{"id":"%s","code":200,"msg":"success"}', "success"),
        (b'{"id":"%s","code":200,"message":"success"}', "success"),
        (b'{"id":"%s","code":200,"msg":null}', ""),
    ],
)
def test_a_set_reply_needs_no_msg_and_may_call_it_message(text, message):
    core = thing_device()
    request = core.platform.control(DEVICE, {"power_switch": True}, core.at)
    core.publish(request.publication)
    core.hear(1)
    assert say(core, f"{OWN}thing/property/set_reply", text % request.request_id.encode()) == []
    (answered,) = core.answers
    assert (answered.code, answered.message) == (200, message)


def test_the_sdks_replies_to_get_and_invoke_are_taken():
    core = thing_device()
    get = core.platform.get(DEVICE, ["int32", "float32"], core.at).request_id
    invoke = core.platform.invoke(DEVICE, "sum", {"a": 1, "b": 2}, core.at).request_id
    get_reply = b'{"id":"%s","code":200,"data":{"int32":66,"float32":3.14}}' % get.encode()
    say(core, f"{OWN}thing/property/get_reply", get_reply)
    invoke_reply = b'{"id":"%s","code":200,"data":{"c":3}}' % invoke.encode()
    say(core, f"{OWN}thing/service/sum/invoke_reply", invoke_reply)
    assert [answered.output for answered in core.answers] == [
        {"int32": 66, "float32": 3.14},
        {"c": 3},
    ]


def test_the_sdks_data_points_begin_with_id_0():
    core = datastream_device()
    document = b'{"id":0,"dp":{"data_stream_01":[{"v":2}]}}'
    assert say(core, f"{OWN}dp/post/json", document) == [
        (f"{OWN}dp/post/json/accepted", b'{"id":0}')
    ]
    assert view(core)["properties"] == {"data_stream_01": 2}


def test_the_sdk_may_answer_a_command_twice():
    core = datastream_device()
    request = core.platform.command(STREAMS, b"hello", core.at)
    core.publish(request.publication)
    core.hear(1)
    topic = f"{OWN}cmd/response/{request.request_id}"
    assert say(core, topic, b"hello") == [(f"{topic}/accepted", b"")]
    assert say(core, topic, b"hello") == [
        (f"{topic}/rejected", b'{"err_code":113,"err_msg":"cmd id not found"}')
    ]
    assert core.closed == set()


def test_the_sdks_legacy_frames_and_empty_answers_are_taken():
    core = legacy_device()
    assert core.say(1, probe.subscribe(("topic", 1))) == [(0x90, b"\x00\x01\x01")]
    say(core, "$dp", bytes.fromhex("0300177b22746573745f646174615f73747265616d223a39397d"))
    assert view(core)["properties"] == {"test_data_stream": 99}
    request = core.platform.command(LEGACY, b"cmd", core.at)
    assert core.publish(request.publication)
    assert messages(core.hear(1)) == [(f"$creq/{request.request_id}", b"cmd")]
    say(core, f"$crsp/{request.request_id}", b"")
    assert core.answers[0].output == {"payload": ""}


def test_onmqtts_iso_times_are_taken():
    core = legacy_device(keepalive=60)
    document = (
        b'{"datastreams": [{"id": "humidity", "datapoints": '
        b'[{"at": "2026-11-20T09:15:31.904789", "value": 22.5}]}]}'
    )
    assert len(document) == 0x6A
    say(core, "$dp", b"\x01\x00\x6a" + document)
    assert view(core)["properties"] == {"humidity": 22.5}
    assert view(core)["stream_times"]["humidity"] == pytest.approx(1_795_137_331.904789)


def test_the_simulators_order_of_a_token_is_taken():
    fields = dict(part.partition("=")[::2] for part in token(method="sha1").split("&"))
    res = f"products/{PRODUCT}/devices/{NAME}"
    text = f"res={res}&et={fields['et']}&method=sha1&version=2018-10-31&sign={fields['sign']}"
    assert KEY not in text
    assert Core(make_thing()).connect(1, **login(password=text)) == [CONNACK]

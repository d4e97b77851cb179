"""The traffic of the official SDKs, by bytes, as it was captured or as their code writes it."""

import json

import pytest

from tests.emulator import probe
from tests.emulator.aliyun import (
    CONNACK,
    DEVICE,
    OWN,
    POST,
    SET,
    THING,
    WITH_SYNC,
    described,
    make_device,
    make_platform,
)
from tests.emulator.support import Core

PYTHON_CONNECT = bytes.fromhex("10ba01") + b"".join(
    (
        b"\x00\x04MQTT\x04\xc2\x00\x3c",
        b"\x00\x6da1TestPK001&socket-01|securemode=3,signmethod=hmacsha1,ext=1,_ss=1,",
        b"lan=Python,_v=1.2.13,timestamp=1700000000|",
        b"\x00\x15socket-01&a1TestPK001",
        b"\x00\x288da0e25546352810326f45a4c89dfc559b300530",
    )
)


def python_client(tsl=None):
    core = Core(make_platform() if tsl is None else make_platform(tsl=tsl))
    core.open(1)
    assert core.say(1, PYTHON_CONNECT) == [CONNACK]
    return core


def heard(packets):
    return [probe.read_message(*packet) for packet in packets if packet[0] >> 4 == 3]


def test_the_python_sdk_posts_and_is_answered_though_it_never_subscribes():
    core = python_client()
    payload = (
        b'{"id":"1","version":"1.0","params":{"PowerSwitch":1},'
        b'"method":"thing.event.property.post"}'
    )
    packets = core.say(1, probe.publish(POST, payload, qos=1))
    assert packets[0] == (0x40, b"\x00\x01")
    (message,) = heard(packets)
    assert message.topic == f"{POST}_reply"
    reply = json.loads(message.payload)
    assert {key: reply[key] for key in ("id", "code", "data", "message")} == {
        "id": "1",
        "code": 200,
        "data": {},
        "message": "success",
    }
    assert described(core)["properties"] == {"PowerSwitch": 1}


def test_the_python_sdk_posts_an_event_with_value_and_without_time():
    core = python_client()
    topic = f"{THING}/event/OverCurrent/post"
    payload = (
        b'{"id":"2","version":"1.0","params":{"value":{"Current":1.5}},'
        b'"method":"thing.event.OverCurrent.post"}'
    )
    (message,) = heard(core.say(1, probe.publish(topic, payload)))
    assert (message.topic, json.loads(message.payload)["id"]) == (f"{topic}_reply", "2")
    (event,) = described(core)["events"]
    assert (event["params"], event["timestamp_ms"]) == ({"Current": 1.5}, None)


def test_the_python_sdk_answers_a_set_at_qos_1_without_a_message():
    core = python_client()
    request = core.platform.control(DEVICE, {"PowerSwitch": 1}, core.at)
    assert core.publish(request.publication)
    (message,) = heard(core.hear(1))
    assert message.topic == SET
    payload = b'{"id":"%s","code":200,"data":{}}' % request.request_id.encode()
    assert core.say(1, probe.publish(f"{SET}_reply", payload, qos=1)) == [(0x40, b"\x00\x01")]
    assert [(each.request_id, each.code) for each in core.answers] == [(request.request_id, 200)]


def test_the_python_sdk_is_called_synchronously_on_extended_topics():
    core = python_client(WITH_SYNC)
    request = core.platform.invoke(DEVICE, "ReadMeter", {}, core.at)
    assert core.publish(request.publication)
    (message,) = heard(core.hear(1))
    assert message.topic == f"/ext/rrpc/{request.request_id}{THING}/service/ReadMeter"
    core.say(1, probe.publish(message.topic, b'{"id":"1","code":200,"data":{}}'))
    assert [each.request_id for each in core.answers] == [request.request_id]


@pytest.mark.parametrize("is_upper", [True, False])
def test_the_c_sdk_connects_with_its_constant_timestamp(is_upper):
    # HMAC-SHA256 of clientIda1TestPK001.socket-01deviceNamesocket-01productKeya1TestPK001
    # timestamp2524608000000.
    password = C_PASSWORD.upper() if is_upper else C_PASSWORD
    core = Core(make_platform())
    assert core.connect(
        1,
        client_id=(
            "a1TestPK001.socket-01|timestamp=2524608000000,_ss=1,_v=sdk-c-4.2.0,securemode=2,"
            "signmethod=hmacsha256,ext=3,_conn=tls_18bc_-0,|"
        ),
        username="socket-01&a1TestPK001",
        password=password,
        keepalive=1200,
    ) == [CONNACK]


C_PASSWORD = "53addef668199321092ae5013dfd3e55944a2227d0b1e89c99854e8da6dad5e9"


def c_client(tsl=None):
    options = {} if tsl is None else {"tsl": tsl}
    return make_device(timestamp="2524608000000", extra="_ss=1,_v=sdk-c-4.2.0,ext=3", **options)


def test_the_c_sdk_posts_without_a_method():
    core = c_client()
    payload = b'{"id":"1","version":"1.0","params":{"PowerSwitch": 0},"sys":{"ack":1}}'
    (message,) = heard(core.say(1, probe.publish(POST, payload)))
    reply = json.loads(message.payload)
    assert (reply["id"], reply["code"]) == ("1", 200)
    assert reply["method"] == "thing.event.property.post"


def test_the_c_sdk_posts_an_event_without_value_and_method():
    core = c_client()
    topic = f"{THING}/event/OverCurrent/post"
    payload = b'{"id":"2","version":"1.0","params":{"Current": 16.2},"sys":{"ack":0}}'
    assert core.say(1, probe.publish(topic, payload)) == []
    assert described(core)["events"][0]["params"] == {"Current": 16.2}


@pytest.mark.parametrize(
    ("path", "params"),
    [
        ("property/desired/get", b'["PowerSwitch"]'),
        ("property/desired/delete", b'{"PowerSwitch":{}}'),
        ("deviceinfo/update", b'[{"attrKey":"a","attrValue":"b"}]'),
        ("log/post", b'[{"logLevel":"INFO"}]'),
    ],
)
def test_the_c_sdk_sends_no_method_elsewhere_either(path, params):
    payload = b'{"id":"3","version":"1.0","params":%s}' % params
    (message,) = heard(c_client().say(1, probe.publish(f"{THING}/{path}", payload)))
    assert json.loads(message.payload)["code"] == 200


def test_the_c_sdk_answers_a_call_on_the_topic_it_came_on():
    core = c_client(WITH_SYNC)
    request = core.platform.invoke(DEVICE, "ReadMeter", {}, core.at)
    core.publish(request.publication)
    (message,) = heard(core.hear(1))
    core.say(1, probe.publish(message.topic, b'{"id":"1","code":200,"data":{}}'))
    assert len(core.answers) == 1


def test_an_old_c_sdk_is_told_the_service_by_the_method():
    core = make_device(tsl=WITH_SYNC, extra="", timestamp="2524608000000")
    core.say(1, probe.subscribe((f"/sys/{OWN}/rrpc/request/+", 0)))
    request = core.platform.invoke(DEVICE, "ReadMeter", {}, core.at)
    core.publish(request.publication)
    (message,) = heard(core.hear(1))
    assert json.loads(message.payload)["method"] == "thing.service.ReadMeter"

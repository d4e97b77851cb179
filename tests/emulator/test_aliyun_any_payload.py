"""Whatever a device sends, the platform goes on, and answers each request once or not at all."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.emulator.aliyun.rules import AliyunRules
from tests.emulator import probe
from tests.emulator.aliyun import (
    DEVICE,
    OWN,
    SET,
    THING,
    described,
    login,
    make_device,
    make_platform,
)
from tests.emulator.support import Core

pytestmark = pytest.mark.unmeasured

ANSWERED = [
    f"{THING}/{path}"
    for path in (
        *("event/property/post", "event/property/batch/post", "event/property/history/post"),
        *("event/OverCurrent/post", "event/NoSuch/post", "property/desired/get"),
        *("property/desired/delete", "deviceinfo/update", "deviceinfo/delete", "config/get"),
        *("config/log/get", "log/post", "dsltemplate/get"),
    )
]
SILENT = [
    *(f"{SET}_reply", f"{THING}/service/property/get_reply", f"{THING}/service/X_reply"),
    *(f"{THING}/disable_reply", f"/sys/{OWN}/rrpc/response/1", f"/ext/rrpc/1/{OWN}/user/x"),
    *(f"/ext/rrpc/1{THING}/service/X", f"/ota/device/inform/{OWN}", f"/shadow/update/{OWN}"),
    *(f"{THING}/model/up_raw", f"{THING}/topo/get", f"/{OWN}/user/update"),
]
RULES = st.sampled_from(
    [
        AliyunRules(),
        AliyunRules(refuses_unknown=True, checks_ranges=True),
        AliyunRules(demands_decimal_point=True, names_what_is_left_out=True),
    ]
)
KEYS = (
    *("id", "version", "method", "params", "sys", "ack", "value", "time", "properties", "events"),
    *("PowerSwitch", "CurrentVoltage", "CountDown", "TimeLeft", "OverCurrent", "Current"),
    *("attrKey", "attrValue", "identity", "productKey", "code", "data", "deviceSendTime"),
)
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=5)
    ),
    max_leaves=12,
)


def replies(core, topic, payload):
    packets = core.say(1, probe.publish(topic, payload), probe.PINGREQ)
    assert packets[-1] == probe.PINGRESP
    return [probe.read_message(*packet) for packet in packets[:-1]]


@settings(max_examples=150)
@given(st.sampled_from(ANSWERED), st.binary(max_size=100), RULES)
def test_any_bytes_to_a_request_topic_are_answered_with_a_code(topic, payload, rules):
    (message,) = replies(make_device(rules), topic, payload)
    reply = json.loads(message.payload)
    assert message.topic == f"{topic}_reply"
    assert reply.keys() >= {"id", "code", "data", "message"}
    assert reply["code"] in {200, 460, 5160, 6207, 6713} or 6300 <= reply["code"] < 6500


NAMES = st.text(max_size=3) | st.sampled_from(KEYS)


@settings(max_examples=150)
@given(st.sampled_from(ANSWERED), JSON, st.dictionaries(NAMES, JSON, max_size=5), RULES)
def test_any_json_to_a_request_topic_is_answered_unless_it_wants_no_reply(
    topic, params, extra, rules
):
    core = make_device(rules)
    document = extra | {"id": "7", "params": params}
    found = replies(core, topic, json.dumps(document).encode())
    system = document.get("sys")
    ack = system.get("ack") if isinstance(system, dict) else None
    assert len(found) == (type(ack) not in {int, float} or ack != 0)
    for message in found:
        reply = json.loads(message.payload)
        assert reply["id"] == "7"
        assert isinstance(reply["code"], int)
    json.dumps(described(core), allow_nan=False)


@settings(max_examples=150)
@given(st.sampled_from(SILENT), st.binary(max_size=50) | JSON.map(json.dumps).map(str.encode))
def test_anything_to_a_topic_without_replies_is_taken_in_silence(topic, payload):
    core = make_device()
    core.platform.command(DEVICE, b"", core.at)
    assert replies(core, topic, payload) == []


@settings(max_examples=150)
@given(JSON.map(json.dumps).map(str.encode) | st.binary(max_size=50))
def test_anything_asks_for_the_time_or_is_dropped(payload):
    assert len(replies(make_device(), f"/ext/ntp/{OWN}/request", payload)) <= 1


@settings(max_examples=150)
@given(st.text(max_size=40), st.text(max_size=20), st.binary(max_size=20))
def test_any_login_is_judged(client_id, username, password):
    core = Core(make_platform())
    core.open(1)
    client_id, username = (
        "".join(each for each in text if each.isprintable()) for text in (client_id, username)
    )
    packet = probe.connect(client_id or "x", username=username, password=password)
    assert core.say(1, packet) in ([(0x20, b"\x00\x02")], [(0x20, b"\x00\x04")])


@settings(max_examples=150)
@given(st.text(alphabet="|=,_s1ext&", max_size=40))
def test_any_extension_parameters_are_judged(text):
    core = Core(make_platform())
    given_login = login() | {"client_id": f"a1TestPK001.socket-01|signmethod=hmacsha256,{text}|"}
    ((head, body),) = core.connect(1, **given_login)
    assert (head, body[1]) == (0x20, 0)

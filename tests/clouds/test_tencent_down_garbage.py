"""What cannot be understood or is not meant for us: one error or nothing, never a crash."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.devices.socket.thing_table import SOCKET
from agent.errors import CodecError
from agent.messages import BadRequest, Outcome, PropertySet
from tests.clouds.downlinks import ACTION, CODEC, EVENT, PROPERTY, TIME, TOPICS, decode
from tests.clouds.support import DEVICE


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


@settings(max_examples=150, deadline=None)
@given(topic=st.sampled_from(TOPICS), payload=st.binary(max_size=200))
def test_any_bytes_give_a_message_or_one_error(topic, payload):
    understand(topic, payload)


@settings(max_examples=150, deadline=None)
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
        CODEC.encode_reply(downlink, outcome)

"""Any topic and any bytes: a message that the thing can judge, nothing, or one error."""

import json

from hypothesis import given, settings
from hypothesis import strategies as st

from agent.devices.socket.thing_table import SOCKET
from agent.errors import CodecError
from agent.messages import (
    DONE,
    ActionCall,
    BadRequest,
    EventReport,
    Outcome,
    PropertyGet,
    PropertyReport,
    PropertySet,
    PropertyToggle,
    ResyncAnswer,
)
from tests.clouds.onenet_support import PREFIX, datastream, legacy, thing

CODECS = (thing(), datastream(), legacy(custom_topics=("TurnipRobot",)))
TAILS = [
    "thing/property/set",
    "thing/property/get",
    "thing/property/post/reply",
    "thing/event/post/reply",
    "thing/property/desired/get/reply",
    "thing/property/desired/delete/reply",
    "thing/service/reset_energy/invoke",
    "thing/service/x/invoke",
    "dp/post/json/accepted",
    "dp/post/json/rejected",
    "cmd/request/3e25b3f5-27c8-50d5-b2bb-b7cb7ddddac4",
    "cmd/response/x/accepted",
]
TOPICS = st.sampled_from([*(PREFIX + tail for tail in TAILS), "$creq/a-1", "TurnipRobot"])
ANY_TOPIC = TOPICS | st.text(max_size=40) | st.builds("{}{}".format, TOPICS, st.text(max_size=5))

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3)
    ),
    max_leaves=10,
)
IDS = st.sampled_from(["power_switch", "count_down", "voltage", "current_limit", "x", "\ud800"])
VALUES = st.dictionaries(IDS, JSON, max_size=4)
DESIRED = st.dictionaries(
    IDS, st.fixed_dictionaries({}, optional={"value": JSON, "version": JSON}) | JSON, max_size=4
)
BODIES = st.fixed_dictionaries(
    {},
    optional={
        "id": st.sampled_from(["7", 7, -1]) | JSON,
        "code": st.sampled_from([200, 309, 2409]) | JSON,
        "err_code": st.sampled_from([98, 100]) | JSON,
        "err_msg": JSON,
        "msg": JSON,
        "message": JSON,
        "params": VALUES | st.lists(IDS | JSON, max_size=4) | JSON,
        "data": DESIRED | JSON,
    },
)
COMMANDS = st.sampled_from([b"on", b"off", b"toggle", b'{"reset_energy":{}}'])
PAYLOADS = (
    st.binary(max_size=200)
    | COMMANDS
    | (BODIES | VALUES | JSON).map(lambda body: json.dumps(body).encode())
)


@settings(max_examples=150, deadline=None)
@given(codec=st.sampled_from(CODECS), topic=ANY_TOPIC, payload=PAYLOADS)
def test_any_bytes_give_a_message_that_can_be_judged_and_answered_or_one_error(
    codec, topic, payload
):
    try:
        downlink = codec.decode(topic, payload)
    except CodecError:
        return
    if isinstance(downlink, PropertySet):
        SOCKET.fault(downlink.values)
        assert_sendable([*codec.encode_reply(downlink, DONE), *codec.encode_taken(downlink)])
    if isinstance(downlink, BadRequest):
        assert_sendable(codec.encode_reply(downlink, Outcome(refusal=downlink.refusal)))
    if isinstance(downlink, ActionCall | PropertyToggle | PropertyGet):
        assert_sendable(codec.encode_reply(downlink, DONE))
    if isinstance(downlink, ResyncAnswer) and downlink.stored is not None:
        SOCKET.fault(downlink.stored.values)
        (cleared,) = codec.encode_cleared(downlink.stored)
        assert json.loads(cleared.payload)["params"]


def assert_sendable(publishes):
    for publish in publishes:
        assert {"+", "#"}.isdisjoint(publish.topic)
        json.loads(publish.payload)


NUMBERS = st.floats(allow_nan=True, allow_infinity=True) | st.integers(-(2**62), 2**62)
REPORTED = st.dictionaries(
    st.sampled_from([row.field.name for row in SOCKET.properties]),
    NUMBERS | st.booleans() | st.text(max_size=20),
    max_size=9,
)
TIMES = st.none() | st.floats(0, 4e9)


@given(codec=st.sampled_from(CODECS), values=REPORTED, at=TIMES, now=TIMES)
def test_any_values_give_a_message_without_null_or_nan(codec, values, at, now):
    for message in (
        PropertyReport(values=values, wall_time=at),
        EventReport(name="low_voltage", values=values, wall_time=at),
    ):
        publish = codec.encode(message, "2147483647", now)
        if publish is not None:
            document = publish.payload[3 if publish.topic == "$dp" else 0 :]
            assert None not in leaves(json.loads(document, parse_constant=not_finite))


def leaves(value):
    if isinstance(value, dict):
        value = list(value.values())
    if not isinstance(value, list):
        return [value]
    return [leaf for inner in value for leaf in leaves(inner)]


def not_finite(constant):
    raise AssertionError(constant)


@given(values=st.dictionaries(st.sampled_from(["power_switch"]), st.booleans(), min_size=1))
def test_what_was_desired_comes_back_as_it_was_posted(values):
    codec = CODECS[0]
    posted = json.loads(codec.encode(PropertyReport(values=values, wall_time=None), "1").payload)[
        "params"
    ]
    body = {"id": "1", "code": 200, "data": posted}
    stored = codec.decode(
        PREFIX + "thing/property/desired/get/reply", json.dumps(body).encode()
    ).stored
    assert stored.values == values

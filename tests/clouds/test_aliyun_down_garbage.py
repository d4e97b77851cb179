"""What cannot be understood or is not meant for us: one error or nothing, never a crash."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.devices.socket.thing_table import SOCKET
from agent.errors import CodecError
from agent.messages import (
    DONE,
    ActionCall,
    BadRequest,
    Notice,
    Outcome,
    PropertyGet,
    PropertyReport,
    PropertySet,
    PropertyToggle,
    ResyncAnswer,
)
from tests.clouds.aliyun_device import (
    CALL,
    CODEC,
    DESIRED,
    DN,
    EXTENDED,
    GET,
    PK,
    POST,
    SET,
    THING,
    decode,
    make_codec,
    read,
    wanted,
)

USER = f"/{PK}/{DN}/user/get"
LENIENT = make_codec(read_only_in_set="ignore", custom_topics=(USER,))
TOPICS = [
    SET,
    GET,
    f"{THING}/service/ResetEnergy",
    f"{THING}/service/Explode",
    f"{POST}_reply",
    f"{THING}/event/Trip/post_reply",
    f"{DESIRED}/get_reply",
    f"{DESIRED}/delete_reply",
    f"{THING}/deviceinfo/update_reply",
    f"{THING}/disable",
    f"/ext/ntp/{PK}/{DN}/response",
    CALL,
    f"{EXTENDED}/ResetEnergy",
    f"{EXTENDED}/property/set",
    USER,
]


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"\xff\xfe",
        b"[]",
        b"{}",
        b'{"id":null,"params":{}}',
        b'{"a":' + b"[" * 20_000,
        b'{"id":"1","a":"' + b"x" * 65_536 + b'"}',
    ],
)
def test_what_cannot_be_understood_is_one_error(payload):
    with pytest.raises(CodecError):
        CODEC.decode(SET, payload)


@pytest.mark.parametrize(
    "topic",
    [
        "",
        "x",
        POST,
        f"/sys/{PK}/other/thing/service/property/set",
        f"{THING}/service/",
        f"{THING}/event/post_reply",
        f"{THING}/config/push",
        f"/ota/device/upgrade/{PK}/{DN}",
        f"/sys/{PK}/{DN}/rrpc/request/",
        f"/sys/{PK}/{DN}/broadcast/request/1",
        USER,
    ],
)
def test_other_topics_are_not_meant_for_us(topic):
    assert CODEC.decode(topic, b"whatever") is None


@pytest.mark.parametrize(
    "topic",
    [f"{THING}/service/+", f"/sys/{PK}/{DN}/rrpc/request/#", f"/ext/rrpc/+{THING}/service/X"],
)
def test_no_answer_is_sent_to_a_wildcard(topic):
    assert decode(topic, id="1", method="thing.service.ResetEnergy") is None


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3)
    ),
    max_leaves=10,
)
IDENTIFIERS = st.sampled_from(["PowerSwitch", "CountDown", "CurrentVoltage", "power_switch", "x"])
MEMBERS = st.dictionaries(
    st.sampled_from(["IsRunning", "TimeLeft", "PowerSwitch", "Timestamp", "x"]),
    st.integers(-1, 3) | JSON,
)
ENTRIES = st.fixed_dictionaries({}, optional={"value": JSON | MEMBERS, "version": JSON})
BODIES = st.fixed_dictionaries(
    {},
    optional={
        "id": st.sampled_from(["1", 1]) | JSON,
        "code": st.sampled_from([200, "200", 6320]) | JSON,
        "method": st.sampled_from(["ResetEnergy", "property.set", "property.get", "x"]).map(
            "thing.service.{}".format
        )
        | JSON,
        "params": st.dictionaries(IDENTIFIERS, JSON | MEMBERS, max_size=4)
        | st.lists(IDENTIFIERS)
        | JSON,
        "data": st.dictionaries(IDENTIFIERS, ENTRIES | JSON, max_size=4) | JSON,
        "message": JSON,
        "serverRecvTime": st.just("1") | JSON,
        "serverSendTime": st.just(1) | JSON,
    },
)
MIDDLES = st.text(st.sampled_from("abX/+#_é\ud800"), max_size=8)
ANY_TOPIC = (
    st.sampled_from(TOPICS)
    | st.text(max_size=40)
    | st.tuples(
        st.sampled_from(
            [f"{THING}/", f"{THING}/service/", f"{THING}/event/", "/ext/rrpc/", "/sys"]
        ),
        MIDDLES,
        st.sampled_from(["", "/post_reply", "_reply", f"{THING}/service/ResetEnergy"]),
    ).map("".join)
)


@settings(max_examples=150, deadline=None)
@given(topic=ANY_TOPIC, payload=st.binary(max_size=200))
def test_any_bytes_give_a_message_or_one_error(topic, payload):
    understand(topic, payload)


@settings(max_examples=150, deadline=None)
@given(topic=ANY_TOPIC, body=BODIES)
def test_any_json_gives_a_message_that_can_be_judged_and_answered_or_one_error(topic, body):
    understand(topic, json.dumps(body).encode())


def understand(topic, payload):
    for codec in (CODEC, LENIENT):
        try:
            downlink = codec.decode(topic, payload)
        except CodecError:
            continue
        if isinstance(downlink, ResyncAnswer):
            downlink = downlink.stored
        sent = []
        match downlink:
            case PropertySet():
                SOCKET.fault(downlink.values)
                sent += [*codec.encode_reply(downlink, DONE), *codec.encode_taken(downlink)]
                sent += codec.encode_cleared(downlink)
            case BadRequest():
                sent += codec.encode_reply(downlink, Outcome(refusal=downlink.refusal))
            case ActionCall() | PropertyGet() | PropertyToggle() | Notice():
                sent += codec.encode_reply(downlink, DONE)
        for publish in sent:
            read(publish)
            assert not set(publish.topic) & set("+#")


WRITABLE = st.fixed_dictionaries(
    {},
    optional={
        "power_switch": st.booleans(),
        "current_limit": st.floats(0, 50).map(lambda value: round(value, 1)),
        "count_down": st.integers(0, 86_399),
    },
)


@settings(max_examples=100, deadline=None)
@given(values=WRITABLE, wall_time=st.none() | st.floats(1, 2e9))
def test_what_is_reported_can_be_set_again(values, wall_time):
    publish = CODEC.encode(PropertyReport(values=values, wall_time=wall_time), "1")
    if not values:
        assert publish is None
        return
    params = read(publish)["params"]
    bare = {key: one["value"] if wall_time else one for key, one in params.items()}
    asked = wanted(CODEC, **bare)
    assert asked.values == values
    if values.get("count_down") and "power_switch" in values:
        assert asked.ends_in is not values["power_switch"]
    else:
        assert asked.ends_in is None

"""Tencent's topics of the user's own: commands come on them, and nothing goes back."""

import json

import pytest

from agent.errors import CodecError, ConfigError
from agent.messages import DONE, PropertySet, PropertyToggle
from tests.clouds.downlinks import PROPERTY, decode
from tests.clouds.support import DEVICE, make_codec

TOPIC = f"{DEVICE}/control"
CODEC = make_codec(custom_topics=(TOPIC, f"{DEVICE}/a/b"), rename={"power_switch": "onoff"})


def test_topics_of_the_users_own_are_subscribed_behind_the_platforms():
    added = [each for each in CODEC.subscriptions() if each not in make_codec().subscriptions()]
    assert [(each.topic, each.qos) for each in added] == [(TOPIC, 0), (f"{DEVICE}/a/b", 0)]


@pytest.mark.parametrize(
    ("payload", "request_"),
    [
        (b"on", PropertySet(request_id="", values={"power_switch": True})),
        (b"off\n", PropertySet(request_id="", values={"power_switch": False})),
        (b"toggle", PropertyToggle(request_id="", name="power_switch")),
        (b'{"onoff":1}', PropertySet(request_id="", values={"power_switch": True})),
    ],
)
def test_a_command_on_such_a_topic_is_understood_and_not_answered(payload, request_):
    got = CODEC.decode(TOPIC, payload)
    assert got == request_
    assert CODEC.encode_reply(got, DONE) == ()


def test_the_platforms_own_controls_are_answered_as_before():
    control = decode(PROPERTY, CODEC, method="control", clientToken="t", params={"onoff": 1})
    (reply,) = CODEC.encode_reply(control, DONE)
    assert json.loads(reply.payload)["clientToken"] == "t"


def test_garbage_on_such_a_topic_is_one_error():
    with pytest.raises(CodecError):
        CODEC.decode(TOPIC, b"open sesame")


@pytest.mark.parametrize(
    "topic",
    [
        "TurnipRobot",
        f"{DEVICE}/",
        DEVICE,
        "CS0SLTKSYA/dev2/control",
        f"{DEVICE}/+",
        f"{DEVICE}/#",
        f"{DEVICE}/a\0",
        f"$thing/down/property/{DEVICE}",
    ],
)
def test_a_topic_that_is_not_this_devices_is_a_configuration_error(topic):
    with pytest.raises(ConfigError, match=r"custom_topics: found .*allowed: topics of this"):
        make_codec(custom_topics=(topic,))

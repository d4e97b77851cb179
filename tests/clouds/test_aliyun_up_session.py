"""What Aliyun is asked for after a connect, the topics that are heard, the limits."""

import pytest

from agent.thing import Thing
from tests.clouds.aliyun_device import DESIRED, DN, GET, PK, SET, THING, make_codec, read

HISTORY_REPLY = f"{THING}/event/property/history/post_reply"
BATCH_REPLY = f"{THING}/event/property/batch/post_reply"
EMPTY = Thing(kind="nothing", properties=())


def test_after_connecting_it_asks_for_what_can_be_set():
    (publish,) = make_codec().on_connected("9")
    assert (publish.topic, publish.qos) == (f"{DESIRED}/get", 1)
    assert read(publish) == {
        "id": "9",
        "version": "1.0",
        "sys": {"ack": 1},
        "params": [
            "PowerSwitch",
            "CountDown",
            "CountDownList",
            "OverCurrentThreshold",
            "LocalTimer",
        ],
        "method": "thing.property.desired.get",
    }
    assert make_codec(EMPTY).on_connected("9") == ()


def test_the_time_is_asked_for_on_its_own_topic():
    publish = make_codec().ask_time()
    assert publish is not None
    assert (publish.topic, publish.qos) == (f"/ext/ntp/{PK}/{DN}/request", 0)
    assert publish.payload == b'{"deviceSendTime":"0"}'


def test_the_limits_are_the_platforms():
    limits = make_codec().limits
    assert limits.connect_interval_s * 5 >= 60
    assert (limits.messages_per_s, limits.payload_bytes) == (10, 256 * 1024)
    assert limits.rejected_interval_s >= 120
    assert make_codec().name == "aliyun"


def test_with_implicit_topics_only_the_essential_ones_are_subscribed_to():
    found = [(each.topic, each.qos, each.is_needed) for each in make_codec().subscriptions()]
    assert found == [
        (SET, 1, True),
        (f"{THING}/event/+/post_reply", 1, True),
        (f"{DESIRED}/get_reply", 1, True),
        (HISTORY_REPLY, 1, False),
        (BATCH_REPLY, 1, False),
    ]


@pytest.mark.parametrize(
    ("changes", "replies"),
    [
        ({"history": "batch"}, [BATCH_REPLY]),
        ({"history": "single", "batch": "properties"}, [BATCH_REPLY]),
        ({"batch": "none"}, [HISTORY_REPLY]),
        ({"history": "single", "batch": "none"}, []),
    ],
)
def test_what_is_never_posted_needs_no_subscription(changes, replies):
    topics = [each.topic for each in make_codec(**changes).subscriptions()]
    assert topics[3:] == replies


def test_without_them_every_topic_is():
    topics = [one.topic for one in make_codec(system_topics="subscribe").subscriptions()]
    assert topics == [
        SET,
        f"{THING}/event/+/post_reply",
        f"{DESIRED}/get_reply",
        HISTORY_REPLY,
        BATCH_REPLY,
        GET,
        f"{THING}/service/+",
        f"{THING}/deviceinfo/update_reply",
        f"{THING}/disable",
        f"{THING}/enable",
        f"{THING}/delete",
        f"/sys/{PK}/{DN}/rrpc/request/+",
        f"/ext/ntp/{PK}/{DN}/response",
    ]
    own = [topic for topic in topics if topic not in {HISTORY_REPLY, BATCH_REPLY}]
    assert all(len(topic) <= 128 for topic in topics)
    assert all(topic.count("/") <= 7 for topic in own)

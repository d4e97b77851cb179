"""Topics of OneNET: a wrong PUBLISH ends the session, a wrong SUBSCRIBE gets 0x80."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.emulator import topics
from agent.emulator.onenet.rules import OnenetRules
from agent.emulator.onenet.topics import overlaps
from tests.emulator import probe
from tests.emulator.onenet import (
    OWN,
    PRODUCT,
    datastream_device,
    messages,
    post,
    say,
    thing_device,
)

REFUSED = [(0x90, b"\x00\x01\x80")]
GRANTED = [(0x90, b"\x00\x01\x00")]


@pytest.mark.parametrize(
    "topic",
    [
        f"{OWN}thing/property/post/reply",
        f"{OWN}thing/property/set",
        f"{OWN}thing/propert/post",
        f"{OWN}thing/property/Post",
        f"{OWN}thing/service/a/b/invoke_reply",
        f"{OWN}dp/post/json",
        f"{OWN}",
        f"$sys/{PRODUCT}/dev2/thing/property/post",
        "$sys/other/dev1/thing/property/post",
        "user/topic",
        "$dp",
    ],
)
def test_a_thing_that_publishes_elsewhere_is_cut(topic):
    core = thing_device()
    assert say(core, topic, b"{}") == []
    assert core.closed == {1}


@pytest.mark.parametrize(
    "topic",
    [
        f"{OWN}dp/post/json/accepted",
        f"{OWN}cmd/request/1",
        f"{OWN}cmd/response/1/accepted",
        f"{OWN}thing/property/post",
        f"{OWN}dp/post/{'x' * 600}",
    ],
)
def test_a_datastream_that_publishes_elsewhere_is_cut(topic):
    core = datastream_device()
    assert say(core, topic, b"{}") == []
    assert core.closed == {1}


@pytest.mark.parametrize(
    "topic",
    [f"{OWN}thing/sub/login", f"{OWN}thing/sub/property/set_reply", f"{OWN}ota/inform_reply"],
)
def test_a_dialogue_that_is_not_emulated_is_noted_and_does_no_harm(topic):
    core = thing_device()
    assert say(core, topic, b"{}") == []
    assert core.closed == set()
    assert core.notes[-1].event == "uplink.ignored"


def test_the_image_of_a_datastream_is_noted_and_does_no_harm():
    core = datastream_device()
    assert say(core, f"{OWN}image/update", b"{}") == []
    assert core.closed == set()


@pytest.mark.parametrize(
    "topic_filter",
    [
        f"{OWN}thing/#",
        f"{OWN}thing/property/#",
        f"{OWN}ota/#",
        f"{OWN}thing/service/+/invoke",
        f"{OWN}thing/service/reset_energy/invoke",
        f"{OWN}thing/property/set",
        f"{OWN}thing/property/post/reply",
        f"{OWN}thing/property/desired/get/reply",
        f"{OWN}#",
        f"{OWN}thing/+/+",
    ],
)
def test_a_thing_may_subscribe_to_its_downlinks(topic_filter):
    assert thing_device().say(1, probe.subscribe((topic_filter, 1))) == GRANTED


@pytest.mark.parametrize(
    "topic_filter",
    [
        "#",
        "$sys/#",
        f"$sys/{PRODUCT}/#",
        f"$sys/{PRODUCT}/+/thing/#",
        f"$sys/{PRODUCT}/dev2/thing/#",
        f"{OWN}cmd/#",
        f"{OWN}dp/post/json/accepted",
        f"{OWN}thing/property/post",
        f"{OWN}thing/property/sett",
        f"{OWN}thing/property/set/",
        f"{OWN}thing/a/b/c/d/e",
        f"{OWN}thing/property/desired/get/reply/#",
        f"{OWN}thing/service/{'x' * 600}/invoke",
        f"{OWN}thing/service/ü/invoke",
        "user/topic",
    ],
)
def test_a_thing_may_subscribe_to_nothing_else(topic_filter):
    core = thing_device()
    assert core.say(1, probe.subscribe((topic_filter, 1))) == REFUSED
    assert core.closed == set()


@pytest.mark.parametrize(
    ("topic_filter", "answer"),
    [
        (f"{OWN}#", GRANTED),
        (f"{OWN}cmd/#", GRANTED),
        (f"{OWN}cmd/request/+", GRANTED),
        (f"{OWN}cmd/response/+/+", GRANTED),
        (f"{OWN}dp/post/json/+", GRANTED),
        (f"$sys/{PRODUCT}/#", REFUSED),
        ("#", REFUSED),
        (f"{OWN}thing/#", REFUSED),
    ],
)
def test_the_documents_own_filters_of_datastreams(topic_filter, answer):
    assert datastream_device().say(1, probe.subscribe((topic_filter, 2))) == answer


def test_a_thing_has_ten_subscriptions_and_a_datastream_fifteen():
    for make, limit, prefix in (
        (thing_device, 10, "thing/service"),
        (datastream_device, 15, "cmd"),
    ):
        core = make()
        core.say(1, probe.unsubscribe(f"{OWN}thing/#", f"{OWN}#"))
        suffix = "invoke" if prefix == "thing/service" else "accepted"
        middle = "" if prefix == "thing/service" else "response/"
        filters = [f"{OWN}{prefix}/{middle}x{n}/{suffix}" for n in range(limit + 1)]
        answers = [core.say(1, probe.subscribe((each, 0))) for each in filters]
        assert answers == [GRANTED] * limit + [REFUSED]


def test_more_than_eight_filters_in_one_subscribe_are_refused():
    core = thing_device()
    filters = [(f"{OWN}thing/service/x{n}/invoke", 0) for n in range(9)]
    assert core.say(1, probe.subscribe(*filters)) == [(0x90, b"\x00\x01" + b"\x80" * 9)]
    assert core.say(1, probe.subscribe(*filters[:8])) == [(0x90, b"\x00\x01" + b"\x00" * 8)]


@pytest.mark.parametrize("make", [thing_device, datastream_device])
@pytest.mark.parametrize("packet", [{"flags": 1}, {"qos": 2}])
def test_retain_and_qos_2_are_cut(make, packet):
    core = make()
    channel = "thing/property/post" if make is thing_device else "dp/post/json"
    assert say(core, OWN + channel, b"{}", **packet) == []
    assert core.closed == {1}


@pytest.mark.parametrize("head", [b"\x50\x02\x00\x01", b"\x62\x02\x00\x01", b"\x70\x02\x00\x01"])
def test_the_packets_of_qos_2_are_cut(head):
    core = thing_device()
    assert core.say(1, head) == []
    assert core.closed == {1}


def test_qos_1_is_acknowledged_and_answered_at_qos_0():
    core = thing_device()
    document = b'{"id":"1","params":{"voltage":{"value":230}}}'
    ack, reply = core.say(1, probe.publish(f"{OWN}thing/property/post", document, qos=1))
    assert ack == (0x40, b"\x00\x01")
    assert probe.read_message(*reply).qos == 0


def test_a_payload_of_256_kb_is_taken_and_a_byte_more_is_cut():
    core = thing_device()
    document = b'{"id":"1","params":{}}'
    document += b" " * (256 * 1024 - len(document))
    assert post(core, "thing/property/post", {})["code"] == 200
    assert len(say(core, f"{OWN}thing/property/post", document)) == 1
    assert say(core, f"{OWN}thing/property/post", document + b" ") == []
    assert core.closed == {1}


def test_posts_above_one_a_second_come_later_when_that_is_asked_for():
    core = thing_device(OnenetRules(publishes_per_s=1))
    document = b'{"id":"%d","params":{"voltage":{"value":230}}}'
    topic = f"{OWN}thing/property/post"
    assert len(say(core, topic, document % 1)) == 1
    assert say(core, topic, document % 2) == []
    assert say(core, topic, document % 3) == []
    core.wait(1)
    ((_, payload),) = messages(core.hear(1))
    assert b'"id":"2"' in payload
    core.wait(1)
    ((_, payload),) = messages(core.hear(1))
    assert b'"id":"3"' in payload


@pytest.mark.parametrize(("qos", "limit"), [(0, 300), (1, 100)])
def test_a_datastream_that_floods_is_banned(qos, limit):
    core = datastream_device()
    document = b'{"id":1,"dp":{"x":[{"v":1}]}}'
    packet = probe.publish(f"{OWN}dp/post/json", document, qos=qos)
    core.say(1, *[packet] * limit)
    assert core.closed == set()
    core.say(1, packet)
    assert core.closed == {1}
    assert "banned" in str(core.notes[-1].facts["reason"])


def test_messages_of_each_qos_have_a_pace_of_their_own():
    core = datastream_device()
    document = b'{"id":1,"dp":{"x":[{"v":1}]}}'
    plain, acknowledged = (probe.publish(f"{OWN}dp/post/json", document, qos=q) for q in (0, 1))
    core.say(1, *[plain] * 300, *[acknowledged] * 100)
    assert core.closed == set()


def test_a_datastream_at_a_steady_pace_is_not_banned():
    core = datastream_device()
    packet = probe.publish(f"{OWN}dp/post/json", b'{"id":1,"dp":{"x":[{"v":1}]}}', qos=1)
    for _ in range(10):
        core.say(1, *[packet] * 100)
        core.wait(5)
    assert core.closed == set()


LEVELS = st.lists(st.sampled_from(["a", "b", "+"]), min_size=1, max_size=4)
FILTERS = st.builds(
    lambda levels, tail: "/".join(levels + tail), LEVELS, st.sampled_from([[], ["#"]])
)
NAMES = st.lists(st.sampled_from(["a", "b"]), min_size=1, max_size=5).map("/".join)


@given(FILTERS, FILTERS, NAMES)
def test_filters_that_take_one_topic_overlap(left, right, name):
    if topics.matches(left, name) and topics.matches(right, name):
        assert overlaps(left, right)
        assert overlaps(right, left)


@given(FILTERS, NAMES)
def test_a_filter_overlaps_with_a_name_only_if_it_takes_it(topic_filter, name):
    takes_parent = topics.matches(topic_filter.removesuffix("/#"), name)
    assert overlaps(topic_filter, name) == (topics.matches(topic_filter, name) or takes_parent)

"""What a platform's rules change about messages down."""

import pytest

from agent.emulator.values import Publication
from tests.emulator import probe
from tests.emulator.ruled import down, messages, online


@pytest.mark.parametrize(("uses_publisher_qos", "qos"), [(False, 0), (True, 1)])
def test_a_message_comes_at_the_lower_qos_or_at_its_publishers(uses_publisher_qos, qos):
    core = online(uses_publisher_qos=uses_publisher_qos)
    core.say(1, probe.subscribe(("t", 0)))
    core.publish(down(qos=1))
    assert [message.qos for message in messages(core.hear(1))] == [qos]
    core.publish(down(qos=0))
    assert [message.qos for message in messages(core.hear(1))] == [0]


def test_who_did_not_subscribe_gets_only_what_needs_no_subscription():
    core = online(uses_publisher_qos=True)
    assert not core.publish(down())
    assert core.publish(down(qos=0, needs_subscription=False))
    assert core.publish(down(qos=1, needs_subscription=False))
    assert [message.qos for message in messages(core.hear(1))] == [0, 1]
    everyone = Publication(topic="t", payload=b"", needs_subscription=False)
    assert not core.publish(everyone), "only a named client is spared the subscription"


def test_what_needs_no_subscription_waits_for_a_persistent_session():
    core = online(clean=False)
    core.lose(1)
    assert not core.publish(down(needs_subscription=False))
    packets = core.connect(2, client_id="dev.1", clean=False)
    assert [message.payload for message in messages(packets)] == [b"x"]


def test_only_the_newest_messages_wait_where_the_platform_keeps_few():
    core = online("t", clean=False, keeps_messages=3)
    core.lose(1)
    for number in range(5):
        core.publish(down(payload=b"%d" % number))
    packets = core.connect(2, client_id="dev.1", clean=False)
    assert [message.payload for message in messages(packets)] == [b"2", b"3", b"4"]


def test_the_last_retained_message_comes_to_who_subscribes_later():
    core = online("t", keeps_retained=True)
    for payload, qos in ((b"old", 0), (b"new", 1)):
        core.publish(down(payload=payload, qos=qos, is_retained=True))
    assert [message.retain for message in messages(core.hear(1))] == [False, False]
    core.say(1, probe.puback(1))
    found = messages(core.say(1, probe.subscribe(("+", 1), ("t", 0))))
    assert [(each.payload, each.qos, each.retain) for each in found] == [
        (b"new", 1, True),
        (b"new", 0, True),
    ]
    core.publish(down(payload=b"", is_retained=True))
    core.hear(1)
    assert messages(core.say(1, probe.subscribe(("t", 1)))) == []


def test_a_retained_message_is_for_its_own_client_and_its_own_topic():
    core = online(keeps_retained=True)
    core.publish(down(is_retained=True))
    assert messages(core.say(1, probe.subscribe(("u", 1)))) == []
    core.connect(2, client_id="other.1")
    assert messages(core.say(2, probe.subscribe(("t", 1)))) == []


def test_a_platform_without_retained_messages_keeps_none():
    core = online()
    core.publish(down(is_retained=True))
    assert messages(core.say(1, probe.subscribe(("t", 1)))) == []

"""What a platform's rules change about who comes in, messages up and subscriptions."""

import pytest

from agent.emulator.platform import Excess, Reaction, Refused
from agent.emulator.uplinks import MAX_DELAYED
from agent.emulator.values import Publication
from tests.emulator import probe
from tests.emulator.ruled import (
    CONNACK,
    CONNACK_PRESENT,
    Ruled,
    acknowledged,
    down,
    messages,
    online,
    reasons,
    uplinks,
)
from tests.emulator.support import Core

# ── who may come in ─────────────────────────────────────────────────────────────────────────


def test_a_newer_login_kicks_the_older_one_of_the_same_device_whatever_its_client_id():
    core = online()
    assert core.connect(2, client_id="dev.2") == [CONNACK]
    assert core.closed == {1}
    assert core.connect(3, client_id="other.1") == [CONNACK]
    assert core.closed == {1}
    assert reasons(core, "session.kicked") == ["the same identity connected again"]


def test_a_platform_may_name_the_session_of_a_device_itself():
    core = Core(Ruled())
    core.platform.session_name = "dev"
    core.connect(1, client_id="dev.1", clean=False)
    core.say(1, probe.subscribe(("t", 1)))
    core.lose(1)
    core.publish(Publication(topic="t", payload=b"x", qos=1, client_id="dev"))
    packets = core.connect(2, client_id="dev.2", clean=False)
    assert packets[0] == CONNACK_PRESENT
    assert [message.payload for message in messages(packets)] == [b"x"]


def test_two_devices_do_not_share_a_session_at_the_same_time():
    core = online()
    core.platform.session_name = "dev.1"
    assert core.connect(2, client_id="other.1") == [CONNACK]
    assert core.closed == {1}


@pytest.mark.parametrize(("code", "packets"), [(4, [(0x20, b"\x00\x04")]), (None, [])])
def test_a_refusal_closes_with_its_code_or_without_a_word(code, packets):
    core = Core(Ruled())
    core.platform.refusal = Refused(code=code, reason="because")
    assert core.connect(1) == packets
    assert core.closed == {1}
    assert reasons(core, "session.refused") == ["because"]


@pytest.mark.parametrize(
    ("fields", "levels", "code"),
    [
        ({"name": "MQIsdp", "level": 3}, {3, 4}, 0),
        ({"name": "MQIsdp", "level": 3}, {4}, 1),
        ({"level": 4}, {4}, 0),
        ({"level": 5}, {4}, 1),
    ],
)
def test_only_the_platforms_protocol_levels_come_in(fields, levels, code):
    core = Core(Ruled(protocol_levels=frozenset(levels)))
    assert core.connect(1, **fields) == [(0x20, bytes((0, code)))]
    assert core.closed == ({1} if code else set())


# ── messages up ─────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("reaction", "closed"), [(Reaction.CLOSE, {1}), (Reaction.IGNORE, set())])
def test_a_forbidden_topic_closes_or_is_ignored(reaction, closed):
    core = online("t", on_forbidden=reaction)
    assert core.say(1, probe.publish("forbidden/x", qos=1)) == []
    assert core.closed == closed


@pytest.mark.parametrize(("reaction", "closed"), [(Reaction.CLOSE, {1}), (Reaction.IGNORE, set())])
def test_a_payload_that_is_too_large_closes_or_is_ignored(reaction, closed):
    core = online("t", max_payload=10, on_oversize=reaction)
    assert len(core.say(1, probe.publish("t", b"x" * 10))) == 1
    assert core.say(1, probe.publish("t", b"x" * 11)) == []
    assert core.closed == closed


def test_what_is_too_fast_is_dropped():
    core = online(uplinks_per_s=2)
    assert acknowledged(core.say(1, *uplinks(5))) == [1, 2]
    core.wait(1.0)
    assert acknowledged(core.say(1, *uplinks(1, first=9))) == [9]
    assert reasons(core, "uplink.dropped") == ["more than 2 messages a second"] * 3


def test_what_is_too_fast_closes_the_session():
    core = online(uplinks_per_s=2, on_excess=Excess.CLOSE)
    assert acknowledged(core.say(1, *uplinks(5))) == [1, 2]
    assert core.closed == {1}


def test_what_is_too_fast_is_taken_and_acknowledged_in_the_next_seconds_in_order():
    core = online("t", uplinks_per_s=2, on_excess=Excess.DELAY)
    assert acknowledged(core.say(1, *uplinks(5))) == [1, 2]
    core.wait(0.9)
    assert core.hear(1) == []
    core.wait(0.2)
    packets = core.hear(1)
    assert acknowledged(packets) == [3, 4]
    assert [message.payload for message in messages(packets)] == [b"3", b"4"]
    assert core.say(1, *uplinks(1, first=6)) == [], "a new one must not pass one that waits"
    core.wait(1.0)
    assert acknowledged(core.hear(1)) == [5, 6]
    core.wait(1.0)
    assert acknowledged(core.say(1, *uplinks(1, first=7))) == [7]
    assert core.broker.next_due is None or core.broker.next_due > core.now


def test_the_pace_of_a_delay_is_never_exceeded_in_any_second():
    core = online(uplinks_per_s=1, on_excess=Excess.DELAY)
    taken = []
    for step in range(20):
        taken += [
            (core.now, each) for each in acknowledged(core.say(1, *uplinks(1, first=step + 1)))
        ]
        core.wait(0.25)
        taken += [(core.now, each) for each in acknowledged(core.hear(1))]
    assert [number for _, number in taken] == [1, 2, 3, 4, 5, 6]


def test_delayed_messages_end_with_their_connection_and_are_bounded():
    core = online(uplinks_per_s=1, on_excess=Excess.DELAY)
    core.say(1, *uplinks(2))
    core.lose(1)
    core.wait(5)
    core.connect(2, client_id="dev.1", keepalive=0)
    core.say(2, *uplinks(MAX_DELAYED + 1))
    assert 2 not in core.closed
    core.say(2, *uplinks(1))
    assert 2 in core.closed


def test_a_breach_that_is_worse_than_haste_is_not_delayed():
    core = online(uplinks_per_s=1, on_excess=Excess.DELAY, on_forbidden=Reaction.CLOSE)
    core.say(1, *uplinks(2))
    core.say(1, probe.publish("forbidden"))
    assert core.closed == {1}


def test_messages_at_qos_1_have_a_pace_of_their_own():
    core = online("t", uplinks_per_s=3, qos1_uplinks_per_s=1)
    packets = core.say(1, *uplinks(2), *uplinks(4, qos=0))
    assert acknowledged(packets) == [1]
    assert len(messages(packets)) == 1 + 3
    assert reasons(core, "uplink.dropped") == [
        "more than 1 QoS 1 messages a second",
        "more than 3 messages a second",
    ]


def test_a_message_with_time_left_does_not_pass_a_delayed_one_at_another_qos():
    core = online("t", uplinks_per_s=9, qos1_uplinks_per_s=1, on_excess=Excess.DELAY)
    core.say(1, *uplinks(2))
    assert core.say(1, *uplinks(1, first=3, qos=0)) == []
    core.wait(1.0)
    assert [message.payload for message in messages(core.hear(1))] == [b"2", b"3"]


# ── subscriptions ───────────────────────────────────────────────────────────────────────────


def test_no_more_is_granted_than_the_platform_has():
    core = online(max_granted_qos=0)
    assert core.say(1, probe.subscribe(("t", 2), ("u", 0))) == [(0x90, b"\x00\x01\x00\x00")]
    assert core.publish(down())
    assert [message.qos for message in messages(core.hear(1))] == [0]


def test_a_filter_above_the_limit_fails_and_a_known_one_does_not():
    core = online(max_subscriptions=2)
    asked = probe.subscribe(("a", 1), ("b", 1), ("c", 1), ("a", 0))
    assert core.say(1, asked) == [(0x90, b"\x00\x01\x01\x01\x80\x00")]
    core.say(1, probe.unsubscribe("a"))
    assert core.say(1, probe.subscribe(("c", 1))) == [(0x90, b"\x00\x01\x01")]


@pytest.mark.parametrize("topic_filter", ["t", "+"])
def test_a_new_filter_works_some_time_after_its_suback_and_then_for_good(topic_filter):
    core = online(topic_filter, subscribe_takes_s=10)
    core.wait(9.9)
    assert not core.publish(down())
    core.wait(0.2)
    assert core.publish(down())
    core.say(1, probe.subscribe((topic_filter, 0)))
    assert core.publish(down()), "a filter that works goes on when its QoS changes"
    core.say(1, probe.unsubscribe(topic_filter))
    core.say(1, probe.subscribe((topic_filter, 1)))
    assert not core.publish(down())

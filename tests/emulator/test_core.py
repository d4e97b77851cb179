"""The MQTT core in memory and virtual time."""

import pytest

from agent.emulator.plain import PlainPlatform
from agent.emulator.platform import Reaction
from agent.emulator.tencent.rules import TencentRules
from agent.emulator.values import Publication
from tests.emulator import probe
from tests.emulator.support import (
    CLIENT_ID,
    DEVICE,
    DOWN,
    UP,
    Core,
    login,
    make_device,
    make_tencent,
)

CONNACK = (0x20, b"\x00\x00")
CONNACK_PRESENT = (0x20, b"\x01\x00")


def down(payload: bytes, qos: int = 1) -> Publication:
    return Publication(topic=DOWN, payload=payload, qos=qos, client_id=CLIENT_ID)


def messages(packets):
    return [probe.read_message(*each) for each in packets if each[0] >> 4 == 3]


def test_a_session_dies_after_one_and_a_half_keepalives_of_silence():
    core = make_device(keepalive=60)
    core.wait(89.9)
    assert core.say(1, probe.PINGREQ) == [probe.PINGRESP]
    core.wait(89.9)
    assert 1 not in core.closed
    core.wait(0.2)
    assert 1 in core.closed
    assert core.broker.session(DEVICE) is None


def test_keepalive_0_never_dies():
    core = make_device(keepalive=0)
    core.wait(1e6)
    assert 1 not in core.closed


def test_who_says_nothing_is_closed_after_ten_seconds():
    core = Core(PlainPlatform())
    core.open(1)
    core.wait(9.9)
    assert not core.closed
    core.wait(0.2)
    assert core.closed == {1}


def test_stored_messages_come_again_500_ms_apart_first_the_unacknowledged():
    core = make_device(clean=False)
    core.publish(down(b"0"))
    (unacknowledged,) = messages(core.hear(1))
    core.lose(1)
    for payload in (b"1", b"2"):
        assert core.publish(down(payload)) is False
    core.publish(down(b"lost", qos=0))
    core.open(2)
    first = core.say(2, probe.connect(**login(clean=False)))
    assert first[0] == CONNACK_PRESENT
    assert [(m.payload, m.dup, m.packet_id) for m in messages(first)] == [
        (b"0", True, unacknowledged.packet_id)
    ]
    core.wait(0.49)
    assert core.hear(2) == []
    core.wait(0.02)
    assert [(m.payload, m.dup) for m in messages(core.hear(2))] == [(b"1", False)]
    core.publish(down(b"3"))
    assert core.hear(2) == [], "a new message must not overtake a stored one"
    core.wait(1.0)
    assert [m.payload for m in messages(core.hear(2))] == [b"2", b"3"]


def test_an_acknowledged_message_does_not_come_again():
    core = make_device(clean=False)
    core.publish(down(b"0"))
    (message,) = messages(core.hear(1))
    core.say(1, probe.puback(message.packet_id))
    core.lose(1)
    assert core.connect(2, **login(clean=False)) == [CONNACK_PRESENT]


def test_at_most_150_messages_wait():
    core = make_device(clean=False)
    core.lose(1)
    for number in range(200):
        core.publish(down(b"%d" % number))
    core.open(2)
    heard = messages(core.say(2, probe.connect(**login(clean=False))))
    core.wait(200)
    heard += messages(core.hear(2))
    assert [m.payload for m in heard] == [b"%d" % number for number in range(150)]


def test_a_session_is_forgotten_after_a_day():
    core = make_device(clean=False)
    core.lose(1)
    core.wait(86_399)
    assert core.connect(2, **login(clean=False))[0] == CONNACK_PRESENT
    core.lose(2)
    core.wait(86_401)
    assert core.connect(3, **login(clean=False))[0] == CONNACK


def test_a_clean_session_ends_a_stored_one():
    core = make_device(clean=False)
    core.lose(1)
    assert core.connect(2, **login(clean=True))[0] == CONNACK
    core.lose(2)
    assert core.connect(3, **login(clean=False))[0] == CONNACK


def test_the_same_identity_kicks_the_older_session_and_the_newer_stays_known():
    core = make_device()
    assert core.connect(2, **login()) == [CONNACK]
    assert core.closed == {1}
    assert core.hear(1) == []
    core.lose(1)
    session = core.broker.session(DEVICE)
    assert session is not None
    assert session.client_id == CLIENT_ID


def test_more_than_30_uplinks_a_second_are_dropped_and_not_acknowledged():
    core = make_device()
    packets = core.say(1, *[probe.publish(UP, b"{}", qos=1, packet_id=n) for n in range(1, 41)])
    assert len([each for each in packets if each[0] == 0x40]) == 30
    assert [note.facts["reason"] for note in core.notes if note.event == "uplink.dropped"] == [
        "more than 30 messages a second"
    ] * 10
    core.wait(1.0)
    assert core.say(1, probe.publish(UP, b"{}", qos=1, packet_id=50))[0] == (0x40, b"\x00\x32")


def test_a_payload_above_16_kb_is_dropped_and_the_session_lives():
    core = make_device()
    assert core.say(1, probe.publish(UP, b" " * (16 * 1024 + 1), qos=1)) == []
    assert core.say(1, probe.PINGREQ) == [probe.PINGRESP]


@pytest.mark.parametrize(
    "topic",
    [
        "$thing/up/property/CS0SLTKSYA/dev2",
        "$thing/down/property/CS0SLTKSYA/dev1",
        "elsewhere",
        "CS0SLTKSYA/dev1/" + "x" * 250,
        "CS0SLTKSYA/dev1/1/2/3/4/5/6/7/8/9/10",
    ],
)
def test_a_foreign_topic_is_neither_acknowledged_nor_answered(topic):
    core = make_device()
    assert core.say(1, probe.publish(topic, b"{}", qos=1)) == []


@pytest.mark.parametrize(
    ("filters", "codes"),
    [
        ([("$thing/down/property/CS0SLTKSYA/dev1", 0)], b"\x00"),
        ([("$thing/down/+/CS0SLTKSYA/dev1", 2)], b"\x01"),
        ([("$rrpc/rxd/CS0SLTKSYA/dev1/+", 1)], b"\x01"),
        ([("CS0SLTKSYA/dev1/control", 1)], b"\x01"),
        ([("$thing/down/property/CS0SLTKSYA/dev2", 1)], b"\x80"),
        ([("$thing/down/property/CS0SLTKSYA/+", 1)], b"\x80"),
        ([("#", 1)], b"\x80"),
        ([(DOWN, 1), ("CS0SLTKSYA/dev1/data", 1)], b"\x80\x80"),
    ],
)
def test_a_subscription_needs_permission_and_a_packet_of_its_own(filters, codes):
    core = make_device()
    assert core.say(1, probe.subscribe(*filters)) == [(0x90, b"\x00\x01" + codes)]


def test_a_message_on_a_topic_of_the_users_own_comes_back_to_who_subscribed():
    core = make_device()
    core.say(1, probe.subscribe(("CS0SLTKSYA/dev1/data", 0)))
    (found,) = messages(core.say(1, probe.publish("CS0SLTKSYA/dev1/data", b"x")))
    assert found.payload == b"x"


@pytest.mark.parametrize("breach", [probe.publish(UP, flags=1), probe.publish(UP, qos=2)])
def test_retain_and_qos_2_close_the_session(breach):
    core = make_device()
    assert core.say(1, breach) == []
    assert core.closed == {1}


def test_retain_and_will_can_be_ignored_instead():
    rules = TencentRules(on_will=Reaction.IGNORE, on_retain=Reaction.IGNORE)
    core = make_device(rules, will=("w", b"x"))
    (reply,) = core.say(1, probe.publish(UP, b"{}", flags=1))
    assert not probe.read_message(*reply).retain


def test_a_will_closes_the_connection_without_an_answer():
    core = Core(make_tencent())
    assert core.connect(1, **login(will=("w", b"x"))) == []
    assert core.closed == {1}


# ── faults ──────────────────────────────────────────────────────────────────────────────────

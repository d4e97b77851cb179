"""Faults of the platform, on purpose: what its core does to sessions then."""

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


def down(payload: bytes, qos: int = 1) -> Publication:
    return Publication(topic=DOWN, payload=payload, qos=qos, client_id=CLIENT_ID)


def messages(packets):
    return [probe.read_message(*each) for each in packets if each[0] >> 4 == 3]


def test_a_drop_cuts_what_is_open_and_what_comes_until_its_time_is_over():
    core = make_device()
    assert core.fault(kind="drop", seconds=10) == 1
    core.open(2)
    assert core.closed == {1, 2}
    core.wait(10.1)
    assert core.connect(3, **login()) == [CONNACK]


def test_a_drop_of_one_device_leaves_the_other_alone():
    core = make_device()
    other = login(client_id="CS0SLTKSYAdev2")
    core.connect(2, **other)
    assert core.fault(kind="drop", device="CS0SLTKSYA:dev1", count=2) == 1
    assert core.closed == {1}
    assert core.connect(3, **login()) == []
    assert core.closed == {1, 3}
    assert core.connect(4, **login()) == [CONNACK]


def test_refuse_answers_the_code_that_was_asked_for():
    core = Core(make_tencent())
    core.fault(kind="refuse", code=4, count=1)
    assert core.connect(1, **login()) == [(0x20, b"\x00\x04")]
    assert core.connect(2, **login()) == [CONNACK]


def test_silence_takes_everything_and_says_nothing():
    core = make_device()
    core.fault(kind="silence")
    assert core.say(1, probe.PINGREQ, probe.publish(UP, b"{}", qos=1)) == []
    core.faults.clear()
    assert core.say(1, probe.PINGREQ) == [probe.PINGRESP]


def test_silence_of_replies_still_acknowledges():
    core = make_device()
    core.fault(kind="silence", part="replies")
    assert core.say(1, probe.publish(UP, b"{}", qos=1)) == [(0x40, b"\x00\x01")]


def test_silence_of_acks_still_replies():
    core = make_device()
    core.fault(kind="silence", part="acks")
    (packet,) = core.say(1, probe.publish(UP, b"{}", qos=1))
    assert probe.read_message(*packet).topic == DOWN


def test_a_kick_strikes_once_and_with_a_count_the_next_sessions_too():
    core = make_device()
    assert core.fault(kind="kick") == 1
    assert core.connect(2, **login()) == [CONNACK]
    assert core.fault(kind="kick", count=2) == 1
    assert core.connect(3, **login()) == [CONNACK]
    assert core.closed == {1, 2, 3}
    core.connect(4, **login())
    assert 4 not in core.closed


def test_a_half_open_connection_is_dead_until_its_keepalive_and_nobody_is_told():
    core = make_device(keepalive=60)
    assert core.fault(kind="half_open") == 1
    assert core.say(1, probe.PINGREQ) == []
    assert not core.publish(down(b"lost")) or core.hear(1) == []
    assert core.broker.session(DEVICE) is not None
    core.wait(90.1)
    assert core.broker.session(DEVICE) is None
    assert core.hear(1) == []
    assert 1 not in core.closed
    core.lose(1)
    assert core.connect(2, **login()) == [CONNACK]


def test_with_a_count_the_next_connections_are_half_open_too_and_a_newer_login_ends_one():
    core = make_device()
    assert core.fault(kind="half_open", count=2) == 1
    assert core.connect(2, **login()) == [CONNACK]
    assert core.say(2, probe.PINGREQ) == []
    assert core.connect(3, **login()) == [CONNACK]
    assert core.say(3, probe.PINGREQ) == [probe.PINGRESP]
    assert core.closed == set()


def test_delayed_bytes_keep_their_order_also_when_the_delay_ends():
    core = make_device()
    core.fault(kind="delay", seconds=2)
    assert core.say(1, probe.PINGREQ) == []
    core.faults.clear()
    core.publish(down(b"after"))
    core.wait(1.9)
    assert core.hear(1) == []
    core.wait(0.2)
    heard = core.hear(1)
    assert heard[0] == probe.PINGRESP
    assert [m.payload for m in messages(heard)] == [b"after"]


def test_garbage_sends_malformed_messages_or_those_that_are_given():
    core = make_device()
    assert core.fault(kind="garbage") == 1
    assert len(messages(core.hear(1))) > 10
    core.fault(kind="garbage", payload='{"x":', topic="any/topic", count=2)
    assert [(m.topic, m.payload) for m in messages(core.hear(1))] == [("any/topic", b'{"x":')] * 2
    core.fault(kind="garbage", payload_hex="ff00")
    assert [(m.topic, m.payload) for m in messages(core.hear(1))] == [(DOWN, b"\xff\x00")]
    core.fault(kind="garbage", raw_hex="f000")
    assert core.hear(1) == [(0xF0, b"")]

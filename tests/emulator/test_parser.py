from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.emulator import packets
from agent.emulator.packets import (
    Connect,
    Disconnect,
    ForeignConnect,
    PacketError,
    Pingreq,
    Puback,
    Publish,
    Subscribe,
    Unsubscribe,
)
from agent.emulator.parser import PacketParser
from tests.emulator import probe

DIALOGUE = b"".join(
    (
        probe.connect("id", username="u", password="p", keepalive=300, clean=False),
        probe.subscribe(("a/+", 1), ("b", 0), packet_id=7),
        probe.publish("a/b", b"\x00" * 200, qos=1, packet_id=9, flags=8),
        probe.publish("c", b""),
        probe.puback(3),
        probe.unsubscribe("b", packet_id=8),
        probe.PINGREQ,
        probe.DISCONNECT,
    )
)
PARSED = [
    Connect(
        protocol_level=4,
        client_id="id",
        keepalive_s=300,
        is_clean=False,
        username="u",
        password=b"p",
    ),
    Subscribe(packet_id=7, filters=(("a/+", 1), ("b", 0))),
    Publish(topic="a/b", payload=b"\x00" * 200, qos=1, packet_id=9, is_repeat=True),
    Publish(topic="c", payload=b""),
    Puback(packet_id=3),
    Unsubscribe(packet_id=8, filters=("b",)),
    Pingreq(),
    Disconnect(),
]


def chunked(data: bytes, cuts: list[int]) -> list[bytes]:
    edges = [0, *sorted(cut % (len(data) + 1) for cut in cuts), len(data)]
    return [data[a:b] for a, b in pairwise(edges)]


def parse(chunks, max_packet=1000):
    """Return the packets, and the error that ended them."""
    parser, found = PacketParser(max_packet=max_packet), []
    try:
        for chunk in chunks:
            found.extend(parser.feed(chunk))
    except PacketError as error:
        return found, str(error)
    return found, None


@given(st.lists(st.integers(0, 1000), max_size=40))
def test_any_chunking_gives_the_same_packets(cuts):
    assert parse(chunked(DIALOGUE, cuts)) == (PARSED, None)


@settings(max_examples=300)
@given(st.binary(max_size=300), st.lists(st.integers(0, 300), max_size=5))
def test_garbage_raises_nothing_but_packet_error_wherever_it_is_cut(data, cuts):
    whole, by_pieces = PacketParser(max_packet=100), parse(chunked(data, cuts), 100)
    found, error = [], None
    try:
        found.extend(whole.feed(data))
    except PacketError as raised:
        error = str(raised)
        with pytest.raises(PacketError):
            list(whole.feed(b"\xc0\x00"))
    if error is None:
        assert by_pieces == (found, None)
    else:
        assert by_pieces[1] == error


@settings(max_examples=300)
@given(st.integers(0, len(DIALOGUE) - 1), st.integers(0, 255))
def test_one_wrong_byte_in_a_dialogue_is_parsed_or_refused(index, byte):
    damaged = bytearray(DIALOGUE)
    damaged[index] = byte
    parse([bytes(damaged)])


def test_a_packet_above_the_limit_is_refused_before_it_arrives():
    head = b"\x30\xe9\x07"  # 1001 bytes are announced
    assert parse([head]) == ([], "a packet of 1001 bytes; at most 1000 are taken")
    assert parse([b"\x30\xe8\x07"]) == ([], None)


@given(st.text(max_size=50).filter(lambda t: "\0" not in t), st.binary(max_size=300))
def test_what_is_encoded_is_what_a_client_reads(topic, payload):
    packet = Publish(topic=topic, payload=payload, qos=1, packet_id=513, is_repeat=True)
    ((head, body),) = probe.split_packets(packets.publish(packet))
    assert probe.read_message(head, body) == probe.Message(topic, payload, 1, 513, True, False)  # noqa: FBT003 - the probe's order of fields


def test_answers_are_the_bytes_of_the_standard():
    assert packets.connack(5) == b"\x20\x02\x00\x05"
    assert packets.connack(0, session_present=True) == b"\x20\x02\x01\x00"
    assert packets.puback(0x1234) == b"\x40\x02\x12\x34"
    assert packets.suback(1, (0, 1, 0x80)) == b"\x90\x05\x00\x01\x00\x01\x80"
    assert packets.unsuback(2) == b"\xb0\x02\x00\x02"
    assert packets.publish(Publish(topic="a", payload=b"x" * 200))[:3] == b"\x30\xcb\x01"


MALFORMED = {
    "remaining length of five bytes": b"\x30\x80\x80\x80\x80\x01",
    "QoS 3": probe.publish("a", qos=3),
    "packet id 0": probe.publish("a", qos=1, packet_id=0),
    "topic that is not UTF-8": probe.publish(b"\xff\xfe"),
    "topic with NUL": probe.publish("a\0b"),
    "topic longer than the packet": probe.frame(0x30, b"\x00\xffab"),
    "SUBSCRIBE without a filter": probe.frame(0x82, b"\x00\x01"),
    "SUBSCRIBE with wrong flags": probe.frame(0x80, b"\x00\x01" + probe.text("a") + b"\x00"),
    "SUBSCRIBE for QoS 3": probe.subscribe(("a", 3)),
    "UNSUBSCRIBE without a filter": probe.frame(0xA2, b"\x00\x01"),
    "PINGREQ with a body": probe.frame(0xC0, b"x"),
    "packet type 0": b"\x00\x00",
    "packet type 15": b"\xf0\x00",
    "PUBREL": probe.frame(0x62, b"\x00\x01"),
    "CONNECT of no MQTT": probe.connect(name="HTTP"),
    "CONNECT with bytes left over": probe.frame(0x10, probe.connect()[2:] + b"x"),
    "reserved flag": probe.frame(0x10, probe.text("MQTT") + b"\x04\x03\x00\x00\x00\x00"),
    "will QoS without a will": probe.frame(0x10, probe.text("MQTT") + b"\x04\x0a\x00\x00\x00\x00"),
    "will QoS 3": probe.frame(0x10, probe.text("MQTT") + b"\x04\x1e\x00\x00\x00\x00"),
    "password without a name": probe.frame(
        0x10, probe.text("MQTT") + b"\x04\x42\x00\x00\x00\x00\x00\x00"
    ),
}


@pytest.mark.parametrize("name", MALFORMED)
def test_a_malformed_packet_is_an_error(name):
    found, error = parse([MALFORMED[name]])
    assert found == []
    assert error


def test_the_old_protocol_name_is_known_and_newer_ones_are_told_apart():
    ((old,), _), ((new,), _) = (
        parse([probe.connect(name="MQIsdp", level=3)]),
        parse([probe.connect(level=5)]),
    )
    assert (old.protocol_level, old.client_id) == (3, "probe")
    assert new == ForeignConnect(protocol_name="MQTT", protocol_level=5)

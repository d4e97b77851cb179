"""Packets of the BL0942: what the bytes mean, and finding them in a bad line."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.drivers.bl0942.framer import Framer, Rejection
from agent.drivers.bl0942.packet import HEADER, PACKET_SIZE, Packet, parse, request, serialize

U24 = st.integers(0, (1 << 24) - 1)
PACKETS = st.builds(
    Packet,
    i_rms=U24,
    v_rms=U24,
    i_fast_rms=U24,
    watt=st.integers(-(1 << 23), (1 << 23) - 1),
    pulses=U24,
    period=st.integers(0, 0xFFFF),
    status=st.integers(0, 0xFF),
)
ONE = Packet(i_rms=1, v_rms=2, i_fast_rms=3, watt=-4, pulses=5, period=20_000, status=1)


def test_the_bytes_stand_where_the_data_sheet_has_them():
    text = "55 010000 020000 030000 FCFFFF 050000 204E 00 01 00 00"
    body = bytes.fromhex(text)
    rest = (0x58 + sum(body)) & 0xFF
    assert serialize(ONE) == body + bytes([rest ^ 0xFF])


def test_a_question_names_the_chip_by_its_address():
    assert request(0) == b"\x58\xaa"
    assert request(3) == b"\x5b\xaa"


@given(PACKETS, st.integers(0, 3))
def test_what_is_written_is_read_back(packet, address):
    data = serialize(packet, address)
    assert len(data) == PACKET_SIZE
    assert parse(data) == packet
    assert Framer(address).feed(data) == [packet]


@given(st.lists(PACKETS, min_size=1, max_size=6), st.lists(st.integers(1, 40), min_size=1))
def test_any_chunking_gives_the_same_packets(packets, sizes):
    stream = b"".join(serialize(packet) for packet in packets)
    framer, found, at = Framer(), [], 0
    while at < len(stream):
        for size in sizes:
            found += framer.feed(stream[at : at + size])
            at += size
    assert found == packets
    assert framer.packets == len(packets)
    assert framer.bytes_received == len(stream)


@given(st.binary(max_size=60), PACKETS)
def test_garbage_costs_nothing_of_the_answer_to_the_next_question(garbage, packet):
    framer = Framer()
    framer.feed(garbage)
    framer.forget()
    assert framer.feed(serialize(packet)) == [packet]
    assert framer.bytes_received == len(garbage) + PACKET_SIZE


@pytest.mark.parametrize("cut", range(1, PACKET_SIZE))
def test_half_an_answer_costs_no_other(cut):
    framer = Framer()
    assert framer.feed(serialize(ONE)[cut:] + serialize(ONE)) == [ONE]
    assert framer.feed(serialize(ONE)[:cut]) == []
    assert framer.feed(serialize(ONE)) == [ONE]


@given(st.binary(max_size=200))
def test_whatever_comes_is_refused_or_counted_and_little_is_kept(data):
    framer = Framer()
    framer.feed(data)
    assert len(framer._buffer) < PACKET_SIZE


@pytest.mark.parametrize("at", range(1, PACKET_SIZE))
def test_one_wrong_byte_makes_no_packet(at):
    data = bytearray(serialize(ONE))
    data[at] ^= 0x10
    framer = Framer()
    assert framer.feed(bytes(data)) == []
    assert framer.rejections[Rejection.BAD_CHECKSUM] == 1


def test_an_answer_of_another_address_is_none_of_ours():
    assert Framer(1).feed(serialize(ONE, 2)) == []


def test_a_header_inside_an_answer_is_data():
    packet = replace(ONE, i_rms=0x555555, v_rms=0x55, watt=0x5500, status=HEADER)
    assert Framer().feed(serialize(packet) * 3) == [packet] * 3

"""The bytes of boards, held against the library and against what sellers publish."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pymodbus.framer import FramerRTU, FramerSocket
from pymodbus.pdu import DecodePDU
from pymodbus.pdu.bit_message import WriteSingleCoilRequest

from agent.drivers.board_bytes import crc, lcus, lcus_status, write_coil_rtu, write_coil_tcp

addresses = st.integers(1, 247)
coils = st.integers(0, 65535)


@given(addresses, coils, st.booleans())
def test_a_frame_that_writes_a_coil_is_the_librarys(address, coil, on):
    request = WriteSingleCoilRequest(dev_id=address, address=coil, bits=[on])
    assert write_coil_rtu(address, coil, on=on) == FramerRTU(DecodePDU(is_server=True)).buildFrame(
        request
    )


@given(addresses, coils, st.booleans())
def test_a_message_that_writes_a_coil_is_read_by_the_library(address, coil, on):
    message = write_coil_tcp(address, coil, on=on)
    used, pdu = FramerSocket(DecodePDU(is_server=True)).handleFrame(message, 0, 0)
    assert used == len(message)
    assert (pdu.dev_id, pdu.address, pdu.bits) == (address, coil, [on])


@given(st.binary(max_size=40))
def test_the_sum_of_a_frame_with_its_sum_is_zero(data):
    assert crc(data + crc(data).to_bytes(2, "little")) == 0


@pytest.mark.parametrize(
    ("channel", "on", "frame"),
    [(1, True, "a00101a2"), (1, False, "a00100a1"), (2, True, "a00201a3"), (8, False, "a00800a8")],
)
def test_a_channel_is_commanded_as_the_sellers_say(channel, on, frame):
    assert lcus(channel, on=on).hex() == frame


@given(st.dictionaries(st.integers(1, 32), st.booleans(), min_size=1))
def test_a_status_in_text_is_understood(contacts):
    text = "".join(f"CH{n}: {'ON' if on else 'OFF'} \r\n" for n, on in contacts.items())
    assert lcus_status(text.encode()) == contacts


@given(st.lists(st.booleans(), min_size=1, max_size=16))
def test_a_status_in_bytes_is_understood(contacts):
    assert lcus_status(bytes(contacts)) == dict(enumerate(contacts, start=1))


@given(st.binary(max_size=200))
def test_whatever_comes_is_a_status_or_none(answer):
    assert all(isinstance(on, bool) for on in lcus_status(answer).values())


def test_noise_is_no_status():
    assert lcus_status(b"") == {}
    assert lcus_status(b"\x00\x02") == {}
    assert lcus_status(b"OK\r\n") == {}

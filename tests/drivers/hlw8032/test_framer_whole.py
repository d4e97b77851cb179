"""Pieces as long as a frame take a shorter way: they say what single bytes say."""

from hypothesis import given
from hypothesis import strategies as st

from agent.drivers.hlw8032.frame import FRAME_SIZE, Frame, serialize
from agent.drivers.hlw8032.framer import Framer

FRAMES = st.builds(
    lambda state, vp, pulses: serialize(
        Frame(
            state=state, update=0x71, vp=vp, vr=2495, ip=15_830, ir=4000,
            pp=5_115_000, pr=17_664, pulses=pulses, checksum=0,
        )
    ),
    state=st.sampled_from([0x55, 0xAA, 0xF2]),
    vp=st.sampled_from([187_000, 187_001]),
    pulses=st.integers(0, 0x1FFFF),
)  # fmt: skip
SPOILT = st.builds(
    lambda frame, at, byte: frame[:at] + bytes([byte]) + frame[at + 1 :],
    FRAMES,
    st.integers(0, FRAME_SIZE - 1),
    st.sampled_from([0x00, 0x55, 0x5A, 0xFF]),
)
NOISE = st.binary(min_size=FRAME_SIZE, max_size=FRAME_SIZE)
SHORT = st.binary(max_size=3)


@given(pieces=st.lists(st.one_of(FRAMES, SPOILT, NOISE, SHORT), max_size=30))
def test_pieces_of_a_frames_length_say_what_single_bytes_say(pieces: list[bytes]):
    whole, single = Framer(), Framer()
    by_piece = [each for piece in pieces for each in whole.feed(piece)]
    by_byte = [each for piece in pieces for byte in piece for each in single.feed(bytes([byte]))]
    assert by_piece == by_byte
    assert whole.framing == single.framing
    assert (whole.frames, whole.offset) == (single.frames, single.offset)
    assert whole.rejections == single.rejections

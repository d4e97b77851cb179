"""Frames that show the same as the one before: what is not worked out anew is no other."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from agent.drivers.hlw8032.decoder import Coefficients, Decoder
from agent.drivers.hlw8032.frame import Frame

SCALE = Coefficients(kv=3.069, ki=1.007, kp=3.108)
FRAME = Frame(
    state=0x55, update=0x71, vp=187_000, vr=2495, ip=15_830, ir=4000,
    pp=5_115_000, pr=17_664, pulses=0, checksum=0,
)  # fmt: skip

CHANGES = st.fixed_dictionaries(
    {},
    optional={
        "state": st.sampled_from([0x55, 0xAA, 0xF0, 0xF1, 0xF2, 0xF4, 0xF8, 0xFF]),
        "update": st.sampled_from([0x01, 0x11, 0x21, 0x41, 0x71, 0x61, 0xF1, 0x81]),
        "vr": st.sampled_from([0, 1, 1200, 2495, 2500, 200_000]),
        "ir": st.sampled_from([0, 1, 300, 4000, 4100, 600_000]),
        "pr": st.sampled_from([0, 1, 900, 17_664, 17_700, 2_000_000]),
        "pp": st.sampled_from([5_115_000, 5_115_001]),
    },
)
STEPS = st.lists(st.tuples(CHANGES, st.integers(1, 14), st.integers(0, 400)), max_size=12)


class Forgetful(Decoder):
    """A decoder that works everything out anew."""

    def decode(self, frame):
        self._last = None
        return super().decode(frame)


@given(steps=STEPS, trusts_first=st.booleans(), rescales=st.sets(st.integers(0, 11)))
def test_a_frame_that_repeats_the_last_one_says_what_it_would_say_anew(
    steps, trusts_first, rescales
):
    quick, thorough = (kind(SCALE, trusts_first=trusts_first) for kind in (Decoder, Forgetful))
    frame = FRAME
    for number, (changes, repeats, pulses) in enumerate(steps):
        frame = replace(frame, **changes)
        if number in rescales:
            for decoder in (quick, thorough):
                decoder.rescale(Coefficients(kv=3.0 + number / 10, ki=1.0, kp=3.0))
        for _ in range(repeats):
            frame = replace(frame, pulses=(frame.pulses + pulses) & 0x1FFFF)
            assert quick.decode(frame) == thorough.decode(frame)
            assert quick.decoding == thorough.decoding

"""WS2812 lights as bits: byte for byte, and as a light would read them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.drivers.ws2812_bits import encode
from agent.model import BLACK, Color

LOW = {6_400_000: bytes(240), 3_200_000: bytes(120)}
BYTES = st.integers(0, 255)
COLORS = st.builds(Color, red=BYTES, green=BYTES, blue=BYTES)


def test_eight_bits_of_the_bus_make_one_of_the_light_green_first_highest_bit_first():
    data = encode(Color(red=0x80, green=0x0F, blue=0x01), leds=1, order="GRB", speed_hz=6_400_000)
    green = "c0c0c0c0" + "f8f8f8f8"
    red = "f8c0c0c0" + "c0c0c0c0"
    blue = "c0c0c0c0" + "c0c0c0f8"
    assert data == LOW[6_400_000] + bytes.fromhex(green + red + blue) + LOW[6_400_000]


def test_four_bits_of_a_slower_bus_do_too():
    data = encode(Color(red=0x80, green=0x0F, blue=0x01), leds=1, order="GRB", speed_hz=3_200_000)
    assert data == LOW[3_200_000] + bytes.fromhex("8888eeee e8888888 8888888e") + LOW[3_200_000]


def test_the_order_of_the_colours_can_be_the_other_one():
    color = Color(red=0xFF, green=0, blue=0)
    data = encode(color, leds=1, order="RGB", speed_hz=3_200_000)
    assert data == LOW[3_200_000] + bytes.fromhex("eeeeeeee 88888888 88888888") + LOW[3_200_000]


def pulses(data, speed_hz):
    """Read a transfer as a light does: (high, low) of each pulse in ns, and the low around them."""
    bits = "".join(f"{byte:08b}" for byte in data)
    before, after = len(bits) - len(bits.lstrip("0")), len(bits) - len(bits.rstrip("0"))
    ns = 1e9 / speed_hz
    found = bits[before : len(bits) - after].replace("01", "0 1").split()
    return [(p.count("1") * ns, p.count("0") * ns) for p in found], before * ns, after * ns


@given(COLORS, st.integers(1, 64), st.sampled_from([6_400_000, 3_200_000]))
def test_a_light_reads_what_was_written_within_the_times_of_its_data_sheets(color, leds, speed_hz):
    data = encode(color, leds=leds, order="GRB", speed_hz=speed_hz)
    found, before, after = pulses(data, speed_hz)
    assert min(before, after) > 280_000
    assert len(data) <= 4096, "the kernel's buffer"
    ones = []
    for high, _ in found:
        is_one = high > 500
        assert 650 <= high <= 950 if is_one else 250 <= high <= 380
        ones.append(is_one)
    one = [bool(p >> b & 1) for p in (color.green, color.red, color.blue) for b in range(7, -1, -1)]
    assert ones == one * leds


WHITE = Color(red=255, green=255, blue=255)


@pytest.mark.parametrize("speed_hz", [250e6 / 40, 240e6 / 38, 200e6 / 32, 6e6])
def test_a_bus_whose_divider_only_comes_near_the_speed_stays_within(speed_hz):
    zeros, _, _ = pulses(encode(BLACK, leds=1, order="GRB", speed_hz=6_400_000), speed_hz)
    ones, _, _ = pulses(encode(WHITE, leds=1, order="GRB", speed_hz=6_400_000), speed_hz)
    assert all(250 <= high <= 380 for high, _ in zeros)
    assert all(650 <= high <= 950 for high, _ in ones)

"""WS2812 lights as the bits of an SPI bus: each of their bits is a pulse, wide or narrow.

At 6.4 MHz eight bits of the bus make one: 312 ns high for a zero, 781 ns for a one, in the middle
of what old and new parts take, also where the bus runs a little slower than it was asked to. Four
bits at 3.2 MHz make 312 and 937 ns, at the edge of old parts; that is for a bus that cannot go
faster. Either pulse ends low, so a pause of the bus between two bytes only makes a low longer.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from agent.model import Color

RESET_S: Final = 300e-6
"""Newer parts take over what they were told after more than 280 µs of low."""

Order = Literal["GRB", "RGB"]
Speed = Literal[6_400_000, 3_200_000]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Pulse:
    """`size` bits of the bus for a zero, and for a one."""

    size: int
    zero: int
    one: int


_PULSES: Final[Mapping[Speed, _Pulse]] = {
    6_400_000: _Pulse(size=8, zero=0b1100_0000, one=0b1111_1000),
    3_200_000: _Pulse(size=4, zero=0b1000, one=0b1110),
}


def encode(color: Color, *, leds: int, order: Order, speed_hz: Speed) -> bytes:
    """Write one transfer that makes *leds* lights show *color*: low, their bits, low.

    The low in front ends whatever a bus that rests high has said before.
    """
    pulse = _PULSES[speed_hz]
    green_first = order == "GRB"
    parts = (color.green, color.red) if green_first else (color.red, color.green)
    light = b"".join(_part(part, pulse) for part in (*parts, color.blue))
    low = bytes(round(speed_hz * RESET_S / 8))
    return low + light * leds + low


def _part(part: int, pulse: _Pulse) -> bytes:
    """Write one byte of a light, its highest bit first."""
    bits = 0
    for place in range(7, -1, -1):
        bits = bits << pulse.size | (pulse.one if part >> place & 1 else pulse.zero)
    return bits.to_bytes(pulse.size, "big")

"""A bad line, on purpose: it loses, flips, splits and repeats bytes, and makes chips lie."""

import random
from dataclasses import dataclass, replace
from typing import Final

from agent.drivers.hlw8032.frame import (
    POWER_UPDATED,
    STATE_GOOD,
    VOLTAGE_UPDATED,
    Frame,
    parse,
    serialize,
)

_BITS: Final = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Faults:
    """How often what goes wrong, as a probability for each byte (or each frame: *fantasy*)."""

    drop: float = 0.0
    flip: float = 0.0
    duplicate: float = 0.0
    split: float = 0.0
    fantasy: float = 0.0
    is_silent: bool = False


NO_FAULTS: Final = Faults()


class Line:
    """Carries frames with faults; the same seed makes the same faults. Faults may be swapped."""

    def __init__(self, faults: Faults = NO_FAULTS, *, seed: int = 0) -> None:
        self.faults = faults
        self._random = random.Random(seed)  # noqa: S311 - faults to be repeated, no secret

    def carry(self, frame: bytes) -> list[bytes]:
        """Tell in which pieces the frame arrives; a perfect line gives it whole."""
        faults = self.faults
        if faults.is_silent:
            return []
        if self._occurs(faults.fantasy):
            frame = serialize(_fantasy(parse(frame), is_voltage=self._occurs(0.5)))
        pieces = [bytearray()]
        for byte in frame:
            if self._occurs(faults.split):
                pieces.append(bytearray())
            pieces[-1] += self._carry_byte(byte)
        return [bytes(piece) for piece in pieces if piece]

    def _carry_byte(self, byte: int) -> bytes:
        if self._occurs(self.faults.drop):
            return b""
        if self._occurs(self.faults.flip):
            byte ^= 1 << self._random.randrange(_BITS)
        return bytes([byte]) * (2 if self._occurs(self.faults.duplicate) else 1)

    def _occurs(self, probability: float) -> bool:
        return probability > 0 and self._random.random() < probability


def _fantasy(frame: Frame, *, is_voltage: bool) -> Frame:
    """Make a frame that no checksum gives away, as real chips have sent them."""
    if is_voltage:  # 0.4 V at the input, in the middle of good mains
        return replace(frame, vr=464_669, update=frame.update | VOLTAGE_UPDATED)
    return replace(frame, state=STATE_GOOD, pr=128, update=frame.update | POWER_UPDATED)

"""One frame of the HLW8032: 24 bytes and what they mean (user manual REV 1.5, pages 11–14)."""

from dataclasses import dataclass
from struct import Struct
from typing import Final, NamedTuple

from agent.quick import quick

FRAME_SIZE: Final = 24
FRAME_PERIOD_S: Final = 0.1048
"""55 ms on the wire at 4800 baud and a pause of 50 ms, as measured on several boards."""

CHECK: Final = 0x5A
STATE_GOOD: Final = 0x55
STATE_UNCORRECTED: Final = 0xAA
STATE_FLAGS: Final = 0xF0
"""The high nibble that says: the low one holds the four flags below."""

VOLTAGE_NEAR_ZERO: Final = 0x08
CURRENT_NEAR_ZERO: Final = 0x04
POWER_NEAR_ZERO: Final = 0x02
PARAMETERS_UNUSABLE: Final = 0x01

COUNTER_TOGGLED: Final = 0x80
VOLTAGE_UPDATED: Final = 0x40
CURRENT_UPDATED: Final = 0x20
POWER_UPDATED: Final = 0x10

SATURATED: Final = 0xFEFF01
"""A period register holds here when nothing comes to be measured."""

_unpacked: Final = Struct(">BxBHBHBHBHBHBHBHB").unpack
"""State, six registers of 24 bits in two parts each, Data Update, counter, checksum."""

HEADER_STATES: Final = frozenset([STATE_GOOD, STATE_UNCORRECTED, *range(STATE_FLAGS, 0x100)])


class Parameters(NamedTuple):
    """The chip's three factory constants; they never change for one chip."""

    vp: int
    ip: int
    pp: int


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """The registers of one frame, under the manual's names.

    `vp`, `ip`, `pp` are the factory parameters; `vr`, `ir`, `pr` are measured periods: the
    smaller, the more there is. `pulses` has 17 bits, the toggle of `update` on top.
    """

    state: int
    update: int
    vp: int
    vr: int
    ip: int
    ir: int
    pp: int
    pr: int
    pulses: int
    checksum: int

    @property
    def parameters(self) -> Parameters:
        """The factory constants together."""
        return Parameters(self.vp, self.ip, self.pp)

    @property
    def has_usable_parameters(self) -> bool:
        """Tell whether V, I and P can be computed at all."""
        if self.state == STATE_UNCORRECTED:
            return False
        return self.state == STATE_GOOD or not self.state & PARAMETERS_UNUSABLE

    def is_near_zero(self, flag: int) -> bool:
        """Tell whether the state says that this quantity is too small to be measured."""
        return self.state & STATE_FLAGS == STATE_FLAGS and bool(self.state & flag)

    def is_updated(self, bit: int) -> bool:
        """Tell whether the register of this update bit holds a finished measurement."""
        return bool(self.update & bit)


def parse(data: bytes | bytearray) -> Frame:
    """Read the registers of 24 bytes; whether they are a frame is the framer's question."""
    state, vp, vp_, vr, vr_, ip, ip_, ir, ir_, pp, pp_, pr, pr_, update, count, check = _unpacked(
        data
    )
    return Frame(
        state=state,
        update=update,
        vp=vp << 16 | vp_,
        vr=vr << 16 | vr_,
        ip=ip << 16 | ip_,
        ir=ir << 16 | ir_,
        pp=pp << 16 | pp_,
        pr=pr << 16 | pr_,
        pulses=(update & COUNTER_TOGGLED) << 9 | count,
        checksum=check,
    )


def serialize(frame: Frame) -> bytes:
    """Make the 24 bytes of *frame* with a true checksum; toggle and count come from `pulses`."""
    update = frame.update & ~COUNTER_TOGGLED | (frame.pulses >> 16) << 7
    registers = (frame.vp, frame.vr, frame.ip, frame.ir, frame.pp, frame.pr)
    body = b"".join(register.to_bytes(3, "big") for register in registers)
    body += bytes([update]) + (frame.pulses & 0xFFFF).to_bytes(2, "big")
    return bytes([frame.state, CHECK]) + body + bytes([checksum(body)])


def checksum(body: bytes | bytearray) -> int:
    """Sum bytes 2 to 22 of a frame; the state and the check byte are not covered."""
    return sum(body) & 0xFF

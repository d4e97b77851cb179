"""One answer of the BL0942: 23 bytes and what they mean (data sheet V1.06, UART packet mode)."""

from dataclasses import dataclass
from typing import Final

PACKET_SIZE: Final = 23
HEADER: Final = 0x55
READ: Final = 0x58
"""The read command; the chip's address is added to it."""
ALL: Final = 0xAA
"""Asks for every measuring register in one answer."""

POWER_REVERSED: Final = 0x01
POWER_CREEPS: Final = 0x02
"""Bits of the status: power flows backwards; it is too small, and the chip counts none."""

COUNTER_BITS: Final = 24
_SIGN: Final = 1 << 23
_MASK: Final = (1 << 24) - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Packet:
    """The registers of one answer; `watt` is signed, `pulses` counts modulo 2^24."""

    i_rms: int
    v_rms: int
    i_fast_rms: int
    watt: int
    pulses: int
    period: int
    status: int


def request(address: int) -> bytes:
    """Make the two bytes that ask the chip at *address* for a packet."""
    return bytes([READ | address, ALL])


def parse(data: bytes | bytearray) -> Packet:
    """Read the registers of 23 bytes; whether they are a packet is the framer's question."""
    watt = _u24(data, 10)
    return Packet(
        i_rms=_u24(data, 1),
        v_rms=_u24(data, 4),
        i_fast_rms=_u24(data, 7),
        watt=watt - (_SIGN << 1) if watt & _SIGN else watt,
        pulses=_u24(data, 13),
        period=data[16] | data[17] << 8,
        status=data[19],
    )


def serialize(packet: Packet, address: int = 0) -> bytes:
    """Make the 23 bytes that the chip at *address* would send."""
    registers = (packet.i_rms, packet.v_rms, packet.i_fast_rms, packet.watt, packet.pulses)
    body = b"".join((register & _MASK).to_bytes(3, "little") for register in registers)
    body += packet.period.to_bytes(2, "little") + bytes([0, packet.status, 0, 0])
    whole = bytes([HEADER]) + body
    return whole + bytes([checksum(whole, address)])


def checksum(whole: bytes | bytearray, address: int) -> int:
    """Sum the read command and every byte before the checksum, and turn the bits round."""
    return ~(READ + address + sum(whole)) & 0xFF


def _u24(data: bytes | bytearray, at: int) -> int:
    return data[at] | data[at + 1] << 8 | data[at + 2] << 16

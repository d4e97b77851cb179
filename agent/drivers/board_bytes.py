"""The bytes of relay boards on serial lines and networks, for the agent and the stop guard.

The guard imports this: next to nothing may be imported here.
"""

import re

QUERY = b"\xff"
"""Asks an LCUS board for all of its contacts."""

MOST_STATUS = 1024
"""No board answers more; what is longer is noise."""

COIL_ON = 0xFF00
COIL_OFF = 0x0000
WRITE_COIL = 0x05

_LCUS_START = 0xA0
_MBAP_ID = 0x7063
_TEXT = re.compile(rb"CH\s*(\d{1,3})\s*:\s*(ON|OFF)", re.IGNORECASE)


def crc(data: bytes) -> int:
    """Sum *data* up as Modbus RTU does."""
    value = 0xFFFF
    for byte in data:
        value ^= byte
        for _ in range(8):
            value = (value >> 1) ^ 0xA001 if value & 1 else value >> 1
    return value


def write_coil_rtu(address: int, coil: int, *, on: bool) -> bytes:
    """Make the RTU frame that writes a coil; a board answers with the very same bytes."""
    body = bytes([address]) + _write_coil(coil, on=on)
    return body + crc(body).to_bytes(2, "little")


def write_coil_tcp(address: int, coil: int, *, on: bool) -> bytes:
    """Make the Modbus TCP message that writes a coil; the answer has the very same bytes."""
    body = bytes([address]) + _write_coil(coil, on=on)
    head = (_MBAP_ID, 0, len(body))
    return b"".join(word.to_bytes(2, "big") for word in head) + body


def _write_coil(coil: int, *, on: bool) -> bytes:
    value = COIL_ON if on else COIL_OFF
    return bytes([WRITE_COIL]) + coil.to_bytes(2, "big") + value.to_bytes(2, "big")


def lcus(channel: int, *, on: bool) -> bytes:
    """Make the command of an LCUS board: start, channel, 0 or 1, and the sum of the three."""
    body = bytes([_LCUS_START, channel, int(on)])
    return body + bytes([sum(body) & 0xFF])


def lcus_status(answer: bytes) -> dict[int, bool]:
    """Read the answer to `QUERY`: where each channel stands; empty where it is none yet.

    Boards answer in one of two ways: a line of text for each channel ('CH1: ON'), or one byte
    0 or 1 for each.
    """
    told = {int(number): state.upper() == b"ON" for number, state in _TEXT.findall(answer)}
    if not told and answer and set(answer) <= {0, 1}:
        told = {number: bool(byte) for number, byte in enumerate(answer, start=1)}
    return told

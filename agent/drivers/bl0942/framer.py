"""Find packets in what comes over the line: a sliding window in which a bad byte costs one byte."""

from collections import Counter
from enum import StrEnum

from agent.drivers.bl0942.packet import HEADER, PACKET_SIZE, Packet, checksum, parse


class Rejection(StrEnum):
    """Why bytes are not a packet; `NO_HEADER` counts bytes, the other windows."""

    NO_HEADER = "no_header"
    BAD_CHECKSUM = "bad_checksum"


class Framer:
    """Turns bytes into packets of the chip at *address*, whatever the size of the pieces.

    It keeps at most 22 bytes between two calls.
    """

    def __init__(self, address: int = 0) -> None:
        self.rejections: Counter[Rejection] = Counter()
        self.packets = 0
        self.bytes_received = 0
        self._address = address
        self._buffer = bytearray()

    def feed(self, data: bytes) -> list[Packet]:
        """Take bytes, and return the packets that they complete."""
        self.bytes_received += len(data)
        buffer = self._buffer
        buffer += data
        found: list[Packet] = []
        at = self._next_header(0)
        while at + PACKET_SIZE <= len(buffer):
            window = buffer[at : at + PACKET_SIZE]
            if checksum(window[:-1], self._address) == window[-1]:
                found.append(parse(window))
                at = self._next_header(at + PACKET_SIZE)
            else:
                self.rejections[Rejection.BAD_CHECKSUM] += 1
                at = self._next_header(at + 1)
        del buffer[:at]
        self.packets += len(found)
        return found

    def forget(self) -> None:
        """Drop what is left of before: an answer that is asked for now begins at its first byte."""
        self.rejections[Rejection.NO_HEADER] += len(self._buffer)
        self._buffer.clear()

    def _next_header(self, start: int) -> int:
        at = self._buffer.find(HEADER, start)
        if at < 0:
            at = len(self._buffer)
        self.rejections[Rejection.NO_HEADER] += at - start
        return at

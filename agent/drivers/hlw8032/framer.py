"""Find frames in a stream of bytes: a sliding window in which a bad byte costs one byte."""

from collections import Counter
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from agent.drivers.hlw8032.frame import (
    CHECK,
    FRAME_SIZE,
    HEADER_STATES,
    Frame,
    Parameters,
    checksum,
    parse,
)
from agent.quick import quick

LEARNING_FRAMES: Final = 8
"""So many good frames in a row that agree make their parameters the chip's."""


class Rejection(StrEnum):
    """Why bytes are not a frame."""

    NO_HEADER = "no_header"
    BAD_CHECKSUM = "bad_checksum"
    FOREIGN_PARAMETERS = "foreign_parameters"


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """A frame at *offset* in the stream, or a window that stands where a frame should be."""

    offset: int
    frame: Frame
    rejection: Rejection | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Framing:
    """What a framer knows between two pieces of bytes."""

    buffer: bytes = b""
    offset: int = 0
    expected: int = 0
    learned: Parameters | None = None
    candidate: Parameters | None = None
    agreeing: int = 0


UNFRAMED: Final = Framing()


class Framer:
    """Turns bytes into sightings, whatever the size of the pieces in which they come.

    It keeps at most 23 bytes between two calls. A header inside a payload is data: a window
    is judged whole, and after a bad one the search goes on at its second byte. Once the
    chip's parameters are learned, a frame with others is rejected, until as many frames in a
    row agree on new ones (the chip was swapped).
    """

    def __init__(self, framing: Framing = UNFRAMED) -> None:
        self.rejections: Counter[Rejection] = Counter()
        """How often each reason occurred; `NO_HEADER` counts bytes, the others windows."""
        self.frames = 0
        """How many good frames there were."""
        self._buffer = bytearray(framing.buffer)
        self._offset = framing.offset  # of the buffer's first byte in the stream
        self._expected = framing.expected  # where the next frame begins if nothing is amiss
        self._learned = framing.learned
        self._candidate = framing.candidate
        self._agreeing = framing.agreeing

    @property
    def framing(self) -> Framing:
        """What it knows now: a framer that begins with it goes on where this one is."""
        return Framing(
            buffer=bytes(self._buffer),
            offset=self._offset,
            expected=self._expected,
            learned=self._learned,
            candidate=self._candidate,
            agreeing=self._agreeing,
        )

    @property
    def offset(self) -> int:
        """How many bytes came in."""
        return self._offset + len(self._buffer)

    def feed(self, data: bytes) -> list[Sighting]:
        """Take bytes, and return what they complete."""
        if len(data) == FRAME_SIZE and not self._buffer:
            return self._feed_one(data)
        self._buffer += data
        return self._search([], self._next_header(0))

    def _feed_one(self, data: bytes) -> list[Sighting]:
        """Take as many bytes as a frame has, where none wait: mostly they are one."""
        if data[1] != CHECK or data[0] not in HEADER_STATES:
            self._buffer += data
            return self._search([], self._next_header(0))
        sighting = self._judge(data, self._offset)
        if sighting is not None and sighting.rejection is None:
            self._offset += FRAME_SIZE
            return [sighting]
        self._buffer += data
        return self._search([] if sighting is None else [sighting], self._next_header(1))

    def _search(self, sightings: list[Sighting], at: int) -> list[Sighting]:
        """Look at every window of the buffer from *at* on; add to *sightings*."""
        buffer = self._buffer
        while at + FRAME_SIZE <= len(buffer):
            window = buffer[at : at + FRAME_SIZE]
            sighting = self._judge(window, self._offset + at)
            if sighting is not None:
                sightings.append(sighting)
            is_good = sighting is not None and sighting.rejection is None
            at = self._next_header(at + (FRAME_SIZE if is_good else 1))
        del buffer[:at]
        self._offset += at
        return sightings

    def _next_header(self, start: int) -> int:
        """Find the next place at or after *start* where a frame could begin."""
        buffer = self._buffer
        end = len(buffer)
        at = start
        while at < end:
            check = buffer.find(CHECK, at + 1)
            if check < 0:
                check = end
            if buffer[check - 1] in HEADER_STATES:
                at = check - 1
                break
            at = check
        self.rejections[Rejection.NO_HEADER] += at - start
        return at

    def _judge(self, window: bytes | bytearray, offset: int) -> Sighting | None:
        frame = parse(window)
        if checksum(window[2:23]) != frame.checksum:
            self.rejections[Rejection.BAD_CHECKSUM] += 1
            if offset != self._expected and frame.parameters != self._candidate:
                return None  # a header by chance, inside a payload or garbage
            return self._sight(offset, frame, Rejection.BAD_CHECKSUM)
        if not self._admits(frame.parameters):
            self.rejections[Rejection.FOREIGN_PARAMETERS] += 1
            return self._sight(offset, frame, Rejection.FOREIGN_PARAMETERS)
        self.frames += 1
        return self._sight(offset, frame, None)

    def _sight(self, offset: int, frame: Frame, rejection: Rejection | None) -> Sighting:
        self._expected = offset + FRAME_SIZE
        return Sighting(offset=offset, frame=frame, rejection=rejection)

    def _admits(self, parameters: Parameters) -> bool:
        if parameters == self._candidate:
            self._agreeing += 1
        else:
            self._candidate = parameters
            self._agreeing = 1
        if self._agreeing >= LEARNING_FRAMES:
            self._learned = parameters
        return self._learned is None or parameters == self._learned

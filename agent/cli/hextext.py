"""Hex text as people paste it → bytes, and where it is wrong."""

import string
from collections.abc import Iterable, Iterator
from typing import Final

_DIGITS: Final = frozenset(string.hexdigits)
_SEPARATORS: Final = frozenset(" \t\r\n\f\v,;")


class HexError(Exception):
    """The text is not hex; the message names line and column."""


def decode_lines(lines: Iterable[bytes]) -> Iterator[bytes]:
    """Decode text that comes in lines, or in pieces of very long lines."""
    reader = _HexReader()
    for line in lines:
        yield reader.feed(line)
    reader.finish()


class _HexReader:
    """Reads pairs of digits; `0x` before a pair, separators between and # comments fall away."""

    def __init__(self) -> None:
        self._line = 1
        self._column = 0
        self._high: str | None = None
        self._is_comment = False
        self._is_prefix_possible = True

    def feed(self, piece: bytes) -> bytes:
        text = piece.decode("utf-8", errors="replace")
        return bytes(byte for char in text if (byte := self._take(char)) is not None)

    def finish(self) -> None:
        if self._high is not None:
            raise self._error("the text ends after half a byte")

    def _take(self, char: str) -> int | None:
        self._column += 1
        if char == "\n":
            self._end_line()
        elif self._is_comment:
            return None
        elif char in _DIGITS:
            return self._digit(char)
        elif char in _SEPARATORS or char == "#":
            self._expect_whole_byte(char)
            self._is_comment = char == "#"
            self._is_prefix_possible = True
        elif char in "xX" and self._high == "0" and self._is_prefix_possible:
            self._high = None
            self._is_prefix_possible = False
        elif not (char == "\ufeff" and (self._line, self._column) == (1, 1)):
            raise self._error(f"{char!r} is not a hex digit")
        return None

    def _digit(self, char: str) -> int | None:
        if self._high is None:
            self._high = char
            return None
        byte = int(self._high + char, 16)
        self._high = None
        self._is_prefix_possible = True
        return byte

    def _end_line(self) -> None:
        if not self._is_comment:
            self._expect_whole_byte("\n")
        self._line += 1
        self._column = 0
        self._is_comment = False
        self._is_prefix_possible = True

    def _expect_whole_byte(self, char: str) -> None:
        if self._high is not None:
            raise self._error(f"a byte is two hex digits, but {char!r} stands after {self._high!r}")

    def _error(self, fault: str) -> HexError:
        return HexError(f"line {self._line}, column {self._column}: {fault}")

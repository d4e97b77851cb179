"""Where a key stands in TOML text: what tomllib does not tell, and a fault must."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

KeyPath = tuple[str | int, ...]
"""A key with its tables; a number counts in an array, as the parsed data does."""

_BLANK: Final = re.compile(r"(?:[ \t\n]|#[^\n]*)*")
_SPACE: Final = re.compile(r"[ \t]*")
_STRING: Final = re.compile(
    r'"""(?:\\.|[^\\])*?"{3,5}'
    r"|'''.*?'{3,5}"
    r'|"(?:\\.|[^"\\])*"'
    r"|'[^']*'",
    re.DOTALL,
)
_BARE_KEY: Final = re.compile(r"[A-Za-z0-9_-]+")
_BARE_VALUE: Final = re.compile(r"[^,\]}#\n]+")


def locate(text: str) -> Mapping[KeyPath, int]:
    """Give the line (from 1) of every key, table and array item of *text*, which is valid TOML.

    A table has the line of its header, or of its first key where it has none. What stands in
    an inline table has the line on which its own key stands.
    """
    scanner = _Scanner(text=text.replace("\r\n", "\n"))
    scanner.document()
    return scanner.lines


def line_of(lines: Mapping[KeyPath, int], path: KeyPath) -> int | None:
    """Find the line of *path*, or of the nearest table around it that is written down."""
    for size in range(len(path), 0, -1):
        line = lines.get(path[:size])
        if line is not None:
            return line
    return None


@dataclass(slots=True, kw_only=True)
class _Scanner:
    """A walk over text that tomllib has accepted: it only has to find, not to judge."""

    text: str
    at: int = 0
    line: int = 1
    lines: dict[KeyPath, int] = field(default_factory=dict[KeyPath, int])
    counts: dict[KeyPath, int] = field(default_factory=dict[KeyPath, int])

    def document(self) -> None:
        table: KeyPath = ()
        self._skip(_BLANK)
        while self.at < len(self.text):
            if self._peek() == "[":
                table = self._header()
            else:
                self._pair(table)
            self._skip(_BLANK)

    def _header(self) -> KeyPath:
        is_array = self.text.startswith("[[", self.at)
        line = self.line
        self.at += 2 if is_array else 1
        path = self._enter((), self._key(), line, is_item=is_array)
        self.lines[path] = line
        self.at += 2 if is_array else 1
        return path

    def _enter(self, table: KeyPath, key: tuple[str, ...], line: int, *, is_item: bool) -> KeyPath:
        """Note every table on the way to *key*; step into the last item of arrays of tables."""
        path = table
        for place, name in enumerate(key, start=1):
            path = (*path, name)
            self.lines.setdefault(path, line)
            if is_item and place == len(key):
                self.counts[path] = self.counts.get(path, -1) + 1
            if path in self.counts:
                path = (*path, self.counts[path])
                self.lines.setdefault(path, line)
        return path

    def _pair(self, table: KeyPath) -> None:
        line = self.line
        path = self._enter(table, self._key(), line, is_item=False)
        self.at += 1
        self._skip(_SPACE)
        self._value(path)

    def _key(self) -> tuple[str, ...]:
        """Read a dotted key; stop at what follows it."""
        names: list[str] = []
        while True:
            self._skip(_SPACE)
            if self._peek() in "\"'":
                names.append(tomllib.loads(f"key = {self._take(_STRING)}")["key"])
            else:
                names.append(self._take(_BARE_KEY))
            self._skip(_SPACE)
            if self._peek() != ".":
                return tuple(names)
            self.at += 1

    def _value(self, path: KeyPath) -> None:
        match self._peek():
            case "[":
                self._array(path)
            case "{":
                self._inline_table(path)
            case '"' | "'":
                self._skip(_STRING)
            case _:
                self._skip(_BARE_VALUE)

    def _array(self, path: KeyPath) -> None:
        self.at += 1
        self._skip(_BLANK)
        place = 0
        while self._peek() != "]":
            self.lines[*path, place] = self.line
            self._value((*path, place))
            self._skip_separator()
            place += 1
        self.at += 1

    def _inline_table(self, path: KeyPath) -> None:
        self.at += 1
        self._skip(_BLANK)
        while self._peek() != "}":
            self._pair(path)
            self._skip_separator()
        self.at += 1

    def _skip_separator(self) -> None:
        self._skip(_BLANK)
        if self._peek() == ",":
            self.at += 1
            self._skip(_BLANK)

    def _peek(self) -> str:
        return self.text[self.at : self.at + 1]

    def _skip(self, pattern: re.Pattern[str]) -> None:
        self._take(pattern)

    def _take(self, pattern: re.Pattern[str]) -> str:
        found = pattern.match(self.text, self.at)
        taken = found.group() if found else ""
        self.at += len(taken)
        self.line += taken.count("\n")
        return taken

"""Stand-ins: texts of the same shape that say nothing, and that show that they do."""

import re
from collections.abc import Iterator
from typing import Final

LIMIT: Final = 1000
_ONE_IN: Final = 100
"""A stand-in's number is below `LIMIT`, and among the first hundredth of what its shape can hold:
no text that means something looks like one by chance."""

_ESCAPED: Final = re.compile(r"\\+u[0-9a-fA-F]{4}|%[0-9a-fA-F]{2}|.", re.DOTALL)
_TOKEN: Final = re.compile(r"[A-Za-z0-9]+")
_ALPHABETS: Final = ("0123456789", "abcdef", "ABCDEF")
_OTHER: Final = "某"


class StandIns:
    """One stand-in for each text, the same wherever it stands; a stand-in is its own."""

    def __init__(self, used: str = "") -> None:
        """Leave those alone that stand in *used* already."""
        self._known: dict[str, str] = {}
        self._used = {token for token in _TOKEN.findall(used) if is_stand_in(token)}

    def of(self, text: str) -> str:
        """Return the stand-in for *text*."""
        if is_stand_in(text):
            return text
        if text not in self._known:
            self._known[text] = self._next(text)
            self._used.add(self._known[text])
        return self._known[text]

    def _next(self, text: str) -> str:
        candidates = (stand_in(text, number) for number in range(1, _limit(text)))
        return next((each for each in candidates if each not in self._used), stand_in(text, 0))


def stand_in(text: str, number: int) -> str:
    """Write *number* in the shape of *text*: digits for digits, a to f for letters."""
    pieces: list[str] = []
    for piece, alphabet in reversed(list(_places(text))):
        number, digit = divmod(number, max(1, len(alphabet)))
        pieces.append(alphabet[digit] if alphabet else piece)
    return "".join(reversed(pieces))


def is_stand_in(text: str) -> bool:
    """Tell whether *text* is a stand-in; so is what has neither letter nor digit."""
    number = 0
    for piece, alphabet in _places(text):
        if alphabet and piece not in alphabet:
            return False
        if alphabet:
            number = number * len(alphabet) + alphabet.index(piece)
    return number < _limit(text)


def _limit(text: str) -> int:
    capacity = 1
    for _, alphabet in _places(text):
        capacity = min(capacity * max(1, len(alphabet)), LIMIT * _ONE_IN)
    return max(2, capacity // _ONE_IN)


def _places(text: str) -> Iterator[tuple[str, str]]:
    """List the characters, each with those that may stand there; none: it stays."""
    is_number = text.isascii() and text.isdigit()
    for index, found in enumerate(_ESCAPED.finditer(text)):
        piece = found[0]
        if is_number and index == 0:
            yield piece, "1"
        else:
            yield piece, _alphabet(piece)


def _alphabet(piece: str) -> str:
    if len(piece) > 1 or not piece.isalnum():
        return ""
    if not piece.isascii():
        return _OTHER
    return next(each for each in _ALPHABETS if _class(piece) == _class(each[0]))


def _class(piece: str) -> tuple[bool, bool]:
    return piece.isdigit(), piece.isupper()

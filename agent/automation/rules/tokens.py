"""A rule's text as tokens, each with its place."""

import re
from collections.abc import Sequence
from typing import Final, NamedTuple

_TOKEN: Final = re.compile(
    r"""\s*(?:
        (?P<time>\d{1,2}:\d{2})
      | (?P<duration>(?:\d+[dhms])+)(?![A-Za-z0-9_.])
      | (?P<number>-?\d{1,12}(?:\.\d{1,12})?)(?![A-Za-z0-9_.])
      | (?P<word>[A-Za-z][A-Za-z0-9_]{0,63})
      | (?P<text>"[^"]{0,64}")
      | (?P<op><=|>=|==|!=|<|>)
      | (?P<colon>:)
      | (?P<other>\S[^\s:<>=!"]*)
    )""",
    re.VERBOSE | re.ASCII,
)


class Token(NamedTuple):
    """One word of a rule; `at` counts characters from 1. The last one of a text has the kind ''."""

    kind: str
    text: str
    at: int


def tokens_of(text: str) -> tuple[Sequence[Token], str, int]:
    """Take *text* apart up to its colon; give what stands behind it too, and where that begins."""
    found: list[Token] = []
    place = 0
    while (match := _TOKEN.match(text, place)) is not None:
        kind = str(match.lastgroup)
        token = Token(kind, match.group(kind), match.start(kind) + 1)
        found.append(token)
        place = match.end()
        if kind == "colon":
            break
    end = len(text.rstrip()) + 1
    return (*found, Token("", "the end", end)), text[place:], place

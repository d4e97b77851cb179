"""Make a recorded dialogue fit to be shown: no names, no addresses, no secrets.

Products, devices, instances, hosts, addresses, serial numbers and secrets become stand-ins of the
same shape, the same wherever they stand, so that a codec still understands every message. What
still looks like a secret is refused, by its place. What is redacted does not change any more.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, cast

from agent.clouds.dialogue.identities import hosts, identities, own_labels, request_ids
from agent.clouds.dialogue.neutral import DialogueError
from agent.clouds.dialogue.stand_ins import StandIns, is_stand_in
from agent.clouds.dialogue.suspects import CONSTANTS, KEYED, is_secret_key, suspects
from agent.clouds.dialogue.text import dump, parse

MOST: Final = 20
"""So many places are told of."""
_LONG_NAME: Final = 5
_LONG_VALUE: Final = 8

_HEX4: Final = "[0-9A-Fa-f]{1,4}"
_HALF: Final = f"(?:{_HEX4}(?::{_HEX4})*)?"
ADDRESSES: Final = (
    re.compile(r"(?<![0-9A-Za-z])(?:[0-9A-Fa-f]{2}[:-]){5}[0-9A-Fa-f]{2}(?![0-9A-Za-z])"),
    re.compile(r"(?<![0-9.])(?:[0-9]{1,3}\.){3}[0-9]{1,3}(?![0-9.])"),
    re.compile(rf"(?<![0-9A-Za-z:])(?:(?:{_HEX4}:){{7}}{_HEX4}|{_HALF}::{_HALF})(?![0-9A-Za-z:])"),
)
"""MAC, IPv4, IPv6."""

_URL: Final = re.compile(r"(?<=://)[A-Za-z0-9.-]+")
_BEFORE: Final = r"(?:(?<![A-Za-z0-9])|(?<=%[0-9A-Fa-f]{2})|(?<=\\u[0-9A-Fa-f]{4})|(?<=\\[bfnrt]))"
_AFTER: Final = r"(?![A-Za-z0-9])"


def redact(text: str, keep: Collection[str] = ()) -> str:
    """Redact a recording's text; *keep* are words that are no secrets; raise `DialogueError`."""
    written = text.removesuffix("\n").split("\n")
    rows = [parse(row, number) for number, row in enumerate(written, start=1)]
    made = StandIns(text)
    names = identities(rows)
    joined = {one + two: made.of(one) + made.of(two) for one in names for two in names}
    known = {
        **{piece: made.of(piece) for piece in (*request_ids(rows), *_keyed(rows))},
        **joined,
        **{name: made.of(name) for name in names},
        **{host: _host(host, made) for host in hosts(rows)},
    }
    rules = _Rules(made, known)
    redacted = [rules.changed(row, is_secret=False) for row in rows]
    left = [name for name in names if made.of(name) != name and len(name) >= _LONG_NAME]
    found = list(remains(redacted, left, {*keep, *joined.values()}))
    if found:
        more = [] if len(found) <= MOST else [f"and {len(found) - MOST} more"]
        raise DialogueError("; ".join([*found[:MOST], *more]))
    return "".join(dump(row) + "\n" for row in redacted)


def redacted_text(text: str) -> str:
    """Redact a text that is no dialogue: what stands under the key of a secret, and addresses."""
    changed = _Rules(StandIns(text), {}).changed(text, is_secret=False)
    return str(changed)


def _keyed(rows: Iterable[object]) -> Iterator[str]:
    """List the values under secret keys: they may stand elsewhere too."""
    for row in rows:
        for leaf in _leaves(row, "", is_secret=False):
            for found in KEYED.finditer(leaf.text):
                if is_secret_key(found["key"]) and len(found["value"]) >= _LONG_VALUE:
                    yield found["value"]


def _host(host: str, made: StandIns) -> str:
    own = set(own_labels(host))
    return ".".join(made.of(label) if label in own else label for label in host.split("."))


class _Rules:
    """How the values of a line are changed; *known* says what becomes of what."""

    def __init__(self, made: StandIns, known: Mapping[str, str]) -> None:
        self._made = made
        self._known = known
        words = "|".join(re.escape(each) for each in sorted(known, key=len, reverse=True))
        self._words = re.compile(f"{_BEFORE}(?:{words}){_AFTER}") if known else None

    def changed(self, value: object, *, is_secret: bool) -> object:
        """Change a value, however deep; all that stands under a secret key *is_secret*."""
        if isinstance(value, dict):
            table = cast("dict[str, object]", value)
            return {
                self._text(key): self.changed(each, is_secret=is_secret or is_secret_key(key))
                for key, each in table.items()
            }
        if isinstance(value, list):
            return [self.changed(each, is_secret=is_secret) for each in cast("list[object]", value)]
        if isinstance(value, str):
            return self._made.of(value) if is_secret else self._text(value)
        if is_secret and isinstance(value, int | float) and not isinstance(value, bool):
            return int(self._made.of(str(abs(int(value)))))
        return value

    def _text(self, text: str) -> str:
        if self._words is not None:
            text = self._words.sub(lambda found: self._known[found[0]], text)
        text = KEYED.sub(self._keyed, text)
        text = _URL.sub(lambda found: _host(found[0], self._made), text)
        for pattern in ADDRESSES:
            text = pattern.sub(lambda found: self._made.of(found[0]), text)
        return text

    def _keyed(self, found: re.Match[str]) -> str:
        key, sign, value = found.group("key", "sign", "value")
        if is_secret_key(key) and value not in CONSTANTS:
            value = self._made.of(value)
        return f"{key}{sign}{value}"


# ── what remains ────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True, kw_only=True)
class _Leaf:
    """A text or number of a line, and the keys that lead to it."""

    path: str
    text: str
    is_secret: bool


def _leaves(value: object, path: str, *, is_secret: bool) -> Iterator[_Leaf]:
    if isinstance(value, dict):
        for key, each in cast("dict[str, object]", value).items():
            yield _Leaf(path=f"{path}a key", text=key, is_secret=False)
            inside = is_secret or is_secret_key(key)
            yield from _leaves(each, f"{path}{key}.", is_secret=inside)
    elif isinstance(value, list):
        for each in cast("list[object]", value):
            yield from _leaves(each, path, is_secret=is_secret)
    elif isinstance(value, str | int) and not isinstance(value, bool):
        yield _Leaf(path=path.removesuffix("."), text=str(value), is_secret=is_secret)


def remains(
    rows: Sequence[object], names: Sequence[str] = (), keep: Collection[str] = ()
) -> Iterator[str]:
    """Say where *rows* still show a secret, or one of *names*, without showing it."""
    for number, row in enumerate(rows, start=1):
        for leaf in _leaves(row, "", is_secret=False):
            where = f"line {number}: {leaf.path}"
            if leaf.is_secret and not is_stand_in(leaf.text):
                yield f"{where}: what stands there is secret"
            if any(name in leaf.text for name in names):
                yield f"{where}: the name of a product or a device remains"
            for each in suspects(leaf.text, keep):
                yield f"{where}: {each.length} characters from {each.start} on: {each.why}"

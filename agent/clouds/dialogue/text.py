"""The text of a recorded dialogue: a file of lines, each a JSON object that says what it `is`."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import MISSING, dataclass, fields
from typing import Any, Final, cast

from agent.clouds.dialogue.lines import (
    FORM,
    Answered,
    Asked,
    Dialogue,
    Ended,
    Full,
    Header,
    Heard,
    Line,
    Opened,
    Said,
    Sent,
    Subscribed,
)
from agent.clouds.dialogue.neutral import (
    DialogueError,
    plain,
    read_outcome,
    read_uplink,
    written,
)

KINDS: Final[Mapping[str, type[Any]]] = {
    "dialogue": Header,
    "connect": Opened,
    "subscribe": Subscribed,
    "ask": Asked,
    "say": Said,
    "answer": Answered,
    "up": Sent,
    "down": Heard,
    "end": Ended,
    "full": Full,
}
_NAMES: Final = {kind: name for name, kind in KINDS.items()}
_LONE: Final = re.compile("[\ud800-\udfff]")


def write_dialogue(dialogue: Dialogue) -> str:
    """Write a recording as a file's text."""
    return "".join(write_line(each) + "\n" for each in (dialogue.header, *dialogue.lines))


def write_line(line: Header | Line) -> str:
    """Write a line; a byte that is no UTF-8 is a lone surrogate, as in PEP 383."""
    body: dict[str, object] = {"is": _NAMES[type(line)]}
    for each in fields(line):
        value = getattr(line, each.name)
        if value != each.default:
            body[each.name] = _FIELDS[each.name].write(value)
    return dump(body)


def dump(body: object) -> str:
    """Write JSON for a line."""
    text = json.dumps(body, ensure_ascii=False)
    return _LONE.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def read_dialogue(text: str) -> Dialogue:
    """Read a file's text; raise `DialogueError` that names the line."""
    rows = text.removesuffix("\n").split("\n")
    found = [_read_line(row, number) for number, row in enumerate(rows, start=1)]
    header, lines = found[0], [each for each in found[1:] if not isinstance(each, Header)]
    if not isinstance(header, Header) or len(lines) != len(found) - 1:
        raise DialogueError('line 1, and no other one, has "is": "dialogue"')
    if lines and not isinstance(lines[0], Opened):
        raise DialogueError('line 2: a dialogue begins with "is": "connect"')
    return Dialogue(header=header, lines=tuple(lines))


def parse(row: str, number: int) -> dict[str, object]:
    """Read the JSON object of a line; raise `DialogueError`."""
    try:
        body: object = json.loads(row)
    except (ValueError, RecursionError) as error:
        raise DialogueError(f"line {number}: no JSON: {error}") from error
    if not isinstance(body, dict):
        raise DialogueError(f"line {number}: found {body!r:.40}; allowed: an object")
    return cast("dict[str, object]", body)


def _read_line(row: str, number: int) -> Header | Line:
    body = parse(row, number)
    kind = KINDS.get(str(body.pop("is", None)))
    if kind is None:
        raise DialogueError(f"line {number}: is: allowed: {', '.join(KINDS)}")
    known = {each.name: each for each in fields(kind)}
    missing = [name for name, each in known.items() if _is_needed(each) and name not in body]
    unknown = [name for name in body if name not in known]
    if missing or unknown:
        wrong = [
            *(f"{name} is missing" for name in missing),
            *(f"{name!r:.40}?" for name in unknown),
        ]
        raise DialogueError(f"line {number}: {', '.join(wrong)}; allowed: {', '.join(known)}")
    values: dict[str, Any] = {
        name: _read_field(name, value, number) for name, value in body.items()
    }
    found: Header | Line = kind(**values)
    return found


def _is_needed(each: Any) -> bool:  # noqa: ANN401 - a field of any line
    return each.default is MISSING


def _read_field(name: str, value: object, number: int) -> object:
    try:
        return _FIELDS[name].read(value)
    except DialogueError as error:
        raise DialogueError(f"line {number}: {name}: {error}") from error


# ── fields ──────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True, kw_only=True)
class _Form:
    """How a field is read and written; the reader raises `DialogueError`."""

    read: Callable[[Any], object]
    write: Callable[[Any], object] = lambda value: value


def _one(fits: Callable[[object], bool], allowed: str) -> _Form:
    def read(value: object) -> object:
        if not fits(value):
            raise DialogueError(f"found {value!r:.40}; allowed: {allowed}")
        return value

    return _Form(read=read)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < 1e12


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and _is_number(value)


def _read_payload(value: object) -> bytes:
    if not isinstance(value, str):
        raise DialogueError(f"found {value!r:.40}; allowed: a text")
    try:
        return value.encode(errors="surrogateescape")
    except UnicodeEncodeError as error:
        raise DialogueError("half a surrogate pair that stands for no byte") from error


_TEXTS: Final = (
    *("source", "about", "made", "agent", "cloud", "nonce", "host", "client_id", "username"),
    *("refused", "topic", "why", "to", "id"),
)
_TEXT: Final = _one(lambda value: isinstance(value, str), "a text")
_SECONDS: Final = _one(_is_number, "seconds from 0 on")
_WHOLE: Final = _one(_is_whole, "a whole number from 0 on")
_FLAG: Final = _one(lambda value: isinstance(value, bool), "true or false")
_ANY: Final = _one(lambda _: True, "anything")

_FIELDS: Final[Mapping[str, _Form]] = {
    **dict.fromkeys(
        _TEXTS,
        _TEXT,
    ),
    **dict.fromkeys(("t", "after_s", "took_s"), _SECONDS),
    **dict.fromkeys(("port", "keepalive_s", "qos"), _WHOLE),
    **dict.fromkeys(("tls", "clean", "rejected", "retained", "repeated", "past"), _FLAG),
    "form": _one(lambda value: value == FORM, str(FORM)),
    "wall": _one(lambda value: value is None or _is_number(value), "Unix seconds or null"),
    "section": _one(lambda value: isinstance(value, dict), "an object"),
    "payload": _Form(
        read=_read_payload, write=lambda value: value.decode(errors="surrogateescape")
    ),
    "message": _Form(read=read_uplink, write=written),
    "outcome": _Form(read=read_outcome, write=plain),
    "means": _ANY,
}

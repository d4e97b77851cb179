"""JSON in and out, bounded: what a hostile broker sends ends in one `CodecError`."""

import json
from collections.abc import Mapping
from typing import Final, cast

from agent.errors import CodecError

MAX_PAYLOAD: Final = 65_536
MAX_PARAMS: Final = 100
"""The platform allows 100 features in a product; no request can hold more."""
MAX_TOKEN: Final = 256
_MAX_DIGITS: Final = 18

Body = Mapping[str, object]


def _whole(text: str) -> int | float:
    """Read a whole number; beyond 64 bits it becomes a float, which no whole field takes."""
    return int(text) if len(text) <= _MAX_DIGITS else float(text)


_DECODER: Final = json.JSONDecoder(parse_int=_whole)


def load(payload: bytes) -> Body:
    """Read one JSON object; raise `CodecError`."""
    if len(payload) > MAX_PAYLOAD:
        raise CodecError(f"a payload of {len(payload)} bytes is more than {MAX_PAYLOAD}")
    try:
        body: object = _DECODER.decode(payload.decode())
    except (ValueError, RecursionError) as error:
        raise CodecError(f"the payload is no JSON: {error}") from error
    if not isinstance(body, dict):
        raise CodecError("the payload is JSON, but no object")
    return cast("Body", body)


def dump(body: Body) -> bytes:
    """Write one JSON object, compact; half a surrogate pair, quoted in a reason, becomes '?'."""
    document = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    return document.encode(errors="replace")


def text(body: Body, key: str) -> str:
    """Read a text that must be there; raise `CodecError`."""
    value = body.get(key)
    if not isinstance(value, str) or len(value) > MAX_TOKEN or not is_unicode(value):
        raise CodecError(f"{key} is no text of at most {MAX_TOKEN} characters")
    return value


def number(body: Body, key: str) -> float | None:
    """Read a number above zero that a clock could show; None where there is none."""
    value = body.get(key)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if 0 < value < 1e16 else None


def table(body: Body, key: str) -> Body | None:
    """Read an object; None where there is none."""
    value = body.get(key)
    return cast("Body", value) if isinstance(value, dict) else None


def is_unicode(value: str) -> bool:
    """Tell whether *value* can be sent back: JSON's escapes can write halves of characters."""
    return not any("\ud800" <= character <= "\udfff" for character in value)

"""JSON at the emulator's borders: strict, and with one error for anything that is not JSON."""

import json
import math
from typing import Final, NoReturn, cast

from agent.emulator.values import Json
from agent.errors import CodecError

_ENCODER: Final = json.JSONEncoder(separators=(",", ":"), allow_nan=False)


MAX_DEPTH: Final = 32


class JsonError(CodecError):
    """The bytes are not one JSON value."""


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _read_float(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(f"{text:.20} is too large")
    return value


_DECODER: Final = json.JSONDecoder(parse_constant=_refuse_constant, parse_float=_read_float)


def decode(data: bytes) -> Json:
    """Decode one JSON value from UTF-8; raise JsonError and nothing else."""
    try:
        value: Json = _DECODER.decode(data.decode())
    except RecursionError as error:
        raise JsonError("nested too deeply") from error
    except ValueError as error:
        raise JsonError(f"not JSON: {error}") from error
    # Deeper values could be read and then neither shown nor sent, so they stop here.
    if data.count(b"[") + data.count(b"{") > MAX_DEPTH and _is_deep(value):
        raise JsonError(f"nested more than {MAX_DEPTH} levels")
    return value


def encode(value: Json) -> bytes:
    """Encode a JSON value compactly, in ASCII."""
    return _ENCODER.encode(value).encode()


def as_object(value: Json) -> dict[str, Json] | None:
    """Return *value* if it is a JSON object, else None."""
    return cast(dict[str, Json], value) if isinstance(value, dict) else None


def as_list(value: Json) -> list[Json] | None:
    """Return *value* if it is a JSON array, else None."""
    return cast(list[Json], value) if isinstance(value, list) else None


def _is_deep(value: Json) -> bool:
    level = [value]
    for _ in range(MAX_DEPTH):
        level = [
            inner for each in level for inner in _inside(each) if isinstance(inner, list | dict)
        ]
        if not level:
            return False
    return True


def _inside(value: Json) -> list[Json]:
    members = as_object(value)
    return list(members.values()) if members is not None else as_list(value) or []

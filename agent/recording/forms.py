"""Frozen values as JSON and back, exactly: by their dataclass fields, whatever they are."""

import json
import math
from collections.abc import Callable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import fields, is_dataclass
from enum import Enum
from functools import cache
from hashlib import sha256
from types import NoneType, UnionType
from typing import Any, Final, Literal, Union, cast, get_args, get_origin, get_type_hints

from agent.errors import AgentError

TAG: Final = "is"
"""Names the class of a value where its place could hold more than one."""

_NOT_FINITE: Final = {"inf": math.inf, "-inf": -math.inf, "nan": math.nan}
_FLOAT: Final = "float"
_MAX_SHOWN: Final = 60


class RecordingError(AgentError):
    """A recording cannot be read; the text says where, and what is allowed."""


def dump(value: object) -> str:
    """Write JSON of one line, in ASCII: the same on every machine."""
    return json.dumps(value, separators=(",", ":"), allow_nan=False)


def digest(value: object) -> str:
    """Sum *value* up in few characters."""
    return sha256(dump(plain(value)).encode()).hexdigest()[:16]


def plain(value: object) -> object:
    """Write *value* as what JSON holds; None in a field is left out."""
    if is_dataclass(value) and not isinstance(value, type):
        return _plain_fields(value)
    for kind, write in _WRITERS:
        if isinstance(value, kind):
            return write(value)
    return value


def tagged(value: object) -> dict[str, object]:
    """Write a dataclass with the name of its class."""
    return {TAG: type(value).__name__, **cast("dict[str, object]", plain(value))}


def typed(kind: Any, found: object, at: str = "") -> Any:  # noqa: ANN401 - the value of any annotation
    """Read what `plain` wrote of a value of *kind*; raise `RecordingError` that names the place."""
    if _is_class(kind):
        return _read_fields(kind, found, at)
    read = _READERS.get(get_origin(kind))
    return _read_plain(kind, found, at) if read is None else read(get_args(kind), found, at)


def _plain_mapping(value: Mapping[object, object]) -> object:
    return {str(name): plain(item) for name, item in value.items()}


def _plain_number(value: float) -> object:
    return value if math.isfinite(value) else {_FLOAT: str(value)}


_WRITERS: Final[tuple[tuple[Any, Callable[[Any], object]], ...]] = (
    (Enum, lambda value: value.value),
    (float, _plain_number),
    (bytes, bytes.hex),
    (Mapping, _plain_mapping),
    (AbstractSet, sorted),
    ((tuple, list), lambda value: [plain(item) for item in value]),
)


def _is_class(kind: Any) -> bool:  # noqa: ANN401 - any annotation
    """Tell whether it is a dataclass; a type checker shall make no more of it."""
    return is_dataclass(kind)


# ── dataclasses ─────────────────────────────────────────────────────────────────────────────


@cache
def _hints(kind: type) -> Mapping[str, Any]:
    return get_type_hints(kind)


@cache
def _needs_tag(kind: type, name: str) -> bool:
    return len([each for each in get_args(_hints(kind)[name]) if is_dataclass(each)]) > 1


def _is_private(each: Any) -> bool:  # noqa: ANN401 - a field of any dataclass
    """Tell whether a field is somebody's own note, or says it: part of no comparison either way."""
    is_note = each.type in (object, "object") or not each.metadata.get("is_recorded", True)
    return not each.compare and is_note


def _says_nothing(each: Any, item: object) -> bool:  # noqa: ANN401 - a field of any dataclass
    """Tell whether a mark is not set: a later version may have more of them."""
    return not each.compare and item == each.default


def _plain_fields(value: Any) -> dict[str, object]:  # noqa: ANN401 - any dataclass
    found: dict[str, object] = {}
    for each in fields(value):
        item = getattr(value, each.name)
        if item is not None and not _is_private(each) and not _says_nothing(each, item):
            is_tagged = is_dataclass(item) and _needs_tag(value.__class__, each.name)
            found[each.name] = tagged(item) if is_tagged else plain(item)
    return found


def _read_fields(kind: Any, found: object, at: str) -> object:  # noqa: ANN401 - any dataclass
    given = _object(found, at)
    known = {each.name for each in fields(kind) if each.init and not _is_private(each)}
    unknown = [name for name in given if name not in known and name != TAG]
    if unknown:
        allowed = ", ".join(sorted(known)) or "nothing"
        raise _fault(at, f"an unknown key {unknown[0]!r:.40}", allowed)
    values: dict[str, Any] = {}
    for name in known:
        hint = _hints(kind)[name]
        if name in given:
            values[name] = typed(hint, given[name], _under(at, name))
        elif NoneType in get_args(hint):
            values[name] = None
    try:
        return kind(**values)
    except TypeError as error:
        raise _fault(at, "a key too few", ", ".join(sorted(known))) from error


def _one_of(kinds: tuple[Any, ...], found: object, at: str) -> object:
    if found is None and NoneType in kinds:
        return None
    classes: list[Any] = [each for each in kinds if _is_class(each)]
    if len(classes) > 1 and isinstance(found, dict):
        tag = cast("dict[str, object]", found).get(TAG)
        named = {str(each.__name__): each for each in classes}
        if tag not in named:
            raise _fault(_under(at, TAG), tag, ", ".join(named))
        return typed(named[str(tag)], cast("object", found), at)
    others = [each for each in kinds if each is not NoneType]
    for kind in others[:-1]:
        try:
            return typed(kind, found, at)
        except RecordingError:
            continue
    return typed(others[-1], found, at)


# ── plain values ────────────────────────────────────────────────────────────────────────────


def _items(kinds: tuple[Any, ...], found: object, at: str) -> tuple[object, ...]:
    items = _list(found, at)
    if kinds[1:] == (...,):
        return tuple(typed(kinds[0], each, f"{at}[{n}]") for n, each in enumerate(items))
    _fitting(items, len(items) == len(kinds), f"{len(kinds)} items", at)
    pairs = zip(kinds, items, strict=True)
    return tuple(typed(kind, each, f"{at}[{n}]") for n, (kind, each) in enumerate(pairs))


def _literal(kinds: tuple[Any, ...], found: object, at: str) -> object:
    return _fitting(found, found in kinds, " | ".join(map(str, kinds)), at)


def _set(kinds: tuple[Any, ...], found: object, at: str) -> object:
    return frozenset(typed(kinds[0], each, at) for each in _list(found, at))


def _mapping(kinds: tuple[Any, ...], found: object, at: str) -> object:
    items = _object(found, at).items()
    return {name: typed(kinds[1], each, _under(at, name)) for name, each in items}


_READERS: Final[Mapping[Any, Callable[[tuple[Any, ...], object, str], object]]] = {
    Union: _one_of,
    UnionType: _one_of,
    Literal: _literal,
    tuple: _items,
    frozenset: _set,
    Mapping: _mapping,
}


def _read_plain(kind: Any, found: object, at: str) -> object:  # noqa: ANN401 - a class
    if kind in _SIMPLE:
        return _SIMPLE[kind](found, at)
    if issubclass(kind, Enum):
        try:
            return kind(found)
        except ValueError:
            allowed = ", ".join(str(each.value) for each in kind)
            raise _fault(at, found, allowed) from None
    if hasattr(kind, "_fields"):  # a NamedTuple
        return kind(*_items(tuple(_hints(kind).values()), found, at))
    fits = isinstance(found, kind) and (kind is bool or not isinstance(found, bool))
    return _fitting(found, fits, _NAMES.get(kind, "nothing"), at)


def _number(found: object, at: str) -> float:
    """Take a number as it is written: one that is whole stays so, or a decision might differ."""
    if isinstance(found, int | float) and not isinstance(found, bool):
        return found
    _fitting(found, isinstance(found, dict), "a number", at)
    special = str(_object(found, at).get(_FLOAT))
    if special not in _NOT_FINITE:
        raise _fault(at, special, ", ".join(_NOT_FINITE))
    return _NOT_FINITE[special]


def _bytes(found: object, at: str) -> bytes:
    try:
        return bytes.fromhex(cast("str", _fitting(found, isinstance(found, str), "hex", at)))
    except ValueError:
        raise _fault(at, found, "pairs of hexadecimal digits") from None


def _list(found: object, at: str) -> list[object]:
    return cast("list[object]", _fitting(found, isinstance(found, list), "a list", at))


def _object(found: object, at: str) -> dict[str, object]:
    return cast("dict[str, object]", _fitting(found, isinstance(found, dict), "an object", at))


def _fitting(found: object, fits: bool, allowed: str, at: str) -> object:  # noqa: FBT001 - what is judged
    if not fits:
        raise _fault(at, found, allowed)
    return found


def _fault(at: str, found: object, allowed: str) -> RecordingError:
    place = f"{at}: " if at else ""
    return RecordingError(f"{place}found {str(found)[:_MAX_SHOWN]!r}; allowed: {allowed}")


def _under(at: str, name: str) -> str:
    return f"{at}.{name}" if at else name


_SIMPLE: Final[Mapping[Any, Callable[[object, str], object]]] = {
    object: lambda found, _at: found,
    float: _number,
    bytes: _bytes,
}
_NAMES: Final[Mapping[Any, str]] = {
    bool: "true or false",
    int: "a whole number",
    str: "a text",
    NoneType: "null",
}

"""A product's data template, as the console exports and imports it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, TypeVar

from agent.emulator import wiretypes
from agent.emulator.json_text import JsonError, as_list, as_object, decode
from agent.emulator.values import Json
from agent.emulator.wiretypes import WireType
from agent.errors import ConfigError

T = TypeVar("T")

MODES: Final = ("r", "rw")
EVENT_TYPES: Final = ("info", "alert", "fault")


class TemplateError(ConfigError):
    """A data template cannot be used; the text says where and what is expected."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PropertyRow:
    """One property."""

    kind: WireType
    is_writable: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class EventRow:
    """One event."""

    level: str
    fields: Mapping[str, WireType]


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionRow:
    """One action."""

    inputs: Mapping[str, WireType]
    outputs: Mapping[str, WireType]


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """The thing model of one product, by identifiers."""

    properties: Mapping[str, PropertyRow]
    kinds: Mapping[str, WireType]
    """The types of the properties."""
    events: Mapping[str, EventRow]
    actions: Mapping[str, ActionRow]


def read_template(data: bytes) -> Template:
    """Read a data template; raise TemplateError."""
    try:
        document = decode(data)
    except JsonError as error:
        raise TemplateError(str(error)) from error
    root = _object(document, "the template")
    if "properties" not in root:
        raise TemplateError("the template has no 'properties'; is it a console's JSON export?")
    properties = _rows(root, "properties", _property)
    return Template(
        properties=properties,
        kinds={name: row.kind for name, row in properties.items()},
        events=_rows(root, "events", _event),
        actions=_rows(root, "actions", _action),
    )


def _rows(
    parent: Mapping[str, Json], key: str, read: Callable[[dict[str, Json], str], T]
) -> dict[str, T]:
    rows: dict[str, T] = {}
    elements = as_list(parent.get(key, []))
    if elements is None:
        raise TemplateError(f"{key} is an array")
    for index, element in enumerate(elements):
        where = f"{key}[{index}]"
        row = _object(element, where)
        name = row.get("id")
        if not isinstance(name, str) or not name:
            raise TemplateError(f"{where}.id is a text")
        if name in rows:
            raise TemplateError(f"{where}.id {name!r} stands twice")
        rows[name] = read(row, f"{where} ({name})")
    return rows


def _property(row: dict[str, Json], where: str) -> PropertyRow:
    mode = _one_of(row.get("mode", "r"), MODES, f"{where}.mode")
    return PropertyRow(kind=_field(row, where), is_writable=mode == "rw")


def _event(row: dict[str, Json], where: str) -> EventRow:
    level = _one_of(row.get("type"), EVENT_TYPES, f"{where}.type")
    return EventRow(level=level, fields=_rows(row, "params", _field))


def _action(row: dict[str, Json], where: str) -> ActionRow:
    del where
    return ActionRow(inputs=_rows(row, "input", _field), outputs=_rows(row, "output", _field))


def _field(row: dict[str, Json], where: str) -> WireType:
    return _kind(_object(row.get("define"), f"{where}.define"), f"{where}.define")


def _member(row: dict[str, Json], where: str) -> WireType:
    """Read a member of a struct, where the key is `dataType` and not `define`."""
    return _kind(_object(row.get("dataType"), f"{where}.dataType"), f"{where}.dataType")


def _kind(define: dict[str, Json], where: str) -> WireType:
    name = define.get("type")
    reader = _READERS.get(name) if isinstance(name, str) else None
    if reader is None:
        raise TemplateError(f"{where}.type is one of {', '.join(_READERS)}, not {name!r:.40}")
    return reader(define, where)


def _enum(define: dict[str, Json], where: str) -> WireType:
    mapping = _object(define.get("mapping"), f"{where}.mapping")
    try:
        return wiretypes.Enum(choices=frozenset(int(key) for key in mapping))
    except ValueError as error:
        raise TemplateError(f"{where}.mapping has integers for keys: {error}") from error


def _text_enum(define: dict[str, Json], where: str) -> WireType:
    mapping = _object(define.get("mapping"), f"{where}.mapping")
    return wiretypes.TextEnum(choices=frozenset(mapping))


def _number(define: dict[str, Json], where: str) -> WireType:
    minimum, maximum = _limit(define, "min", where), _limit(define, "max", where)
    if minimum > maximum:
        raise TemplateError(f"{where}: min {minimum:g} is above max {maximum:g}")
    is_whole = define.get("type") == "int"
    return wiretypes.Number(minimum=minimum, maximum=maximum, is_whole=is_whole)


def _text(define: dict[str, Json], where: str) -> WireType:
    minimum = _limit(define, "min", where) if "min" in define else 0
    maximum = _limit(define, "max", where) if "max" in define else 2048
    return wiretypes.Text(minimum=int(minimum), maximum=int(maximum))


def _struct(define: dict[str, Json], where: str) -> WireType:
    del where
    return wiretypes.Struct(members=_rows(define, "specs", _member))


def _array(define: dict[str, Json], where: str) -> WireType:
    inner = _object(define.get("arrayInfo"), f"{where}.arrayInfo")
    return wiretypes.Array(element=_kind(inner, f"{where}.arrayInfo"))


def _limit(define: dict[str, Json], key: str, where: str) -> float:
    """Read a number, which the console writes as a JSON string."""
    value = define.get(key)
    try:
        if isinstance(value, str | int | float) and not isinstance(value, bool):
            return float(value)
    except (ValueError, OverflowError) as error:
        raise TemplateError(f"{where}.{key} is a number, not {value!r:.40}") from error
    raise TemplateError(f"{where}.{key} is a number, not {value!r:.40}")


def _object(value: Json, where: str) -> dict[str, Json]:
    found = as_object(value)
    if found is None:
        raise TemplateError(f"{where} is an object")
    return found


def _one_of(value: Json, allowed: tuple[str, ...], where: str) -> str:
    if isinstance(value, str) and value in allowed:
        return value
    raise TemplateError(f"{where} is one of {', '.join(allowed)}, not {value!r:.40}")


_READERS: Final[dict[str, Callable[[dict[str, Json], str], WireType]]] = {
    "bool": lambda _define, _where: wiretypes.Bool(),
    "enum": _enum,
    "stringenum": _text_enum,
    "int": _number,
    "float": _number,
    "string": _text,
    "timestamp": lambda _define, _where: wiretypes.Timestamp(),
    "struct": _struct,
    "array": _array,
}

"""A product's data template, as the console exports and imports it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, TypeVar

from agent.emulator import wiretypes
from agent.emulator.model_file import (
    MODES,
    EventRow,
    Identifier,
    PropertyRow,
    demand_finite,
    demand_object,
    demand_one_of,
    demand_order,
    find_reader,
    integer_keys,
    read_root,
    read_rows,
)
from agent.emulator.values import Json
from agent.emulator.wiretypes import WireType

T = TypeVar("T")

EVENT_TYPES: Final = ("info", "alert", "fault")

_ID: Final = Identifier(key="id")


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionRow:
    """One action."""

    inputs: Mapping[str, WireType]
    outputs: Mapping[str, WireType]


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """The thing model of one product, by identifiers."""

    properties: Mapping[str, PropertyRow[WireType]]
    kinds: Mapping[str, WireType]
    """The types of the properties."""
    events: Mapping[str, EventRow[WireType]]
    actions: Mapping[str, ActionRow]


def read_template(data: bytes) -> Template:
    """Read a data template; raise ModelError."""
    root = read_root(data, "the template", "JSON export")
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
    return read_rows(parent.get(key, []), key, read, _ID)


def _property(row: dict[str, Json], where: str) -> PropertyRow[WireType]:
    mode = demand_one_of(row.get("mode", "r"), MODES, f"{where}.mode")
    return PropertyRow(kind=_field(row, where), is_writable=mode == "rw")


def _event(row: dict[str, Json], where: str) -> EventRow[WireType]:
    level = demand_one_of(row.get("type"), EVENT_TYPES, f"{where}.type")
    return EventRow(level=level, fields=_rows(row, "params", _field))


def _action(row: dict[str, Json], where: str) -> ActionRow:
    del where
    return ActionRow(inputs=_rows(row, "input", _field), outputs=_rows(row, "output", _field))


def _field(row: dict[str, Json], where: str) -> WireType:
    return _kind(demand_object(row.get("define"), f"{where}.define"), f"{where}.define")


def _member(row: dict[str, Json], where: str) -> WireType:
    """Read a member of a struct, where the key is `dataType` and not `define`."""
    return _kind(demand_object(row.get("dataType"), f"{where}.dataType"), f"{where}.dataType")


def _kind(define: dict[str, Json], where: str) -> WireType:
    return find_reader(_READERS, define, where)(define, where)


def _enum(define: dict[str, Json], where: str) -> WireType:
    mapping = demand_object(define.get("mapping"), f"{where}.mapping")
    return wiretypes.Enum(choices=integer_keys(mapping, f"{where}.mapping"))


def _text_enum(define: dict[str, Json], where: str) -> WireType:
    mapping = demand_object(define.get("mapping"), f"{where}.mapping")
    return wiretypes.TextEnum(choices=frozenset(mapping))


def _number(define: dict[str, Json], where: str) -> WireType:
    minimum, maximum = _limit(define, "min", where), _limit(define, "max", where)
    demand_order(minimum, maximum, where)
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
    inner = demand_object(define.get("arrayInfo"), f"{where}.arrayInfo")
    return wiretypes.Array(element=_kind(inner, f"{where}.arrayInfo"))


def _limit(define: dict[str, Json], key: str, where: str) -> float:
    return demand_finite(define.get(key), f"{where}.{key}")


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

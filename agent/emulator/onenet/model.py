"""A product's thing model, as the console exports it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, TypeVar

from agent.emulator import wiretypes
from agent.emulator.model_file import (
    MODES,
    EventRow,
    Identifier,
    ModelError,
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
from agent.emulator.onenet.wiretypes import BoundedArray, TrueFalse
from agent.emulator.values import Json
from agent.emulator.wiretypes import WireType

T = TypeVar("T")

LEVELS: Final = ("info", "alert", "error")
CALL_TYPES: Final = ("sync", "async", "s", "a")
"""The last two stand in exports of 2021."""

_IDENTIFIER: Final = Identifier()


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceRow:
    """One service."""

    is_async: bool
    inputs: Mapping[str, WireType]
    outputs: Mapping[str, WireType]


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """The thing model of one product, by identifiers."""

    properties: Mapping[str, PropertyRow[WireType]]
    kinds: Mapping[str, WireType]
    """The types of the properties."""
    events: Mapping[str, EventRow[WireType]]
    services: Mapping[str, ServiceRow]


NO_MODEL: Final = Model(properties={}, kinds={}, events={}, services={})


def read_model(data: bytes) -> Model:
    """Read a thing model; raise ModelError."""
    root = read_root(data, "the model", "JSON export")
    properties = _rows(root, "properties", _property)
    return Model(
        properties=properties,
        kinds={name: row.kind for name, row in properties.items()},
        events=_rows(root, "events", _event),
        services=_rows(root, "services", _service),
    )


def _rows(
    parent: Mapping[str, Json],
    key: str,
    read: Callable[[dict[str, Json], str], T],
    *,
    inside: str = "",
) -> dict[str, T]:
    elements = parent.get(key)
    label = f"{inside}{key}"
    return read_rows([] if elements is None else elements, label, read, _IDENTIFIER)


def _property(row: dict[str, Json], where: str) -> PropertyRow[WireType]:
    mode = demand_one_of(row.get("accessMode", "r"), MODES, f"{where}.accessMode")
    return PropertyRow(kind=_field(row, where), is_writable=mode == "rw")


def _event(row: dict[str, Json], where: str) -> EventRow[WireType]:
    level = demand_one_of(row.get("eventType"), LEVELS, f"{where}.eventType")
    return EventRow(level=level, fields=_rows(row, "outputData", _field, inside=f"{where}."))


def _service(row: dict[str, Json], where: str) -> ServiceRow:
    call = demand_one_of(row.get("callType", "sync"), CALL_TYPES, f"{where}.callType")
    return ServiceRow(
        is_async=call in {"async", "a"},
        inputs=_rows(row, "input", _field, inside=f"{where}."),
        outputs=_rows(row, "output", _field, inside=f"{where}."),
    )


def _field(row: dict[str, Json], where: str) -> WireType:
    return _kind(demand_object(row.get("dataType"), f"{where}.dataType"), f"{where}.dataType")


def _kind(data_type: dict[str, Json], where: str) -> WireType:
    reader = find_reader(_READERS, data_type, where)
    return reader(data_type.get("specs"), f"{where}.specs")


def _enum(specs: Json, where: str) -> WireType:
    return wiretypes.Enum(choices=integer_keys(demand_object(specs, where), where))


def _integer(bits: int) -> Callable[[Json, str], WireType]:
    def read(specs: Json, where: str) -> WireType:
        limits = demand_object(specs or {}, where)
        minimum = _limit(limits, "min", where, -(2 ** (bits - 1)))
        maximum = _limit(limits, "max", where, 2 ** (bits - 1) - 1)
        return _number(minimum, maximum, where, is_whole=True)

    return read


def _real(specs: Json, where: str) -> WireType:
    limits = demand_object(specs or {}, where)
    minimum = _limit(limits, "min", where, float("-inf"))
    maximum = _limit(limits, "max", where, float("inf"))
    return _number(minimum, maximum, where, is_whole=False)


def _number(minimum: float, maximum: float, where: str, *, is_whole: bool) -> WireType:
    demand_order(minimum, maximum, where)
    return wiretypes.Number(minimum=minimum, maximum=maximum, is_whole=is_whole)


def _text(specs: Json, where: str) -> WireType:
    length = _limit(demand_object(specs or {}, where), "length", where, 1024)
    return wiretypes.Text(minimum=0, maximum=int(length))


def _bit_map(specs: Json, where: str) -> WireType:
    length = int(_limit(demand_object(specs, where), "length", where, 32))
    if not 1 <= length <= 32:
        raise ModelError(f"{where}.length is 1 to 32 bits, not {length}")
    return wiretypes.Number(minimum=0, maximum=2**length - 1, is_whole=True)


def _struct(specs: Json, where: str) -> WireType:
    return wiretypes.Struct(members=read_rows(specs, where, _field, _IDENTIFIER))


def _array(specs: Json, where: str) -> WireType:
    given = demand_object(specs, where)
    return BoundedArray(
        element=_kind(given, where), length=int(_limit(given, "length", where, 1024))
    )


def _limit(specs: dict[str, Json], key: str, where: str, default: float) -> float:
    """Read a number, which the console writes as a text, empty or null where there is none."""
    value = specs.get(key)
    if value is None or value == "":
        return default
    return demand_finite(value, f"{where}.{key}")


_READERS: Final[dict[str, Callable[[Json, str], WireType]]] = {
    "bool": lambda _specs, _where: TrueFalse(),
    "enum": _enum,
    "int32": _integer(32),
    "int64": _integer(64),
    "float": _real,
    "double": _real,
    "string": _text,
    "date": lambda _specs, _where: wiretypes.Timestamp(),
    "bitMap": _bit_map,
    "struct": _struct,
    "array": _array,
}

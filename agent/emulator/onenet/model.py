"""A product's thing model, as the console exports it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final, TypeVar

from agent.emulator import wiretypes
from agent.emulator.json_text import JsonError, as_list, as_object, decode
from agent.emulator.onenet.wiretypes import BoundedArray, TrueFalse
from agent.emulator.values import Json
from agent.emulator.wiretypes import WireType
from agent.errors import ConfigError

T = TypeVar("T")

MODES: Final = ("r", "rw")
LEVELS: Final = ("info", "alert", "error")
CALL_TYPES: Final = ("sync", "async", "s", "a")
"""The last two stand in exports of 2021."""


class ModelError(ConfigError):
    """A thing model cannot be used; the text says where and what is expected."""


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
class ServiceRow:
    """One service."""

    is_async: bool
    inputs: Mapping[str, WireType]
    outputs: Mapping[str, WireType]


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """The thing model of one product, by identifiers; empty where a product has none."""

    properties: Mapping[str, PropertyRow] = field(default_factory=dict[str, PropertyRow])
    kinds: Mapping[str, WireType] = field(default_factory=dict[str, WireType])
    """The types of the properties."""
    events: Mapping[str, EventRow] = field(default_factory=dict[str, EventRow])
    services: Mapping[str, ServiceRow] = field(default_factory=dict[str, ServiceRow])


NO_MODEL: Final = Model()


def read_model(data: bytes) -> Model:
    """Read a thing model; raise ModelError."""
    try:
        document = decode(data)
    except JsonError as error:
        raise ModelError(str(error)) from error
    root = _object(document, "the model")
    if "properties" not in root:
        raise ModelError("the model has no 'properties'; is it a console's JSON export?")
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
    return _elements([] if elements is None else elements, f"{inside}{key}", read)


def _elements(
    elements: Json, label: str, read: Callable[[dict[str, Json], str], T]
) -> dict[str, T]:
    rows: dict[str, T] = {}
    found = as_list(elements)
    if found is None:
        raise ModelError(f"{label} is an array")
    for index, element in enumerate(found):
        where = f"{label}[{index}]"
        row = _object(element, where)
        name = row.get("identifier")
        if not isinstance(name, str) or not name:
            raise ModelError(f"{where}.identifier is a text")
        if name in rows:
            raise ModelError(f"{where}.identifier {name!r} stands twice")
        rows[name] = read(row, f"{where} ({name})")
    return rows


def _property(row: dict[str, Json], where: str) -> PropertyRow:
    mode = _one_of(row.get("accessMode", "r"), MODES, f"{where}.accessMode")
    return PropertyRow(kind=_field(row, where), is_writable=mode == "rw")


def _event(row: dict[str, Json], where: str) -> EventRow:
    level = _one_of(row.get("eventType"), LEVELS, f"{where}.eventType")
    return EventRow(level=level, fields=_rows(row, "outputData", _field, inside=f"{where}."))


def _service(row: dict[str, Json], where: str) -> ServiceRow:
    call = _one_of(row.get("callType", "sync"), CALL_TYPES, f"{where}.callType")
    return ServiceRow(
        is_async=call in {"async", "a"},
        inputs=_rows(row, "input", _field, inside=f"{where}."),
        outputs=_rows(row, "output", _field, inside=f"{where}."),
    )


def _field(row: dict[str, Json], where: str) -> WireType:
    return _kind(_object(row.get("dataType"), f"{where}.dataType"), f"{where}.dataType")


def _kind(data_type: dict[str, Json], where: str) -> WireType:
    name = data_type.get("type")
    reader = _READERS.get(name) if isinstance(name, str) else None
    if reader is None:
        raise ModelError(f"{where}.type is one of {', '.join(_READERS)}, not {name!r:.40}")
    return reader(data_type.get("specs"), f"{where}.specs")


def _enum(specs: Json, where: str) -> WireType:
    try:
        choices = frozenset(int(key) for key in _object(specs, where))
    except ValueError as error:
        raise ModelError(f"{where} has integers for keys: {error}") from error
    return wiretypes.Enum(choices=choices)


def _integer(bits: int) -> Callable[[Json, str], WireType]:
    def read(specs: Json, where: str) -> WireType:
        limits = _object(specs or {}, where)
        minimum = _limit(limits, "min", where, -(2 ** (bits - 1)))
        maximum = _limit(limits, "max", where, 2 ** (bits - 1) - 1)
        return _number(minimum, maximum, where, is_whole=True)

    return read


def _real(specs: Json, where: str) -> WireType:
    limits = _object(specs or {}, where)
    minimum = _limit(limits, "min", where, float("-inf"))
    maximum = _limit(limits, "max", where, float("inf"))
    return _number(minimum, maximum, where, is_whole=False)


def _number(minimum: float, maximum: float, where: str, *, is_whole: bool) -> WireType:
    if minimum > maximum:
        raise ModelError(f"{where}: min {minimum:g} is above max {maximum:g}")
    return wiretypes.Number(minimum=minimum, maximum=maximum, is_whole=is_whole)


def _text(specs: Json, where: str) -> WireType:
    length = _limit(_object(specs or {}, where), "length", where, 1024)
    return wiretypes.Text(minimum=0, maximum=int(length))


def _bit_map(specs: Json, where: str) -> WireType:
    length = int(_limit(_object(specs, where), "length", where, 32))
    if not 1 <= length <= 32:
        raise ModelError(f"{where}.length is 1 to 32 bits, not {length}")
    return wiretypes.Number(minimum=0, maximum=2**length - 1, is_whole=True)


def _struct(specs: Json, where: str) -> WireType:
    return wiretypes.Struct(members=_elements(specs, where, _field))


def _array(specs: Json, where: str) -> WireType:
    given = _object(specs, where)
    return BoundedArray(
        element=_kind(given, where), length=int(_limit(given, "length", where, 1024))
    )


def _limit(specs: dict[str, Json], key: str, where: str, default: float) -> float:
    """Read a number, which the console writes as a text, empty or null where there is none."""
    value = specs.get(key)
    if value is None or value == "":
        return default
    try:
        if isinstance(value, str | int | float) and not isinstance(value, bool):
            number = float(value)
            if abs(number) < float("inf"):
                return number
    except (ValueError, OverflowError) as error:
        raise ModelError(f"{where}.{key} is a number, not {value!r:.40}") from error
    raise ModelError(f"{where}.{key} is a number, not {value!r:.40}")


def _object(value: Json, where: str) -> dict[str, Json]:
    found = as_object(value)
    if found is None:
        raise ModelError(f"{where} is an object")
    return found


def _one_of(value: Json, allowed: tuple[str, ...], where: str) -> str:
    if isinstance(value, str) and value in allowed:
        return value
    raise ModelError(f"{where} is one of {', '.join(allowed)}, not {value!r:.40}")


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

"""A product's TSL, as the console exports and imports it, whole or simplified."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, TypeVar

from agent.emulator.aliyun.datatypes import DataTypeError, read_data_type
from agent.emulator.aliyun.types import DataType
from agent.emulator.json_text import JsonError, as_list, as_object, decode
from agent.emulator.values import Json
from agent.errors import ConfigError

T = TypeVar("T")

MODES: Final = ("r", "rw")
EVENT_TYPES: Final = ("info", "alert", "error")
CALL_TYPES: Final = ("async", "sync")
BUILT_IN_EVENTS: Final = frozenset({"post"})
BUILT_IN_SERVICES: Final = frozenset({"set", "get"})
RESERVED: Final = frozenset({"set", "get", "post", "property", "event", "time", "value"})

_IDENTIFIER: Final = re.compile(r"[A-Za-z0-9_]{1,50}")


class TslError(ConfigError):
    """A TSL cannot be used; the text says where and what is expected."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PropertyRow:
    """One property."""

    kind: DataType
    is_writable: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class EventRow:
    """One event."""

    level: str
    fields: Mapping[str, DataType]


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceRow:
    """One service."""

    is_synchronous: bool
    inputs: Mapping[str, DataType]
    outputs: Mapping[str, DataType]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tsl:
    """The thing model of one product, by identifiers and without its built-ins."""

    properties: Mapping[str, PropertyRow]
    kinds: Mapping[str, DataType]
    """The types of the properties."""
    events: Mapping[str, EventRow]
    services: Mapping[str, ServiceRow]
    document: Mapping[str, Json]
    """The file as it was read."""


def read_tsl(data: bytes) -> Tsl:
    """Read a TSL; raise TslError."""
    try:
        document = decode(data)
    except JsonError as error:
        raise TslError(str(error)) from error
    root = _object(document, "the TSL")
    if "properties" not in root:
        raise TslError("the TSL has no 'properties'; is it a console's TSL export?")
    properties = _rows(root, "properties", _property)
    for name in properties:
        if name in RESERVED:
            raise TslError(f"properties: the identifier {name!r} is reserved")
    return Tsl(
        properties=properties,
        kinds={name: row.kind for name, row in properties.items()},
        events=_rows(root, "events", _event, without=BUILT_IN_EVENTS),
        services=_rows(root, "services", _service, without=BUILT_IN_SERVICES),
        document=root,
    )


def _rows(
    parent: Mapping[str, Json],
    key: str,
    read: Callable[[dict[str, Json], str], T],
    *,
    within: str = "",
    without: frozenset[str] = frozenset(),
) -> dict[str, T]:
    rows: dict[str, T] = {}
    elements = as_list(parent.get(key, []))
    if elements is None:
        raise TslError(f"{within}{key} is an array")
    for index, element in enumerate(elements):
        where = f"{within}{key}[{index}]"
        row = _object(element, where)
        name = row.get("identifier")
        if not isinstance(name, str) or not _IDENTIFIER.fullmatch(name):
            raise TslError(f"{where}.identifier is 1 to 50 letters, digits and '_'")
        if name in rows:
            raise TslError(f"{where}.identifier {name!r} stands twice")
        if name not in without:
            rows[name] = read(row, f"{where} ({name})")
    return rows


def _property(row: dict[str, Json], where: str) -> PropertyRow:
    # A simplified export leaves `accessMode` out.
    mode = _one_of(row.get("accessMode", "rw"), MODES, f"{where}.accessMode")
    return PropertyRow(kind=_field(row, where), is_writable=mode == "rw")


def _event(row: dict[str, Json], where: str) -> EventRow:
    level = _one_of(row.get("type", "info"), EVENT_TYPES, f"{where}.type")
    return EventRow(level=level, fields=_rows(row, "outputData", _field, within=f"{where}."))


def _service(row: dict[str, Json], where: str) -> ServiceRow:
    call_type = _one_of(row.get("callType", "async"), CALL_TYPES, f"{where}.callType")
    return ServiceRow(
        is_synchronous=call_type == "sync",
        inputs=_rows(row, "inputData", _field, within=f"{where}."),
        outputs=_rows(row, "outputData", _field, within=f"{where}."),
    )


def _field(row: dict[str, Json], where: str) -> DataType:
    try:
        return read_data_type(row.get("dataType"), f"{where}.dataType")
    except DataTypeError as error:
        raise TslError(str(error)) from error


def _object(value: Json, where: str) -> dict[str, Json]:
    found = as_object(value)
    if found is None:
        raise TslError(f"{where} is an object")
    return found


def _one_of(value: Json, allowed: tuple[str, ...], where: str) -> str:
    if isinstance(value, str) and value in allowed:
        return value
    raise TslError(f"{where} is one of {', '.join(allowed)}, not {value!r:.40}")

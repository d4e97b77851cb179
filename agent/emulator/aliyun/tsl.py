"""A product's TSL, as the console exports and imports it, whole or simplified."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, TypeVar

from agent.emulator.aliyun.datatypes import read_data_type
from agent.emulator.aliyun.types import DataType
from agent.emulator.model_file import (
    MODES,
    EventRow,
    Identifier,
    ModelError,
    PropertyRow,
    demand_one_of,
    read_root,
    read_rows,
)
from agent.emulator.values import Json

T = TypeVar("T")

EVENT_TYPES: Final = ("info", "alert", "error")
CALL_TYPES: Final = ("async", "sync")
BUILT_IN_EVENTS: Final = frozenset({"post"})
BUILT_IN_SERVICES: Final = frozenset({"set", "get"})
RESERVED: Final = frozenset({"set", "get", "post", "property", "event", "time", "value"})

_IDENTIFIER: Final = Identifier(
    pattern=re.compile(r"[A-Za-z0-9_]{1,50}"), allowed="1 to 50 letters, digits and '_'"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceRow:
    """One service."""

    is_synchronous: bool
    inputs: Mapping[str, DataType]
    outputs: Mapping[str, DataType]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tsl:
    """The thing model of one product, by identifiers and without its built-ins."""

    properties: Mapping[str, PropertyRow[DataType]]
    kinds: Mapping[str, DataType]
    """The types of the properties."""
    events: Mapping[str, EventRow[DataType]]
    services: Mapping[str, ServiceRow]
    document: Mapping[str, Json]
    """The file as it was read."""


def read_tsl(data: bytes) -> Tsl:
    """Read a TSL; raise ModelError."""
    root = read_root(data, "the TSL", "TSL export")
    properties = _rows(root, "properties", _property)
    for name in properties:
        if name in RESERVED:
            raise ModelError(f"properties: the identifier {name!r} is reserved")
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
    elements = parent.get(key, [])
    return read_rows(elements, f"{within}{key}", read, _IDENTIFIER, without=without)


def _property(row: dict[str, Json], where: str) -> PropertyRow[DataType]:
    # A simplified export leaves `accessMode` out.
    mode = demand_one_of(row.get("accessMode", "rw"), MODES, f"{where}.accessMode")
    return PropertyRow(kind=_field(row, where), is_writable=mode == "rw")


def _event(row: dict[str, Json], where: str) -> EventRow[DataType]:
    level = demand_one_of(row.get("type", "info"), EVENT_TYPES, f"{where}.type")
    return EventRow(level=level, fields=_rows(row, "outputData", _field, within=f"{where}."))


def _service(row: dict[str, Json], where: str) -> ServiceRow:
    call_type = demand_one_of(row.get("callType", "async"), CALL_TYPES, f"{where}.callType")
    return ServiceRow(
        is_synchronous=call_type == "sync",
        inputs=_rows(row, "inputData", _field, within=f"{where}."),
        outputs=_rows(row, "outputData", _field, within=f"{where}."),
    )


def _field(row: dict[str, Json], where: str) -> DataType:
    return read_data_type(row.get("dataType"), f"{where}.dataType")

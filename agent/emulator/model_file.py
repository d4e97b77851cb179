"""What the consoles' files of thing models have in common: rows by identifier, and one error."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

from agent.emulator.json_text import JsonError, as_list, as_object, decode
from agent.emulator.values import Json
from agent.errors import ConfigError

T = TypeVar("T")

MODES: Final = ("r", "rw")


class ModelError(ConfigError):
    """A thing model cannot be used; the text says where and what is expected."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PropertyRow(Generic[T]):
    """One property and its type."""

    kind: T
    is_writable: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class EventRow(Generic[T]):
    """One event and the types of its fields."""

    level: str
    fields: Mapping[str, T]


@dataclass(frozen=True, slots=True, kw_only=True)
class Identifier:
    """The key that holds a row's identifier, and what stands there."""

    key: str = "identifier"
    pattern: re.Pattern[str] = re.compile(r"(?s).+")
    allowed: str = "a text"


def read_root(data: bytes, name: str, export: str) -> dict[str, Json]:
    """Read the file of the model called *name*, a console's *export*; raise ModelError."""
    try:
        document = decode(data)
    except JsonError as error:
        raise ModelError(str(error)) from error
    root = demand_object(document, name)
    if "properties" not in root:
        raise ModelError(f"{name} has no 'properties'; is it a console's {export}?")
    return root


def read_rows(
    elements: Json,
    label: str,
    read: Callable[[dict[str, Json], str], T],
    identifier: Identifier,
    *,
    without: frozenset[str] = frozenset(),
) -> dict[str, T]:
    """Read an array of rows by identifier, but those *without*; raise ModelError."""
    rows: dict[str, T] = {}
    found = as_list(elements)
    if found is None:
        raise ModelError(f"{label} is an array")
    for index, element in enumerate(found):
        where = f"{label}[{index}]"
        row = demand_object(element, where)
        name = row.get(identifier.key)
        if not isinstance(name, str) or not identifier.pattern.fullmatch(name):
            raise ModelError(f"{where}.{identifier.key} is {identifier.allowed}")
        if name in rows:
            raise ModelError(f"{where}.{identifier.key} {name!r} stands twice")
        if name not in without:
            rows[name] = read(row, f"{where} ({name})")
    return rows


def find_reader(readers: Mapping[str, T], definition: Mapping[str, Json], where: str) -> T:
    """Find the reader for the `type` of *definition*; raise ModelError."""
    name = definition.get("type")
    reader = readers.get(name) if isinstance(name, str) else None
    if reader is None:
        raise ModelError(f"{where}.type is one of {', '.join(readers)}, not {name!r:.40}")
    return reader


def demand_object(value: Json, where: str) -> dict[str, Json]:
    """Return a JSON object; raise ModelError."""
    found = as_object(value)
    if found is None:
        raise ModelError(f"{where} is an object")
    return found


def demand_one_of(value: Json, allowed: tuple[str, ...], where: str) -> str:
    """Return one of the texts *allowed*; raise ModelError."""
    if isinstance(value, str) and value in allowed:
        return value
    raise ModelError(f"{where} is one of {', '.join(allowed)}, not {value!r:.40}")


def demand_number(value: Json, where: str) -> float:
    """Return a number, which a console writes as a text; raise ModelError."""
    try:
        if isinstance(value, str | int | float) and not isinstance(value, bool):
            return float(value)
    except (ValueError, OverflowError) as error:
        raise _no_number(value, where) from error
    raise _no_number(value, where)


def _no_number(value: Json, where: str) -> ModelError:
    """Make the error for what is no number."""
    return ModelError(f"{where} is a number, not {value!r:.40}")


def demand_finite(value: Json, where: str) -> float:
    """Return a number that is neither infinite nor NaN; raise ModelError."""
    number = demand_number(value, where)
    if abs(number) < float("inf"):
        return number
    raise _no_number(value, where)


def demand_order(minimum: float, maximum: float, where: str) -> None:
    """Demand that two limits leave room for a value; raise ModelError."""
    if minimum > maximum:
        raise ModelError(f"{where}: min {minimum:g} is above max {maximum:g}")


def integer_keys(names: Mapping[str, Json], where: str) -> frozenset[int]:
    """Read the numbers that an enumeration names; raise ModelError."""
    try:
        return frozenset(int(key) for key in names)
    except ValueError as error:
        raise ModelError(f"{where} has integers for keys: {error}") from error

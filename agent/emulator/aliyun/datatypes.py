"""Reading `dataType` of a TSL, where every number is written as a text."""

import math
from collections.abc import Callable
from typing import Final

from agent.emulator.aliyun import types
from agent.emulator.aliyun.types import DataType
from agent.emulator.json_text import as_list
from agent.emulator.model_file import (
    ModelError,
    demand_finite,
    demand_object,
    demand_order,
    find_reader,
    integer_keys,
)
from agent.emulator.values import Json

MAX_TEXT: Final = 10_240
MAX_ELEMENTS: Final = 512
MAX_MEMBERS: Final = 50
MAX_CHOICES: Final = 100

_Specs = dict[str, Json]


def read_data_type(value: Json, where: str) -> DataType:
    """Read one `dataType`; raise ModelError."""
    return _read(value, where, _READERS | {"struct": _struct, "array": _array})


def _read(value: Json, where: str, readers: "dict[str, _Reader]") -> DataType:
    found = demand_object(value, where)
    return find_reader(readers, found, where)(found.get("specs", {}), f"{where}.specs")


def _flag(specs: Json, where: str) -> DataType:
    demand_object(specs, where)
    return types.Flag()


def _enumeration(specs: Json, where: str) -> DataType:
    names = demand_object(specs, where)
    if not 1 <= len(names) <= MAX_CHOICES:
        raise ModelError(f"{where} has 1 to {MAX_CHOICES} names, not {len(names)}")
    return types.Enumeration(choices=integer_keys(names, where))


def _whole(specs: Json, where: str) -> DataType:
    minimum, maximum = _limits(demand_object(specs, where), where)
    return types.Whole(minimum=minimum, maximum=maximum)


def _float(specs: Json, where: str) -> DataType:
    minimum, maximum = _limits(demand_object(specs, where), where)
    return types.Real(minimum=minimum, maximum=maximum)


def _double(specs: Json, where: str) -> DataType:
    minimum, maximum = _limits(demand_object(specs, where), where)
    return types.Real(minimum=minimum, maximum=maximum, is_double=True)


def _text(specs: Json, where: str) -> DataType:
    return types.Text(length=_count(demand_object(specs, where), "length", where, most=MAX_TEXT))


def _date(specs: Json, where: str) -> DataType:
    demand_object(specs, where)
    return types.Date()


def _struct(specs: Json, where: str) -> DataType:
    return _struct_of(specs, where, _READERS | {"array": _array})


def _struct_of(specs: Json, where: str, readers: "dict[str, _Reader]") -> DataType:
    rows = as_list(specs)
    if rows is None or len(rows) > MAX_MEMBERS:
        raise ModelError(f"{where} is an array of at most {MAX_MEMBERS} members")
    members: dict[str, DataType] = {}
    for index, element in enumerate(rows):
        row = demand_object(element, f"{where}[{index}]")
        name = row.get("identifier")
        if not isinstance(name, str) or not name or name in members:
            raise ModelError(f"{where}[{index}].identifier is a text that stands once")
        kind = _read(row.get("dataType"), f"{where}[{index}] ({name:.60}).dataType", readers)
        members[name] = kind
    return types.Struct(members=members)


def _array(specs: Json, where: str) -> DataType:
    found = demand_object(specs, where)
    size = _count(found, "size", where, most=MAX_ELEMENTS)
    element = _read(found.get("item"), f"{where}.item", _ELEMENTS)
    return types.Array(element=element, size=size)


def _element_struct(specs: Json, where: str) -> DataType:
    return _struct_of(specs, where, _READERS)


def _limits(specs: _Specs, where: str) -> tuple[float, float]:
    """Read the limits of a number; a product may leave them out."""
    minimum = _number(specs, "min", where) if "min" in specs else -math.inf
    maximum = _number(specs, "max", where) if "max" in specs else math.inf
    demand_order(minimum, maximum, where)
    return minimum, maximum


def _count(specs: _Specs, key: str, where: str, *, most: int) -> int:
    number = _number(specs, key, where)
    if not 1 <= number <= most or number != int(number):
        raise ModelError(f"{where}.{key} is a whole number of 1 to {most}, not {number:g}")
    return int(number)


def _number(specs: _Specs, key: str, where: str) -> float:
    return demand_finite(specs.get(key), f"{where}.{key}")


_Reader = Callable[[Json, str], DataType]

_READERS: Final[dict[str, _Reader]] = {
    "int": _whole,
    "float": _float,
    "double": _double,
    "bool": _flag,
    "enum": _enumeration,
    "text": _text,
    "date": _date,
}
_ELEMENTS: Final[dict[str, _Reader]] = {
    **{name: _READERS[name] for name in ("int", "float", "double", "text")},
    "struct": _element_struct,
}

"""The data types of a TSL, each with the judgement of one value on the wire."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple, Protocol

from agent.emulator.aliyun.written import has_point
from agent.emulator.json_text import as_list, as_object
from agent.emulator.values import Json
from agent.emulator.wiretypes import is_integer, is_number, shown

INT32: Final = (-(2**31), 2**31 - 1)


class Misfit(NamedTuple):
    """Why a value does not fit, with the platform's code for it."""

    code: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Checks:
    """How strictly a product's values are checked; the default is the weak validation."""

    ranges: bool = False
    """Whether limits, lengths and the names of an enum count, and not only the type."""
    decimal_point: bool = False
    """Whether a float without a decimal point is taken for no float."""


class DataType(Protocol):
    """A type: says why a value does not fit, or None where it does."""

    def misfit(self, value: Json, checks: Checks) -> Misfit | None:
        """Judge one decoded JSON value."""
        ...


@dataclass(frozen=True, slots=True)
class Flag:
    """0 or 1; `true` and `false` are not taken."""

    def misfit(self, value: Json, checks: Checks) -> Misfit | None:
        """Judge one value."""
        del checks
        if is_integer(value) and value in {0, 1}:
            return None
        return Misfit(6308, f"{shown(value)} is not 0 or 1")


@dataclass(frozen=True, slots=True, kw_only=True)
class Enumeration:
    """One of some integers."""

    choices: frozenset[int]

    def misfit(self, value: Json, checks: Checks) -> Misfit | None:
        """Judge one value."""
        if is_integer(value) and (value in self.choices or not checks.ranges):
            return None
        return Misfit(6309, f"{shown(value)} is not one of {sorted(self.choices)}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Whole:
    """An integer of 32 bits."""

    minimum: float = -math.inf
    maximum: float = math.inf

    def misfit(self, value: Json, checks: Checks) -> Misfit | None:
        """Judge one value."""
        if not is_integer(value) or not _is_within(value, *INT32):
            return Misfit(6306, f"{shown(value)} is not an integer of 32 bits")
        if checks.ranges and not _is_within(value, self.minimum, self.maximum):
            reason = f"{shown(value)} is not within {self.minimum:g} to {self.maximum:g}"
            return Misfit(6306, reason)
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Real:
    """A float or a double."""

    minimum: float = -math.inf
    maximum: float = math.inf
    is_double: bool = False

    def misfit(self, value: Json, checks: Checks) -> Misfit | None:
        """Judge one value."""
        code = 6322 if self.is_double else 6307
        if not is_number(value):
            return Misfit(code, f"{shown(value)} is not a number")
        if checks.decimal_point and not has_point(value):
            return Misfit(code, f"{shown(value)} was written without a decimal point")
        if checks.ranges and not _is_within(value, self.minimum, self.maximum):
            reason = f"{shown(value)} is not within {self.minimum:g} to {self.maximum:g}"
            return Misfit(code, reason)
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """A text with a greatest length."""

    length: int

    def misfit(self, value: Json, checks: Checks) -> Misfit | None:
        """Judge one value."""
        if not isinstance(value, str):
            return Misfit(6310, f"{shown(value)} is not a text")
        if checks.ranges and len(value) > self.length:
            return Misfit(6310, f"a text of {len(value)} characters, not at most {self.length}")
        return None


@dataclass(frozen=True, slots=True)
class Date:
    """A text of digits: milliseconds of UTC."""

    def misfit(self, value: Json, checks: Checks) -> Misfit | None:
        """Judge one value."""
        del checks
        if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= 20:
            return None
        return Misfit(6311, f"{shown(value)} is not a text of milliseconds")


@dataclass(frozen=True, slots=True, kw_only=True)
class Struct:
    """An object with named members, of which any may be left out."""

    members: Mapping[str, DataType]

    def misfit(self, value: Json, checks: Checks) -> Misfit | None:
        """Judge one value."""
        found = as_object(value)
        if found is None:
            return Misfit(6312, f"{shown(value)} is not an object")
        for name, member in found.items():
            kind = self.members.get(name)
            if kind is None:
                return Misfit(6304, f"{name!r:.60} is no member")
            misfit = kind.misfit(member, checks)
            if misfit is not None:
                return Misfit(misfit.code, f"{name}: {misfit.reason}")
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Array:
    """Elements of one type."""

    element: DataType
    size: int

    def misfit(self, value: Json, checks: Checks) -> Misfit | None:
        """Judge one value."""
        found = as_list(value)
        if found is None:
            return Misfit(6328, f"{shown(value)} is not an array")
        if checks.ranges and len(found) > self.size:
            return Misfit(6324, f"{len(found)} elements, not at most {self.size}")
        misfits = (self.element.misfit(element, checks) for element in found)
        first = next((each for each in misfits if each is not None), None)
        return None if first is None else Misfit(6325, first.reason)


def _is_within(value: Json, minimum: float, maximum: float) -> bool:
    return isinstance(value, int | float) and minimum <= value <= maximum

"""The types of a thing model, each with the judgement of one value on the wire."""

import math
from dataclasses import dataclass
from typing import Protocol

from agent.emulator.json_text import as_list, as_object
from agent.emulator.values import Json


class WireType(Protocol):
    """A type: says why a value does not fit, or None where it does."""

    def fault(self, value: Json) -> str | None:
        """Judge one decoded JSON value."""
        ...


@dataclass(frozen=True, slots=True)
class Bool:
    """0 or 1; `true` and `false` are not taken."""

    def fault(self, value: Json) -> str | None:
        """Judge one value."""
        return None if is_integer(value) and value in {0, 1} else f"{shown(value)} is not 0 or 1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Enum:
    """One of some integers."""

    choices: frozenset[int]

    def fault(self, value: Json) -> str | None:
        """Judge one value."""
        if is_integer(value) and value in self.choices:
            return None
        return f"value {shown(value)} enum not defined"


@dataclass(frozen=True, slots=True, kw_only=True)
class TextEnum:
    """One of some texts."""

    choices: frozenset[str]

    def fault(self, value: Json) -> str | None:
        """Judge one value."""
        if isinstance(value, str) and value in self.choices:
            return None
        return f"value {shown(value)} enum not defined"


@dataclass(frozen=True, slots=True, kw_only=True)
class Number:
    """An integer, or where `is_whole` is false any number, within a range."""

    minimum: float
    maximum: float
    is_whole: bool

    def fault(self, value: Json) -> str | None:
        """Judge one value."""
        if not (is_integer(value) if self.is_whole else is_number(value)):
            return f"{shown(value)} is not {'an integer' if self.is_whole else 'a number'}"
        assert isinstance(value, int | float)
        if not self.minimum <= value <= self.maximum:
            return f"{shown(value)} is not within {self.minimum:g} to {self.maximum:g}"
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """A text, with the limits of its length."""

    minimum: int
    maximum: int

    def fault(self, value: Json) -> str | None:
        """Judge one value."""
        if not isinstance(value, str):
            return f"{shown(value)} is not a text"
        if not self.minimum <= len(value) <= self.maximum:
            return f"a text of {len(value)} characters, not {self.minimum} to {self.maximum}"
        return None


@dataclass(frozen=True, slots=True)
class Timestamp:
    """An integer; seconds and milliseconds are both seen."""

    def fault(self, value: Json) -> str | None:
        """Judge one value."""
        return None if is_integer(value) else f"{shown(value)} is not an integer"


@dataclass(frozen=True, slots=True, kw_only=True)
class Struct:
    """An object with named members."""

    members: dict[str, WireType]

    def fault(self, value: Json) -> str | None:
        """Judge one value."""
        found = as_object(value)
        if found is None:
            return f"{shown(value)} is not an object"
        for name, member in found.items():
            kind = self.members.get(name)
            reason = f"{name!r:.40} is no member" if kind is None else kind.fault(member)
            if reason is not None:
                return f"{name!r:.40}: {reason}"
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Array:
    """Elements of one type."""

    element: WireType

    def fault(self, value: Json) -> str | None:
        """Judge one value."""
        found = as_list(value)
        if found is None:
            return f"{shown(value)} is not an array"
        reasons = (self.element.fault(element) for element in found)
        return next((reason for reason in reasons if reason is not None), None)


def is_integer(value: Json) -> bool:
    """Tell whether a JSON value was written as an integer."""
    return isinstance(value, int) and not isinstance(value, bool)


def is_number(value: Json) -> bool:
    """Tell whether a JSON value is a finite number."""
    return is_integer(value) or (isinstance(value, float) and math.isfinite(value))


def shown(value: Json) -> str:
    """Show a value in a reason, cut to a sane length."""
    return f"{value!r:.60}"

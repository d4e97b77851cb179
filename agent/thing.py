"""The thing model: what a device has, as frozen rows that everything else walks."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Generic, TypeVar, assert_never

from agent.messages import Refusal, RefusalKind
from agent.model import Value, Values

S = TypeVar("S")


class Kind(StrEnum):
    """The type of a value."""

    BOOL = "bool"
    INT = "int"
    FLOAT = "float"
    TEXT = "text"


class EventLevel(StrEnum):
    """How grave an event is."""

    INFO = "info"
    ALERT = "alert"
    FAULT = "fault"


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One named value: its type, unit and range (a text's range is its length)."""

    name: str
    kind: Kind
    title: str
    title_zh: str
    unit: str = ""
    minimum: float = 0
    maximum: float = 0
    step: float = 1
    choices: tuple[str, ...] = ()

    def fault(self, value: Value) -> Refusal | None:
        """Tell why *value* does not fit this field, or None where it does."""
        if not _has_kind(value, self.kind):
            return Refusal(
                kind=RefusalKind.WRONG_TYPE,
                reason=f"{self.name} takes {_KIND_NAMES[self.kind]}, not {value!r:.80}",
            )
        if self.choices and value not in self.choices:
            allowed = ", ".join(self.choices)
            return Refusal(
                kind=RefusalKind.OUT_OF_RANGE,
                reason=f"{self.name} is one of {allowed}, not {value!r:.80}",
            )
        size = len(value) if isinstance(value, str) else value
        if self.kind is not Kind.BOOL and not self.minimum <= size <= self.maximum:
            return Refusal(
                kind=RefusalKind.OUT_OF_RANGE,
                reason=f"{self.name} is {self.minimum:g} to {self.maximum:g}{_unit(self.unit)},"
                f" not {value!r:.80}",
            )
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Exact(Generic[S]):
    """The whole count behind a quantity that only rises; *per_unit* of it make one of the unit.

    What is used of it in a time is called *name*. `safe` is what a power cut cannot take back,
    `day_began` where the count stood when the day of the books began.
    """

    name: str
    per_unit: int
    read: Callable[[S], int]
    is_known: Callable[[S], bool]
    safe: Callable[[S], int]
    day_began: Callable[[S], int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Property(Generic[S]):
    """One property: its field, whether it may be set, and how to read it from the state."""

    field: Field
    read: Callable[[S, float], Value | None]
    """(state, now) → the value, or None while it is not known."""
    is_writable: bool = False
    default_change: str = "0"
    """Default reportable change: a number, a percentage, or both ('10% or 3')."""
    version: Callable[[S], object] | None = None
    """What must change for the value to be reported, where that is not the value itself."""
    position: Callable[[S], Value] | None = None
    """What was asked for last, where the value may follow later."""
    beside: tuple[str, ...] = ()
    """Properties without which the value says too little: reported together with it."""
    is_total: bool = False
    """It counts up: a mean of several values means nothing."""
    in_history: bool = False
    """It is kept by the minute; one that is `exact` as what was used."""
    exact: Exact[S] | None = None
    is_plan: bool = False
    """It says what is done by itself: nothing that is done by itself sets it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One event: its name, level and fields."""

    name: str
    title: str
    title_zh: str
    level: EventLevel
    fields: tuple[Field, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """One action: its name, and the fields that go in and come out."""

    name: str
    title: str
    title_zh: str
    inputs: tuple[Field, ...] = ()
    outputs: tuple[Field, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Thing(Generic[S]):
    """All that a device kind has. `switch` is the property that a bare on, off or toggle means."""

    kind: str
    properties: tuple[Property[S], ...]
    events: tuple[Event, ...] = ()
    actions: tuple[Action, ...] = ()
    switch: str | None = None
    is_verbatim: bool = False
    """The names of the properties are its owner's own: on every cloud they are what they are."""
    measures: tuple[Property[S], ...] = ()
    """What rules and the history may read beside the properties; told to no cloud."""
    beside: Mapping[str, tuple[str, ...]] = field(init=False, repr=False, compare=False)
    """By name, what is reported together with a property."""
    _by_name: Mapping[str, Property[S]] = field(init=False, repr=False, compare=False)
    _readable: Mapping[str, Property[S]] = field(init=False, repr=False, compare=False)
    _versions: Mapping[str, Callable[[S], object]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        rows = {row.field.name: row for row in self.properties}
        object.__setattr__(self, "_by_name", rows)
        measures = {row.field.name: row for row in self.measures}
        object.__setattr__(self, "_readable", {**measures, **rows})
        beside = {name: row.beside for name, row in rows.items() if row.beside}
        object.__setattr__(self, "beside", beside)
        versions = {name: row.version for name, row in rows.items() if row.version}
        object.__setattr__(self, "_versions", versions)

    def property(self, name: str) -> Property[S] | None:
        """Find a property's row by its name."""
        return self._by_name.get(name)

    def readable(self, name: str) -> Property[S] | None:
        """Find a property's row, or a measure's, by its name."""
        return self._readable.get(name)

    def outputs(self) -> Mapping[str, Value]:
        """Name the properties that stand for an output, with the value that opens it."""
        rows = (row.field for row in self.properties if row.position is not None)
        return {field.name: False if field.kind is Kind.BOOL else 0 for field in rows}

    def totals(self) -> tuple[str, ...]:
        """Name the properties that count up."""
        return tuple(row.field.name for row in self.properties if row.is_total)

    def snapshot(self, state: S, now: float) -> dict[str, Value | None]:
        """Read every property from *state*."""
        return {name: row.read(state, now) for name, row in self._by_name.items()}

    def versions(self, state: S) -> dict[str, object]:
        """Read what stands for a value's change, where that is not the value itself."""
        return {name: version(state) for name, version in self._versions.items()}

    def fault(self, values: Values) -> Refusal | None:
        """Tell why *values* may not be set, naming the first fault; None where they may."""
        for name, value in values.items():
            row = self._by_name.get(name)
            if row is None:
                known = ", ".join(p.field.name for p in self.properties if p.is_writable)
                reason = f"no property is named {name!r:.80}; what can be set: {known}"
                return Refusal(kind=RefusalKind.UNKNOWN_NAME, reason=reason)
            if not row.is_writable:
                return Refusal(kind=RefusalKind.READ_ONLY, reason=f"{name} can only be read")
            fault = row.field.fault(value)
            if fault is not None:
                return fault
        if not values:
            return Refusal(kind=RefusalKind.MALFORMED, reason="the request sets nothing")
        return None


_KIND_NAMES = {
    Kind.BOOL: "true or false",
    Kind.INT: "a whole number",
    Kind.FLOAT: "a number",
    Kind.TEXT: "a text",
}


def _unit(unit: str) -> str:
    return f" {unit}" if unit else ""


def _has_kind(value: Value, kind: Kind) -> bool:
    match kind:
        case Kind.BOOL:
            return isinstance(value, bool)
        case Kind.INT:
            return isinstance(value, int) and not isinstance(value, bool)
        case Kind.FLOAT:
            if isinstance(value, float):
                return math.isfinite(value)
            return isinstance(value, int) and not isinstance(value, bool)
        case Kind.TEXT:
            return isinstance(value, str)
        case _:
            assert_never(kind)

"""A thing's names on one cloud's wire, and values that came over it."""

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from agent.errors import SettingError
from agent.messages import Refusal, RefusalKind
from agent.model import Value, Values
from agent.thing import Field, Kind, Thing

_EXACT: Final = 2**53
_SHAPES: Final[Mapping[type, str]] = {dict: "an object", list: "a list", type(None): "null"}

FromWire = Callable[[object, Kind | None], Value | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """How a cloud names things by default.

    `ids`: thing name → identifier, where `derive` does not give it. `unlisted`: what the cloud's
    standard model lacks: it goes over the wire only where `rename` names it.
    """

    cloud: str
    ids: Mapping[str, str] = field(default_factory=dict[str, str])
    unlisted: frozenset[str] = frozenset()

    def of(self, thing: Thing[Any]) -> "Dialect":
        """Name *thing*: the properties of one that is verbatim are what they are."""
        if not thing.is_verbatim:
            return self
        own = {row.field.name for row in thing.properties}
        ids = {name: wire_id for name, wire_id in self.ids.items() if name not in own}
        return replace(self, ids=ids, unlisted=frozenset())

    def default_id(self, name: str) -> str:
        """Name a thing's name, or 'event.parameter', where nobody renamed it."""
        return self.ids.get(name, name.rpartition(".")[2])


class Names:
    """Identifiers on the wire for the names of a thing, and back."""

    def __init__(self, names: Iterable[str], rename: Mapping[str, str], dialect: Dialect) -> None:
        known = sorted(names)
        for name in rename:
            if name not in known:
                raise SettingError(
                    f"clouds.{dialect.cloud}.rename",
                    found=f"that this device has nothing named {name!r} on this cloud",
                    allowed=" | ".join(known),
                )
        self._dialect = dialect
        self._ids = {name: rename.get(name, dialect.default_id(name)) for name in known}
        self._unlisted = dialect.unlisted - rename.keys()
        self._names = {
            wire_id: name
            for name, wire_id in self._ids.items()
            if "." not in name and name not in self._unlisted
        }
        self._refuse_collisions()

    def _refuse_collisions(self) -> None:
        """Refuse one identifier for two rows, or for two members of one row."""
        holders: dict[tuple[str, str], str] = {}
        for name, wire_id in self._ids.items():
            parent = name.rpartition(".")[0]
            other = holders.setdefault((parent, wire_id), name)
            if other != name:
                raise SettingError(
                    f"clouds.{self._dialect.cloud}.rename",
                    found=f"that {other} and {name} would both be {wire_id!r} on the wire",
                    allowed="an identifier of its own for each",
                )

    def is_listed(self, name: str) -> bool:
        """Tell whether the product's model has a property of that name."""
        return name not in self._unlisted

    def wire_id(self, name: str) -> str:
        """Name a property, event, action, or 'event.parameter' on the wire."""
        return self._ids.get(name) or self._dialect.default_id(name)

    def name(self, wire_id: str) -> str | None:
        """Find the thing's name; None where the identifier means nothing to this product.

        An identifier that nobody knows keeps its own name, so that the thing refuses it with
        a list of what it has; one that is a thing's name but was renamed must not slip through.
        """
        name = self._names.get(wire_id)
        if name is None and wire_id not in self._ids:
            return wire_id
        return name


def fields_of(thing: Thing[Any]) -> Mapping[str, Field]:
    """Find a property's field by its name, and an event's by 'event.field'."""
    rows = {row.field.name: row.field for row in thing.properties}
    parameters = {
        f"{event.name}.{each.name}": each for event in thing.events for each in event.fields
    }
    return rows | parameters


def outputs_of(thing: Thing[Any]) -> Mapping[str, Field]:
    """Find an action's output by 'action.output'."""
    return {
        f"{action.name}.{each.name}": each for action in thing.actions for each in action.outputs
    }


def names_of(thing: Thing[Any]) -> list[str]:
    """List the names of properties, events and actions, and 'event.parameter' of the events."""
    events = [event.name for event in thing.events]
    return [*fields_of(thing), *events, *(action.name for action in thing.actions)]


def rounded(value: float, to: Field | None) -> float:
    """Round to a field's step; nothing is zero below zero."""
    return round(value, _digits(to)) + 0.0


def _digits(to: Field | None) -> int:
    """Tell how many digits behind the point a value has; a step of 0.25 needs more than 0.1."""
    if to is None or not 0 < to.step < 1:
        return 6
    exponent = math.log10(to.step)
    return -math.floor(exponent) + (0 if exponent.is_integer() else 2)


def from_wire(value: object, kind: Kind | None) -> Value | None:
    """Take a JSON value for a field of *kind*; None where no field could take it.

    A platform writes a bool as 0 or 1, or as true and false; both mean the same to everyone.
    600.0 is the whole number 600. Everything else keeps its type, so that the thing table
    refuses it with its own words.
    """
    if not isinstance(value, bool | int | float | str):
        return None
    if isinstance(value, str):
        return value
    if kind is Kind.BOOL and value in (0, 1):
        return bool(value)
    if kind is Kind.INT and isinstance(value, float) and value.is_integer():
        return int(value) if abs(value) < _EXACT else value
    return value


def from_text_too(value: object, kind: Kind | None) -> Value | None:
    """Take a value as `from_wire` does, and a number that was written as a text."""
    if isinstance(value, str) and kind in {Kind.INT, Kind.FLOAT} and len(value) <= _LONGEST_NUMBER:
        try:
            return from_wire(float(value), kind)
        except ValueError:
            return value
    return from_wire(value, kind)


_LONGEST_NUMBER: Final = 32


def take_values(
    params: Mapping[str, object],
    names: Mapping[str, str | None],
    kinds: Mapping[str, Kind],
    take: FromWire = from_wire,
) -> Values | Refusal:
    """Take the parameters of a request; a refusal where one cannot even be a value."""
    values: dict[str, Value] = {}
    for wire_id, raw in params.items():
        name = names[wire_id]
        if name is None:
            reason = f"nothing is called {wire_id:.80} in this product"
            return Refusal(kind=RefusalKind.UNKNOWN_NAME, reason=reason)
        value = take(raw, kinds.get(name))
        if value is None:
            reason = f"{wire_id:.80} takes one number or text, not {_SHAPES.get(type(raw), 'this')}"
            return Refusal(kind=RefusalKind.WRONG_TYPE, reason=reason)
        values[name] = value
    return values

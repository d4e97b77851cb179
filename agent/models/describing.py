"""A thing's rows in the consoles' form, before a cloud bends those that it has otherwise."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from agent.clouds.names import Names
from agent.models.form import (
    Choice,
    Feature,
    FeatureKind,
    Item,
    Note,
    Spec,
    Title,
    ValueType,
)
from agent.thing import Action, Event, EventLevel, Field, Kind, Property, Thing

_FLOAT_STEPS: Final = 2**24
_TYPES: Final[Mapping[Kind, ValueType]] = {
    Kind.BOOL: ValueType.BOOL,
    Kind.INT: ValueType.INT,
    Kind.FLOAT: ValueType.FLOAT,
    Kind.TEXT: ValueType.TEXT,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Habits:
    """How a cloud's model differs from the thing's own rows.

    `fault`: its word for an event of the gravest level. `call`: how services are called.
    `off_on`: its names of false and true. `maxima`, `doubles`, `titles_zh`: by the thing's names.
    `has_double`: it has a type for numbers that a float of 32 bits would round.
    """

    fault: str
    call: str
    off_on: tuple[str, str]
    maxima: Mapping[str, float] = field(default_factory=dict[str, float])
    doubles: frozenset[str] = frozenset()
    titles_zh: Mapping[str, str] = field(default_factory=dict[str, str])
    has_double: bool = False

    def of(self, thing: Thing[Any]) -> "Habits":
        """Forget a socket's names where names are the owner's own; find its wide numbers."""
        if not thing.is_verbatim:
            return self
        rows = (row.field for row in thing.properties)
        wide = frozenset(row.name for row in rows if self.has_double and _is_wide(row))
        return replace(self, maxima={}, titles_zh={}, doubles=wide)


def _is_wide(row: Field) -> bool:
    """Tell whether a float of 32 bits cannot hold each step of a number's range."""
    largest = max(abs(row.minimum), abs(row.maximum))
    return row.kind is Kind.FLOAT and largest / row.step > _FLOAT_STEPS


def described(thing: Thing[Any], names: Names, habits: Habits) -> dict[str, Feature]:
    """Describe what is listed in the product's model, by the thing's names."""
    habits = habits.of(thing)
    properties = [
        _property(row, names, habits) for row in thing.properties if names.is_listed(row.field.name)
    ]
    events = [_event(event, names, habits) for event in thing.events]
    actions = [_service(action, names, habits) for action in thing.actions]
    return {row.name: row for row in (*properties, *events, *actions)}


def unlisted_notes(thing: Thing[Any], names: Names, cloud: str) -> Iterable[Note]:
    """Tell what the cloud's standard model lacks."""
    for row in thing.properties:
        if not names.is_listed(row.field.name):
            reason = (
                "the standard model has no such property; to have it, give it an identifier of"
                f" your own in [clouds.{cloud}.rename]"
            )
            yield Note(name=row.field.name, reason=reason)


def flag(off: Title, on: Title) -> Spec:
    """Describe a bool by the names of its two values."""
    choices = (Choice(key="0", title=off), Choice(key="1", title=on))
    return Spec(type=ValueType.BOOL, choices=choices)


def item_of(row: Field, name: str, names: Names, habits: Habits) -> Item:
    """Describe a parameter that the thing calls *name* ('trip.cause')."""
    return Item(
        name=name,
        identifier=names.wire_id(name),
        title=_title(row, name, habits),
        spec=spec_of(row, name, habits),
    )


def spec_of(row: Field, name: str, habits: Habits) -> Spec:
    """Describe a field's type and bounds."""
    if row.kind is Kind.BOOL:
        off, on = habits.off_on
        return flag(Title(zh=off, en="Off"), Title(zh=on, en="On"))
    kind = ValueType.DOUBLE if name in habits.doubles else _TYPES[row.kind]
    is_number = row.kind is not Kind.TEXT
    return Spec(
        type=kind,
        minimum=row.minimum,
        maximum=habits.maxima.get(name, row.maximum),
        step=row.step if is_number else None,
        unit=row.unit if is_number else None,
    )


def _property(row: Property[Any], names: Names, habits: Habits) -> Feature:
    name = row.field.name
    return Feature(
        kind=FeatureKind.PROPERTY,
        name=name,
        identifier=names.wire_id(name),
        title=_title(row.field, name, habits),
        spec=spec_of(row.field, name, habits),
        is_writable=row.is_writable,
    )


def _event(event: Event, names: Names, habits: Habits) -> Feature:
    return Feature(
        kind=FeatureKind.EVENT,
        name=event.name,
        identifier=names.wire_id(event.name),
        title=Title(zh=event.title_zh, en=event.title),
        level=habits.fault if event.level is EventLevel.FAULT else event.level.value,
        outputs=_items(event.name, event.fields, names, habits),
    )


def _service(action: Action, names: Names, habits: Habits) -> Feature:
    return Feature(
        kind=FeatureKind.SERVICE,
        name=action.name,
        identifier=names.wire_id(action.name),
        title=Title(zh=action.title_zh, en=action.title),
        call=habits.call,
        inputs=_items(action.name, action.inputs, names, habits),
        outputs=_items(action.name, action.outputs, names, habits),
    )


def _items(owner: str, fields: Iterable[Field], names: Names, habits: Habits) -> tuple[Item, ...]:
    return tuple(item_of(row, f"{owner}.{row.name}", names, habits) for row in fields)


def _title(row: Field, name: str, habits: Habits) -> Title:
    return Title(zh=habits.titles_zh.get(name, row.title_zh), en=row.title)

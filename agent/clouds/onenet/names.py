"""The thing's names and values in OneNET's wire form."""

import math
from collections.abc import Mapping
from typing import Final, assert_never

from agent.clouds.names import Dialect, Names, rounded
from agent.clouds.payload import Body
from agent.messages import EventReport, PropertyReport
from agent.model import Value, Values
from agent.thing import Field

DIALECT: Final = Dialect(
    cloud="onenet",
    unlisted=frozenset({"current_limit", "count_down_to", "timers", "child_lock"}),
)
"""The names themselves. A model without an unlisted one would refuse the whole report of it."""


def to_wire(values: Values, names: Names, fields: Mapping[str, Field]) -> dict[str, Value]:
    """Name what is known and listed, floats at their field's step."""
    wired = {
        names.wire_id(name): _number(value, fields.get(name)) if isinstance(value, float) else value
        for name, value in values.items()
        if names.is_listed(name)
    }
    return {wire_id: value for wire_id, value in wired.items() if value is not None}


def _number(value: float, field: Field | None) -> float | None:
    return rounded(value, field) if math.isfinite(value) else None


def known(values: Values) -> dict[str, Value]:
    """Leave out numbers that are none, which JSON has no form for."""
    return {
        name: value
        for name, value in values.items()
        if not isinstance(value, float) or math.isfinite(value)
    }


def event_to_wire(
    message: EventReport, names: Names, fields: Mapping[str, Field]
) -> dict[str, Value]:
    """Name the parameters of an event."""
    qualified = {f"{message.name}.{name}": value for name, value in message.values.items()}
    return to_wire(qualified, names, fields)


def as_points(
    message: PropertyReport | EventReport, names: Names, fields: Mapping[str, Field]
) -> Body:
    """Put a report's values, or an event as an object, into data points."""
    match message:
        case PropertyReport():
            return _as_numbers(to_wire(message.values, names, fields))
        case EventReport():
            value = _as_numbers(event_to_wire(message, names, fields))
            return {names.wire_id(message.name): value}
        case _:
            assert_never(message)


def _as_numbers(values: Mapping[str, Value]) -> dict[str, int | float | str]:
    """Write true and false as 1 and 0, as a datastream takes them."""
    return {
        name: int(value) if isinstance(value, bool) else value for name, value in values.items()
    }

"""The thing's names and values as they stand in the messages for Home Assistant."""

import math
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from agent.clouds.names import Dialect, Names, fields_of, rounded
from agent.messages import EventReport, PropertyReport
from agent.model import Value, Values
from agent.thing import Field, Thing

DIALECT: Final = Dialect(cloud="homeassistant")
"""The names themselves: a thing describes itself, so nothing is left out."""

MAX_TEXT: Final = 255
"""Home Assistant's states are no longer; a longer text is shown as unknown."""

ON, OFF = "ON", "OFF"
STAMP: Final = "measured_at"
TYPE: Final = "event_type"


class Told:
    """Puts reports and events of one thing into the objects that are told."""

    def __init__(self, names: Names, thing: Thing[Any]) -> None:
        self._names = names
        self._fields = fields_of(thing)
        self._properties = frozenset(row.field.name for row in thing.properties)

    def state(self, report: PropertyReport) -> dict[str, Value | None]:
        """Tell values, and null for what is not known; empty where there is nothing to tell."""
        unknown = sorted(report.unknown & self._properties)
        told: dict[str, Value | None] = {self._names.wire_id(name): None for name in unknown}
        told |= self._values(report.values, "")
        told = {key: None if _is_long(value) else value for key, value in told.items()}
        return {**_stamp(report.wall_time), **told} if told else {}

    def event(self, event: EventReport) -> dict[str, Value | None]:
        """Tell an event: its type, its values, and when it was."""
        told = self._values(event.values, f"{event.name}.")
        kind = {TYPE: self._names.wire_id(event.name)}
        return {**_stamp(event.wall_time), **told, **kind}

    def _values(self, values: Values, prefix: str) -> dict[str, Value | None]:
        return {
            self._names.wire_id(f"{prefix}{name}"): _written(value, self._fields.get(prefix + name))
            for name, value in values.items()
            if not isinstance(value, float) or math.isfinite(value)
        }


def _written(value: Value, field: Field | None) -> Value:
    if isinstance(value, bool):
        return ON if value else OFF
    return rounded(value, field) if isinstance(value, float) else value


def _is_long(value: Value | None) -> bool:
    return isinstance(value, str) and len(value) > MAX_TEXT


def _stamp(wall_time: float | None) -> Mapping[str, Value | None]:
    if wall_time is None:
        return {}
    moment = datetime.fromtimestamp(wall_time, UTC)
    return {STAMP: moment.isoformat(timespec="milliseconds")}

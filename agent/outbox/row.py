"""One message that waits: a value, and the text in which it is kept."""

import json
import math
from dataclasses import dataclass
from enum import IntEnum
from typing import Any, Final, assert_never

from agent.messages import EventReport, InfoReport, PropertyReport, Report, Uplink
from agent.model import Stamp, Values

OVERHEAD: Final = 100
"""About so many bytes a row takes beside its text."""


class Lane(IntEnum):
    """A queue of its own; a lower number is more urgent, and outlives the others."""

    EVENTS = 0
    CHANGES = 1
    TELEMETRY = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A message with its place, and the id under which it is sent, however often.

    `boot_id` says in which boot its `at` counts. `stands_for`: so many measured reports were
    merged into this one.
    """

    number: int
    lane: Lane
    message_id: str
    boot_id: str
    message: Uplink
    stands_for: int = 1

    @property
    def size(self) -> int:
        """About how many bytes it takes on the disk."""
        return OVERHEAD + len(self.boot_id) + len(body_of(self.message))


def lane_of(message: Uplink) -> Lane:
    """Tell in which lane a message waits."""
    match message:
        case EventReport():
            return Lane.EVENTS
        case PropertyReport(is_change=is_change):
            return Lane.CHANGES if is_change else Lane.TELEMETRY
        case InfoReport():
            return Lane.CHANGES
        case _:
            assert_never(message)


def moment_of(message: Uplink) -> tuple[float | None, float | None]:
    """Tell when a message is of: seconds since boot, and wall time; facts are of no moment."""
    return (None, None) if isinstance(message, InfoReport) else (message.at, message.wall_time)


def body_of(message: Uplink) -> str:
    """Write down what a message says; its time has columns of its own."""
    said: dict[str, object]
    match message:
        case PropertyReport(values=values):
            said = {"values": dict(values)}
        case EventReport(name=name, values=values):
            said = {"event": name, "values": dict(values)}
        case InfoReport(facts=facts):
            said = {"facts": dict(facts)}
        case _:
            assert_never(message)
    return json.dumps(said, separators=(",", ":"))


def message_of(lane: Lane, body: str, stamp: Stamp) -> Report:
    """Read what was written; raise `ValueError`, `TypeError` or `KeyError` for anything else.

    Facts are of the process that told them: none are read.
    """
    said: Any = json.loads(body)
    values = _values(said["values"])
    if lane is Lane.EVENTS:
        return EventReport(
            name=str(said["event"]),
            values=values,
            wall_time=stamp.wall_time,
            at=stamp.at,
            trust=stamp.trust,
        )
    return PropertyReport(
        values=values,
        wall_time=stamp.wall_time,
        at=stamp.at,
        trust=stamp.trust,
        is_change=lane is Lane.CHANGES,
    )


def _values(found: Any) -> Values:  # noqa: ANN401 - whatever JSON holds
    values: dict[str, Any] = dict(found)
    if not all(_is_value(value) for value in values.values()):
        raise TypeError("a value that is none")
    return values


def _is_value(found: object) -> bool:
    """Tell whether it can be a property's: JSON may hold what no number is."""
    return math.isfinite(found) if isinstance(found, float) else isinstance(found, int | str)

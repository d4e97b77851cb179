"""What is over, on a platform that takes no stamp of more than a day ago."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple

from agent.clouds.tencent.uplink import TRIP
from agent.messages import EventReport
from agent.thing import Kind, Thing

MAX_TRIP_MESSAGE: Final = 64
"""Of the reference template's `status_report`, which tells a trip's cause as its message."""


class _Text(NamedTuple):
    """The field of an event that a time can be told in, and how long its text may be."""

    name: str
    longest: int


class TimeInText:
    """Moves the time of an old event from its stamp into its text, where it has one."""

    def __init__(self, thing: Thing[Any]) -> None:
        self._texts: Mapping[str, _Text] = {
            event.name: _Text(field.name, int(field.maximum))
            for event in thing.events
            for field in event.fields
            if field.kind is Kind.TEXT and not field.choices
        } | {TRIP: _Text("cause", MAX_TRIP_MESSAGE)}

    def put(self, event: EventReport) -> EventReport:
        """Tell *event* without its stamp."""
        text, measured = self._texts.get(event.name), event.wall_time
        if text is None or measured is None:
            return replace(event, wall_time=None)
        told = datetime.fromtimestamp(measured, UTC).strftime("at %Y-%m-%d %H:%M:%S UTC")
        before = str(event.values.get(text.name, ""))[: text.longest - len(told) - 1]
        values = {**event.values, text.name: f"{before} {told}".strip()}
        return replace(event, values=values, wall_time=None)

"""What the control API tells about a twin of any cloud."""

from collections.abc import Callable, Iterable, Mapping
from typing import Protocol, TypeVar

from agent.emulator.model_file import PropertyRow
from agent.emulator.records import EventRecord, Past
from agent.emulator.values import Json

T = TypeVar("T")


class Twin(Protocol):
    """What every cloud knows of a device."""

    reported: dict[str, Json]
    reported_at: float | None
    connects: int
    refusals: int

    @property
    def events(self) -> Iterable[EventRecord]:
        """List the events that are kept, the oldest first."""
        ...


def describe_reports(twin: Twin) -> dict[str, Json]:
    """Describe what a device reported."""
    return {
        "properties": dict(twin.reported),
        "reported_at": twin.reported_at,
        "events": [_event(record) for record in twin.events],
    }


def describe_history(history: Iterable[Past]) -> list[Json]:
    """Describe the last values of the past that were posted as such, in the order they came."""
    return [
        {"id": past.name, "value": past.value, "timestamp_ms": past.time_ms} for past in history
    ]


def describe_offer(
    rows: Mapping[str, PropertyRow[T]], hint: Callable[[T], Json], actions: Iterable[str]
) -> dict[str, Json]:
    """Describe what can be asked of a device; *hint* tells a page how to offer a property."""
    return {
        "settable": {name: hint(row.kind) for name, row in rows.items() if row.is_writable},
        "actions": list(actions),
    }


def describe_logins(twin: Twin) -> dict[str, Json]:
    """Describe how often a device came in, and how often it was refused."""
    return {"connects": twin.connects, "refusals": twin.refusals}


def _event(record: EventRecord) -> Json:
    return {
        "id": record.id,
        "type": record.type,
        "params": dict(record.params),
        "timestamp_ms": record.timestamp_ms,
        "received_at": record.received_at,
    }

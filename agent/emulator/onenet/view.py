"""What the control API tells about a twin; the secrets stay where they are."""

import math

from agent.emulator.onenet.twin import EventRecord, Twin
from agent.emulator.onenet.wiretypes import TrueFalse
from agent.emulator.values import Json
from agent.emulator.wiretypes import Number, WireType


def describe(twin: Twin) -> dict[str, Json]:
    """Describe one device with a thing model in JSON."""
    return {
        "properties": dict(twin.reported),
        "reported_at": twin.reported_at,
        "events": [_event(record) for record in twin.events],
        "history": [
            {"id": past.name, "value": past.value, "timestamp_ms": past.time_ms}
            for past in twin.history
        ],
        "desired": {
            name: {"value": each.value, "version": each.version}
            for name, each in twin.desired.items()
        },
        **_common(twin),
    }


def describe_streams(twin: Twin) -> dict[str, Json]:
    """Describe one device with data streams in JSON: the last value of each is a property."""
    return {
        "properties": dict(twin.reported),
        "reported_at": twin.reported_at,
        "events": [],
        "desired": {},
        "points": twin.points,
        "stream_times": dict(twin.stream_times),
        **_common(twin),
    }


def _common(twin: Twin) -> dict[str, Json]:
    rows = twin.model.properties
    return {
        "settable": {name: _hint(row.kind) for name, row in rows.items() if row.is_writable},
        "actions": list(twin.model.services),
        "connects": twin.connects,
        "refusals": twin.refusals,
    }


def _event(record: EventRecord) -> Json:
    return {
        "id": record.id,
        "type": record.type,
        "params": dict(record.params),
        "timestamp_ms": record.timestamp_ms,
        "received_at": record.received_at,
    }


def _hint(kind: WireType) -> Json:
    """Tell a page how to offer a property."""
    if isinstance(kind, TrueFalse):
        return {"type": "bool", "on": True, "off": False}
    if isinstance(kind, Number) and math.isfinite(kind.maximum - kind.minimum):
        return {"type": "number", "min": kind.minimum, "max": kind.maximum}
    return {"type": "other"}

"""What the control API tells about a twin; the secret stays where it is."""

from agent.emulator.tencent.twin import EventRecord, Twin
from agent.emulator.values import Json
from agent.emulator.wiretypes import Bool, Number, WireType


def describe(twin: Twin) -> dict[str, Json]:
    """Describe one device in JSON."""
    return {
        "properties": dict(twin.reported),
        "reported_at": twin.reported_at,
        "events": [_event(record) for record in twin.events],
        "pending": twin.pending_values(),
        "info": dict(twin.info),
        "version": twin.version,
        "settable": {
            name: _hint(row.kind)
            for name, row in twin.template.properties.items()
            if row.is_writable
        },
        "actions": list(twin.template.actions),
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
    if isinstance(kind, Bool):
        return {"type": "bool", "on": 1, "off": 0}
    if isinstance(kind, Number):
        return {"type": "number", "min": kind.minimum, "max": kind.maximum}
    return {"type": "other"}

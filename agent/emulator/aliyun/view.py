"""What the control API tells about a twin; the secret stays where it is."""

import math

from agent.emulator.aliyun.twin import EventRecord, Twin
from agent.emulator.aliyun.types import DataType, Flag, Real, Whole
from agent.emulator.values import Json


def describe(twin: Twin) -> dict[str, Json]:
    """Describe one device in JSON."""
    return {
        "properties": dict(twin.reported),
        "reported_at": twin.reported_at,
        "events": [_event(record) for record in twin.events],
        "desired": {
            name: {"value": wanted.value, "version": wanted.version}
            for name, wanted in twin.desired.items()
        },
        "labels": dict(twin.labels),
        "standing": str(twin.standing),
        "settable": {
            name: _hint(row.kind) for name, row in twin.tsl.properties.items() if row.is_writable
        },
        "actions": list(twin.tsl.services),
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


def _hint(kind: DataType) -> Json:
    """Tell a page how to offer a property; a limit that the TSL leaves open is left out."""
    match kind:
        case Flag():
            return {"type": "bool", "on": 1, "off": 0}
        case Real(minimum=minimum, maximum=maximum) | Whole(minimum=minimum, maximum=maximum):
            limits = {"min": minimum, "max": maximum}
            return {"type": "number", **{k: v for k, v in limits.items() if abs(v) < math.inf}}
        case _:
            return {"type": "other"}

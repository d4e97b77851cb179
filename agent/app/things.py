"""The answer to `things`: a device's thing table as JSON."""

from collections.abc import Mapping
from typing import Any

from agent.app.device import DeviceApp
from agent.thing import Field, Kind, Property


def thing_of(device: DeviceApp) -> Mapping[str, object]:
    """Describe what *device* has."""
    thing, settings = device.thing, device.config.device
    return {
        "id": device.name,
        "kind": thing.kind,
        "name": settings.name or settings.id,
        "switch": thing.switch,
        "properties": [_property(row) for row in thing.properties],
        "measures": [_property(row) for row in thing.measures],
        "events": [
            {"name": event.name, "title": event.title, "fields": [_field(f) for f in event.fields]}
            for event in thing.events
        ],
        "actions": [
            {
                "name": action.name,
                "title": action.title,
                "inputs": [_field(each) for each in action.inputs],
                "outputs": [_field(each) for each in action.outputs],
            }
            for action in thing.actions
        ],
    }


def _property(row: Property[Any]) -> Mapping[str, object]:
    return {**_field(row.field), "is_writable": row.is_writable, "is_total": row.is_total}


def _field(field: Field) -> Mapping[str, object]:
    """Describe a value; a text's range is its length, true or false has none."""
    has_range = field.kind is not Kind.BOOL
    return {
        "name": field.name,
        "title": field.title,
        "title_zh": field.title_zh,
        "kind": field.kind.value,
        "unit": field.unit,
        "minimum": field.minimum if has_range else None,
        "maximum": field.maximum if has_range else None,
        "step": field.step if has_range else None,
        "choices": list(field.choices),
    }

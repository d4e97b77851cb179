"""pack/post and history/post: properties and events together, of now or of the past."""

from typing import Final

from agent.emulator.json_text import as_list
from agent.emulator.onenet import events, properties
from agent.emulator.onenet.dialogue import (
    BAD_FORMAT,
    Context,
    UplinkError,
    demand_object,
    kind_of,
    read_point,
)
from agent.emulator.records import EventRecord, Past
from agent.emulator.values import Json
from agent.emulator.wiretypes import shown

MAX_POINTS: Final = 100
MAX_ENTRIES: Final = 10
"""Of a pack: as many as it takes devices."""


def pack(context: Context, params: Json) -> None:
    """Take a pack of the device itself; raise UplinkError."""
    packed = [_own(context, entry, index) for index, entry in enumerate(_list(params, "params"))]
    named = [properties.read(context, entry.get("properties", {})) for entry in packed]
    found = [events.read(context, entry.get("events", {})) for entry in packed]
    if len(packed) > MAX_ENTRIES:
        raise UplinkError(BAD_FORMAT, f"more than {MAX_ENTRIES} entries")
    if sum(map(len, (*named, *found))) > MAX_POINTS:
        raise UplinkError(BAD_FORMAT, f"more than {MAX_POINTS} points of one device")
    for points, records in zip(named, found, strict=True):
        if points:
            properties.keep(context, points)
        context.twin.events.extend(records)


def history(context: Context, params: Json) -> None:
    """Take values of the past, which change nothing of now; raise UplinkError."""
    entries = [_own(context, entry, index) for index, entry in enumerate(_list(params, "params"))]
    past: list[Past] = []
    records: list[EventRecord] = []
    for entry in entries:
        past += _past(context, entry.get("properties", {}))
        records += _past_events(context, entry.get("events", {}))
    context.twin.history.extend(past)
    context.twin.events.extend(records)


def _own(context: Context, entry: Json, index: int) -> dict[str, Json]:
    """Return an entry of the device itself; sub-devices are not emulated."""
    found = demand_object(entry, f"params[{index}]")
    device = context.twin.device
    itself = {"productID": device.product, "deviceName": device.name}
    if found.get("identity", itself) != itself:
        raise UplinkError(BAD_FORMAT, f"params[{index}].identity is not this device")
    return found


def _past(context: Context, params: Json) -> list[Past]:
    kinds, codes = context.twin.model.kinds, context.codes
    found: list[Past] = []
    for name, given in demand_object(params, "properties").items():
        kind = kind_of(name, kinds, codes)
        points = [read_point(name, each, kind, codes) for each in _values(given, name)]
        found += [Past(name, point.value, point.time_ms) for point in points]
    return found


def _past_events(context: Context, params: Json) -> list[EventRecord]:
    return [
        events.read_event(context, name, each)
        for name, given in demand_object(params, "events").items()
        for each in _values(given, name)
    ]


def _values(given: Json, name: str) -> list[Json]:
    values = _list(given, f"{name!r:.60}")
    if len(values) > MAX_POINTS:
        raise UplinkError(BAD_FORMAT, f"{name!r:.60} has more than {MAX_POINTS} values")
    return values


def _list(value: Json, where: str) -> list[Json]:
    found = as_list(value)
    if found is None:
        raise UplinkError(BAD_FORMAT, f"{where} is an array, not {shown(value)}")
    return found

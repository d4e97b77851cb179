"""event/post: events of the model with all their output parameters, taken all or none."""

from agent.emulator.onenet.dialogue import (
    PARAMETER_COUNT,
    Context,
    UplinkError,
    demand_object,
    kind_of,
    unwrap,
)
from agent.emulator.records import EventRecord
from agent.emulator.values import Json


def post(context: Context, params: Json) -> None:
    """Take a post; raise UplinkError."""
    context.twin.events.extend(read(context, params))


def read(context: Context, params: Json) -> list[EventRecord]:
    """Read events by identifier; raise UplinkError."""
    events = demand_object(params, "params")
    return [read_event(context, name, given) for name, given in events.items()]


def read_event(context: Context, name: str, given: Json) -> EventRecord:
    """Read one event; raise UplinkError."""
    row, codes = context.twin.model.events.get(name), context.codes
    if row is None:
        raise UplinkError(codes.unknown_identifier, f"event {name!r:.60} is not in the model")
    point = unwrap(name, given)
    values = demand_object(point.value, f"{name}.value")
    if len(values) != len(row.fields):
        reason = f"event {name} has {len(row.fields)} parameters, not {len(values)}"
        raise UplinkError(PARAMETER_COUNT, reason)
    for field, value in values.items():
        fault = kind_of(field, row.fields, codes).fault(value)
        if fault is not None:
            raise UplinkError(codes.wrong_value, f"{name}.{field}: {fault}")
    return EventRecord(
        id=name,
        type=row.level,
        params=values,
        timestamp_ms=point.time_ms,
        received_at=context.at.wall_time,
    )

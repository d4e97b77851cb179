"""Posts of events: what is recorded, and what is left out."""

from agent.emulator.aliyun.dialogue import (
    EVENT_UNKNOWN,
    NOT_IN_STRUCT,
    PARAMETER_ERROR,
    SUCCESS,
    Outcome,
    Uplink,
    failed,
    time_fault,
)
from agent.emulator.aliyun.sifting import Stamped, sift, unwrap
from agent.emulator.aliyun.twin import Twin
from agent.emulator.json_text import as_object
from agent.emulator.records import EventRecord
from agent.emulator.values import Json


def post(twin: Twin, uplink: Uplink) -> Outcome:
    """Take one event; its members come bare or as `value`, beside `time`."""
    params = as_object(uplink.params)
    if params is None:
        return failed(PARAMETER_ERROR, "params is an object")
    stamped = unwrap(params)
    if as_object(stamped.value) is None:
        stamped = Stamped(params)
    return take(twin, uplink.name, stamped, uplink)


def take(twin: Twin, name: str, stamped: Stamped, uplink: Uplink) -> Outcome:
    """Record an event whose value is an object."""
    refusal = time_fault(stamped.time, uplink.at)
    if refusal is not None:
        return Outcome(refusal)
    row = twin.tsl.events.get(name)
    if row is None:
        reason = f"tsl parse: event not exist -> {name:.60}"
        if uplink.rules.refuses_unknown:
            return failed(EVENT_UNKNOWN, reason)
        return Outcome(SUCCESS, remark=reason)
    members = as_object(stamped.value)
    if members is None:
        return failed(PARAMETER_ERROR, f"the value of event {name:.60} is an object")
    sifted = sift(members, row.fields, uplink.rules, NOT_IN_STRUCT)
    outcome = sifted.outcome(uplink.rules)
    if outcome.verdict.code == 200:
        twin.events.append(_record(name, row.level, sifted.values, stamped.time, uplink))
    return outcome


def _record(
    name: str, level: str, params: dict[str, Json], time: Json, uplink: Uplink
) -> EventRecord:
    return EventRecord(
        id=name,
        type=level,
        params=params,
        timestamp_ms=int(time) if isinstance(time, int | float) else None,
        received_at=uplink.at.wall_time,
    )

"""Posts of several values at once: `batch`, and `history` that does not touch what is now."""

from collections.abc import Mapping
from typing import NamedTuple

from agent.emulator.aliyun import events
from agent.emulator.aliyun.dialogue import (
    MAX_DEVICES,
    MAX_EVENTS,
    MAX_PROPERTIES,
    NO_TOPOLOGY,
    PARAMETER_ERROR,
    TOO_MANY_DEVICES,
    TOO_MANY_EVENTS,
    TOO_MANY_PROPERTIES,
    Outcome,
    Uplink,
    failed,
)
from agent.emulator.aliyun.properties import find_time_fault, sift_properties, store
from agent.emulator.aliyun.sifting import Stamped, unwrap
from agent.emulator.aliyun.twin import Twin
from agent.emulator.json_text import as_list, as_object
from agent.emulator.records import Past
from agent.emulator.values import DeviceKey, Json


class _Point(NamedTuple):
    name: str
    stamped: Stamped


def batch(twin: Twin, uplink: Uplink) -> Outcome:
    """Take lists of values by identifier; the last value of a property is what it is now."""
    params = as_object(uplink.params)
    properties = _points((params or {}).get("properties", {}))
    happened = _points((params or {}).get("events", {}))
    if params is None or properties is None or happened is None or not properties + happened:
        return failed(PARAMETER_ERROR, "params holds properties and events, lists by identifier")
    return _take(twin, properties, happened, uplink, is_now=True)


def history(twin: Twin, uplink: Uplink) -> Outcome:
    """Take what happened earlier, of this device; its sub-devices are not known here."""
    parts = as_list(uplink.params)
    if not parts:
        return failed(PARAMETER_ERROR, "params is a list of at least one device's history")
    properties: list[_Point] = []
    happened: list[_Point] = []
    if len(parts) > 1 + MAX_DEVICES:
        return failed(TOO_MANY_DEVICES, f"{len(parts)} devices, not at most {1 + MAX_DEVICES}")
    for part in parts:
        found = as_object(part) or {}
        if not _is_own(found.get("identity"), twin.device):
            return failed(NO_TOPOLOGY, "identity is not this device's")
        for points, rows in ((properties, "properties"), (happened, "events")):
            objects = [as_object(row) for row in as_list(found.get(rows, [])) or []]
            points += [
                _Point(name, unwrap(value))
                for row in objects
                for name, value in (row or {}).items()
            ]
    return _take(twin, properties, happened, uplink, is_now=False)


def _take(
    twin: Twin, properties: list[_Point], happened: list[_Point], uplink: Uplink, *, is_now: bool
) -> Outcome:
    if len(properties) > MAX_PROPERTIES:
        return failed(TOO_MANY_PROPERTIES, f"{len(properties)} values, not at most 200")
    if len(happened) > MAX_EVENTS:
        return failed(TOO_MANY_EVENTS, f"{len(happened)} events, not at most {MAX_EVENTS}")
    outcomes: list[Outcome] = []
    for name, stamped in properties:
        outcomes.append(_take_point(twin, {name: stamped}, uplink, is_now=is_now))
    outcomes += [events.take(twin, name, stamped, uplink) for name, stamped in happened]
    bad = (each for each in outcomes if each.verdict.code != 200 or each.remark)
    return next(bad, Outcome())


def _take_point(
    twin: Twin, point: Mapping[str, Stamped], uplink: Uplink, *, is_now: bool
) -> Outcome:
    fault = find_time_fault(point, uplink)
    if fault is not None:
        return fault
    sifted = sift_properties(twin, point, uplink)
    outcome = sifted.outcome(uplink.rules)
    if outcome.verdict.code == 200:
        twin.add_up(sifted.values)
    if outcome.verdict.code == 200 and is_now:
        store(twin, sifted, point, uplink)
    elif outcome.verdict.code == 200:
        twin.history.extend(
            Past(name, value, _time_of(point[name])) for name, value in sifted.values.items()
        )
    return outcome


def _time_of(stamped: Stamped) -> float | None:
    return stamped.time if isinstance(stamped.time, int | float) else None


def _points(value: Json) -> list[_Point] | None:
    """Flatten lists by identifier; None where it is something else."""
    found: Mapping[str, Json] | None = as_object(value)
    if found is None or any(as_list(each) is None for each in found.values()):
        return None
    return [
        _Point(name, unwrap(each)) for name, row in found.items() for each in as_list(row) or []
    ]


def _is_own(identity: Json, device: DeviceKey) -> bool:
    found = as_object(identity) or {}
    names = (found.get("productKey"), found.get("deviceName"))
    return names == (device.product, device.name)

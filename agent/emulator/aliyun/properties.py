"""Posts of properties: what is stored, and what is left out."""

from collections.abc import Mapping

from agent.emulator.aliyun.dialogue import (
    MAX_PROPERTIES,
    NOT_IN_TSL,
    PARAMETER_ERROR,
    TOO_MANY_PROPERTIES,
    Outcome,
    Uplink,
    failed,
    time_fault,
)
from agent.emulator.aliyun.sifting import Sifted, Stamped, sift, unwrap
from agent.emulator.aliyun.twin import Twin
from agent.emulator.json_text import as_object


def post(twin: Twin, uplink: Uplink) -> Outcome:
    """Take one post; every property comes bare or with its time."""
    params = as_object(uplink.params)
    if not params:
        return failed(PARAMETER_ERROR, "params is an object with at least one property")
    if len(params) > MAX_PROPERTIES:
        return failed(TOO_MANY_PROPERTIES, f"{len(params)} properties, not at most 200")
    stamped = {name: unwrap(value) for name, value in params.items()}
    refusal = find_time_fault(stamped, uplink)
    if refusal is not None:
        return refusal
    sifted = sift_properties(twin, stamped, uplink)
    outcome = sifted.outcome(uplink.rules)
    if outcome.verdict.code == 200:
        twin.add_up(sifted.values)
        store(twin, sifted, stamped, uplink)
    return outcome


def find_time_fault(stamped: Mapping[str, Stamped], uplink: Uplink) -> Outcome | None:
    """Refuse a post for the first time that is too far ahead or no time."""
    for each in stamped.values():
        verdict = time_fault(each.time, uplink.at)
        if verdict is not None:
            return Outcome(verdict)
    return None


def sift_properties(twin: Twin, stamped: Mapping[str, Stamped], uplink: Uplink) -> Sifted:
    """Sort properties by whether the TSL has them as they are."""
    values = {name: each.value for name, each in stamped.items()}
    return sift(values, twin.tsl.kinds, uplink.rules, NOT_IN_TSL)


def store(twin: Twin, sifted: Sifted, stamped: Mapping[str, Stamped], uplink: Uplink) -> None:
    """Keep what was taken as what is now, unless newer values are shown."""
    arrived = uplink.at.wall_time
    for name, value in sifted.values.items():
        if twin.moments.replaces(name, stamped[name].time, arrived):
            twin.reported[name] = value
        twin.reported_at = arrived

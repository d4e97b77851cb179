"""Desired properties: asked for after each connect, cleared by version."""

from agent.emulator.aliyun.dialogue import (
    MAX_PROPERTIES,
    PARAMETER_ERROR,
    TOO_MANY_DESIRED,
    Outcome,
    Uplink,
    failed,
)
from agent.emulator.aliyun.twin import Twin
from agent.emulator.json_text import as_list, as_object
from agent.emulator.values import Json
from agent.emulator.wiretypes import is_number


def get(twin: Twin, uplink: Uplink) -> Outcome:
    """Tell the desired values of a list of identifiers; what has none is left out."""
    names = as_list(uplink.params)
    if names is None or not all(isinstance(name, str) for name in names):
        return failed(PARAMETER_ERROR, "params is a list of identifiers")
    if len(names) > MAX_PROPERTIES:
        return failed(TOO_MANY_DESIRED, f"{len(names)} identifiers, not at most 200")
    data: dict[str, Json] = {
        name: {"value": wanted.value, "version": wanted.version}
        for name, wanted in twin.desired.items()
        if name in names
    }
    return Outcome(data=data)


def delete(twin: Twin, uplink: Uplink) -> Outcome:
    """Clear desired values, each only while its version is the one that is named, if any is."""
    params = as_object(uplink.params)
    if not params or not all(_is_condition(each) for each in params.values()):
        return failed(PARAMETER_ERROR, 'params is an object such as {"power":{"version":1}}')
    if len(params) > MAX_PROPERTIES:
        return failed(TOO_MANY_DESIRED, f"{len(params)} identifiers, not at most 200")
    kept: list[str] = []
    for name, condition in params.items():
        wanted = twin.desired.get(name)
        version = (as_object(condition) or {}).get("version")
        if wanted is not None and version in {None, wanted.version}:
            del twin.desired[name]
        elif wanted is not None:
            kept.append(name)
    return Outcome(remark=f"a newer version is desired of {', '.join(kept):.80}" if kept else "")


def _is_condition(value: Json) -> bool:
    found = as_object(value)
    return found is not None and ("version" not in found or is_number(found["version"]))

"""Desired values: each with a version that counts up from 1 until it is deleted."""

from agent.emulator.json_text import as_list
from agent.emulator.onenet.dialogue import BAD_FORMAT, Context, UplinkError, demand_object
from agent.emulator.onenet.twin import Desired, Twin
from agent.emulator.values import Json
from agent.emulator.wiretypes import is_integer, shown


def desire(twin: Twin, values: dict[str, Json]) -> None:
    """Set desired values."""
    for name, value in values.items():
        old = twin.desired.get(name)
        twin.desired[name] = Desired(value, 1 if old is None else old.version + 1)


def get(context: Context, params: Json) -> dict[str, Json]:
    """Return what is desired of the identifiers that are asked for; raise UplinkError."""
    asked = as_list(params)
    if asked is None or not all(isinstance(name, str) for name in asked):
        raise UplinkError(BAD_FORMAT, f"params is an array of identifiers, not {shown(params)}")
    kept = context.twin.desired
    return {
        str(name): {"value": kept[str(name)].value, "version": kept[str(name)].version}
        for name in asked
        if name in kept
    }


def delete(context: Context, params: Json) -> None:
    """Delete desired values whose version is still this, or that name none; raise UplinkError."""
    asked = {name: _version(name, given) for name, given in demand_object(params, "params").items()}
    kept = context.twin.desired
    for name, version in asked.items():
        if name in kept and version in {None, kept[name].version}:
            del kept[name]


def _version(name: str, given: Json) -> int | None:
    version = demand_object(given, f"{name!r:.60}").get("version")
    if version is None or (is_integer(version) and isinstance(version, int)):
        return version
    raise UplinkError(BAD_FORMAT, f"{name!r:.60}: version is an integer, not {shown(version)}")

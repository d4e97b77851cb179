"""A device's file with simulated parts, so that it runs on any machine."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final, cast

from agent.errors import ConfigError
from agent.settings.document import read_document
from agent.settings.faults import ConfigFaults
from agent.settings.findings import Findings, value_at
from agent.settings.generic import GenericSettings
from agent.settings.sensors import SensorSettings
from agent.settings.smoothing import parse_warm_up

Table = dict[str, Any]

GENERIC: Final = "generic"
ID: Final = "demo"
INTERVAL_S: Final = 0.2
WARM_UP_S: Final = 8.0
"""Long enough to be seen, and no longer."""

USUAL: Final[Mapping[str, float]] = {"°C": 21.0, "%": 40.0, "lx": 120.0}
"""What a sensor of a unit shows in a room."""
WIDEST: Final = 10_000.0
_BY_HAND: Final = frozenset({"id", "kind", "clouds", "reporting", "rules", "schedules"})
_PARTS: Final = frozenset({"sensors", "switches", "dimmers"})
_OF_A_VALUE: Final = ("title", "title_zh", "unit", "scale", "offset", "range", "step", "change")


def read_settings(path: Path) -> GenericSettings:
    """Read what a file declares; raise `ConfigError`. Its clouds and secrets do not matter."""
    document = read_document(path)
    kind = value_at(document, ("device", "kind"))
    if kind != GENERIC:
        place = document.place(("device", "kind"))
        allowed = f'"{GENERIC}"; the demo of a socket takes no --config'
        raise ConfigFaults([place.fault(found=json.dumps(kind), allowed=allowed)])
    findings = Findings()
    settings = findings.section(GenericSettings, document, ("device",))
    findings.raise_if_any()
    if settings is None:
        raise ConfigError(f"{path}: no device")
    return settings


def simulated(settings: GenericSettings) -> Table:
    """Write `[device]` of the same device with simulated parts, without its rules."""
    own = settings.model_dump(mode="json", exclude_unset=True, exclude=set(_BY_HAND | _PARTS))
    sensors = {name: _sensor(each) for name, each in settings.sensors.items()}
    switches = {
        name: {"driver": "simulated", "min_off_s": 0, "title": each.title} | _chinese(each.title_zh)
        for name, each in settings.switches.items()
    }
    dimmers = {
        name: {"driver": "simulated", "title": each.title} | _chinese(each.title_zh)
        for name, each in settings.dimmers.items()
    }
    parts = {"sensors": sensors, "switches": switches, "dimmers": dimmers}
    return {**own, "kind": GENERIC, **{role: part for role, part in parts.items() if part}}


def _chinese(title: str) -> Table:
    return {"title_zh": title} if title else {}


def _sensor(section: SensorSettings) -> Table:
    keys = section.model_dump(mode="json", include=set(_OF_A_VALUE), exclude_unset=True)
    if section.is_binary:
        keys.pop("range", None)
        return {**keys, "driver": "simulated", "value": False, "retries": 0, "interval_s": 1}
    warm_up = min(parse_warm_up(section.warm_up), WARM_UP_S)
    return {
        **keys,
        "driver": "simulated",
        "value": raw(section, usual(section)),
        "filter": section.filter,
        "warm_up": f"{warm_up:g}s",
        "interval_s": INTERVAL_S,
        "retries": 0,
    }


def usual(section: SensorSettings) -> float:
    """Give a value that a sensor may well show, of its own steps."""
    low, high = section.range
    value = USUAL.get(section.unit)
    if value is None or not low <= value <= high:
        value = (low + high) / 2 if high - low <= WIDEST else max(low, min(high, 20.0))
    return round(value / section.step) * section.step


def another(section: SensorSettings) -> float:
    """Give a value that is clearly another one."""
    low, high = section.range
    value = usual(section)
    span = high - low if high - low <= WIDEST else max(abs(value), 10.0)
    moved = value + span / 5 if value + span / 5 <= high else value - span / 5
    return round(moved / section.step) * section.step


def raw(section: SensorSettings, value: float) -> float:
    """Tell what the sensor itself measures where *value* is to be shown."""
    return (value - section.offset) / section.scale if section.scale else 0.0


def toml(table: Mapping[str, Any], name: str) -> Iterator[str]:
    """Write a table and those in it; what JSON has of plain values, TOML reads alike."""
    yield f"\n[{name}]\n"
    tables: list[tuple[str, Mapping[str, Any]]] = []
    for key, value in table.items():
        if isinstance(value, Mapping):
            tables.append((key, cast("Mapping[str, Any]", value)))
        elif value is not None:
            yield f"{json.dumps(key)} = {json.dumps(value, ensure_ascii=False)}\n"
    for key, value in tables:
        yield from toml(value, f"{name}.{json.dumps(key)}")

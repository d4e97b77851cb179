"""What Home Assistant takes as a device's discovery message, as far as it is used here.

Facts of Home Assistant's MQTT integration (2025.4): its abbreviations, which keys each kind of
entity has and needs, the units and state classes of its device classes.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

SHORT = {
    "avty_t": "availability_topic",
    "cmd_t": "command_topic",
    "cmps": "components",
    "dev": "device",
    "dev_cla": "device_class",
    "ent_cat": "entity_category",
    "evt_typ": "event_types",
    "o": "origin",
    "ops": "options",
    "p": "platform",
    "pl_off": "payload_off",
    "pl_on": "payload_on",
    "stat_cla": "state_class",
    "stat_t": "state_topic",
    "sug_dsp_prc": "suggested_display_precision",
    "uniq_id": "unique_id",
    "unit_of_meas": "unit_of_measurement",
    "val_tpl": "value_template",
}
SHORT_OF_DEVICE = {
    "ids": "identifiers",
    "mf": "manufacturer",
    "mdl": "model",
    "sw": "sw_version",
    "hw": "hw_version",
}
COMMON = {"platform", "unique_id", "name", "qos", "entity_category"}
KEYS: Mapping[str, tuple[set[str], set[str]]] = {
    "switch": ({"command_topic"}, {"value_template", "device_class"}),
    "binary_sensor": (set(), {"value_template", "payload_on", "payload_off"}),
    "number": (
        {"command_topic"},
        {"value_template", "device_class", "unit_of_measurement", "min", "max", "step", "mode"},
    ),
    "text": ({"command_topic"}, {"value_template", "min", "max"}),
    "select": ({"command_topic", "options"}, {"value_template"}),
    "sensor": (
        set(),
        {
            "value_template",
            "device_class",
            "unit_of_measurement",
            "state_class",
            "suggested_display_precision",
            "options",
        },
    ),
    "event": ({"state_topic", "event_types"}, set()),
    "button": ({"command_topic"}, set()),
}
"""By kind of entity: what it needs beside a state topic, and what else it may have."""

UNITS: Mapping[str, tuple[set[str | None], set[str]]] = {
    "voltage": ({"V", "mV"}, {"measurement"}),
    "current": ({"A", "mA"}, {"measurement"}),
    "power": ({"W", "kW"}, {"measurement"}),
    "apparent_power": ({"VA"}, {"measurement"}),
    "power_factor": ({None, "%"}, {"measurement"}),
    "energy": ({"Wh", "kWh"}, {"total", "total_increasing"}),
    "temperature": ({"°C", "°F", "K"}, {"measurement"}),
    "humidity": ({"%"}, {"measurement"}),
    "illuminance": ({"lx"}, {"measurement"}),
    "carbon_dioxide": ({"ppm"}, {"measurement"}),
    "duration": ({"ms", "s", "min", "h", "d"}, {"measurement", "total", "total_increasing"}),
}
SWITCHES = {"outlet", "switch"}
OBJECT_ID = re.compile(r"[a-zA-Z0-9_-]+")
MAX_TEXT = 255


def faults_of(payload: Any) -> list[str]:
    """Say what Home Assistant would not take, or would complain of."""
    whole = long(payload, SHORT)
    known = {"device", "origin", "components", "availability_topic", "state_topic"}
    found = [f"unknown key {key}" for key in whole.keys() - known]
    device, origin = long(whole["device"], SHORT_OF_DEVICE), long(whole["origin"], SHORT_OF_DEVICE)
    if not device.get("identifiers") or not all(isinstance(x, str) for x in device["identifiers"]):
        found.append("the device has no identifiers")
    found += [
        f"the device has {key}"
        for key in device.keys()
        - {"identifiers", "name", "manufacturer", "model", "sw_version", "hw_version"}
    ]
    if not origin.get("name") or origin.keys() - {"name", "sw_version"}:
        found.append(f"the origin is {origin}")
    components = {key: long(body, SHORT) for key, body in whole["components"].items()}
    for key, body in components.items():
        if not OBJECT_ID.fullmatch(key):
            found.append(f"{key} is no object id")
        found += [f"{key}: {fault}" for fault in _component(body, whole)]
    ids = [(body["platform"], body["unique_id"]) for body in components.values() if len(body) > 1]
    return found + (["a unique id stands twice"] if len(set(ids)) < len(ids) else [])


def long(table: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    """Write the keys in full."""
    return {names.get(key, key): value for key, value in table.items()}


def _component(body: dict[str, Any], whole: Mapping[str, Any]) -> Iterator[str]:
    platform = body.get("platform")
    if platform not in KEYS:
        yield f"there is no platform {platform}"
        return
    if len(body) == 1:
        return
    needed, more = KEYS[platform]
    for key in needed | COMMON - {"entity_category"}:
        if key not in body:
            yield f"{key} is missing"
    yield from (f"unknown key {key}" for key in body.keys() - needed - more - COMMON)
    if platform in {"switch", "number", "text", "select", "sensor", "binary_sensor"}:
        if "state_topic" not in whole:
            yield "it has no state"
        if not body.get("value_template", "").startswith("{{ "):
            yield "it takes the whole report for its value"
    for key in ("command_topic", "state_topic"):
        if set(body.get(key, "")) & {"+", "#"}:
            yield f"{key} has a wildcard"
    yield from _quantity(platform, body)


def _quantity(platform: str, body: Mapping[str, Any]) -> Iterator[str]:
    device_class, unit = body.get("device_class"), body.get("unit_of_measurement")
    category = body.get("entity_category")
    if category not in {None, "config", "diagnostic"}:
        yield f"the category {category}"
    if platform in {"sensor", "binary_sensor"} and category == "config":
        yield "what is only read is no configuration"
    if platform == "switch" and device_class not in {None, *SWITCHES}:
        yield f"a switch is no {device_class}"
    if platform in {"sensor", "number"} and device_class not in {None, "enum"}:
        units, states = UNITS[device_class]
        if unit not in units:
            yield f"{device_class} in {unit}"
        if platform == "sensor" and body.get("state_class") not in states:
            yield f"{device_class} as {body.get('state_class')}"
    if device_class == "enum" and (not body.get("options") or "state_class" in body):
        yield "an enum without options, or with a state class"
    if platform == "number" and not (body["min"] <= body["max"] and body["step"] >= 0.001):
        yield "the range of the number"
    if platform == "text" and not body["min"] <= body["max"] <= MAX_TEXT:
        yield "the length of the text"

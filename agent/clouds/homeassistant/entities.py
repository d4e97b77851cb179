"""A thing's rows as entities of Home Assistant."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from agent.clouds.homeassistant.classes import quantity_of, settable_of
from agent.clouds.homeassistant.names import MAX_TEXT, OFF, ON
from agent.clouds.homeassistant.topics import Topics
from agent.clouds.names import Names
from agent.thing import Action, Event, Field, Kind, Property, Thing

Component = Mapping[str, object]

SMALLEST_STEP: Final = 0.001
"""Home Assistant takes no smaller step of a number."""

PLATFORMS: Final[Mapping[Kind, tuple[str, ...]]] = {
    Kind.BOOL: ("switch", "binary_sensor"),
    Kind.INT: ("number", "sensor"),
    Kind.FLOAT: ("number", "sensor"),
    Kind.TEXT: ("text", "select", "sensor"),
}
"""What a property may be, by its kind, the settings and its choices."""

ANY: Final = (
    *dict.fromkeys(name for group in PLATFORMS.values() for name in group),
    "event",
    "button",
)
"""What a row may have been of which only the name is known."""

OUTLETS: Final = frozenset({"socket", "strip"})
"""Kinds of device whose outputs are outlets of the mains."""

CONFIG: Final = frozenset({"timers", "current_limit", "child_lock"})
DIAGNOSTIC: Final = frozenset({"count_down_to", "hardware_fault"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Writer:
    """Describes the entities of one device.

    `writable`: properties that the cloud may set; `actions`: what it may ask for. `label`: by
    which identifier of the device its entities are known for ever.
    """

    names: Names
    topics: Topics
    label: str
    language: Literal["en", "zh"]
    writable: frozenset[str]
    actions: frozenset[str]

    def components(self, thing: Thing[Any]) -> dict[str, Component]:
        """Describe everything that *thing* has, and take back what it may have been before."""
        told = [
            *(self._property(row, thing) for row in thing.properties),
            *(self._event(event) for event in thing.events),
            *(self._action(row) for row in thing.actions if row.name in self.actions),
        ]
        found = dict(told)
        return {**dict(self._former(thing, found)), **found}

    def removed(self, name: str) -> Iterator[tuple[str, Component]]:
        """Take back whatever stood for a row that is no more."""
        for platform in ANY:
            yield _key(platform, self.names.wire_id(name)), {"p": platform}

    def _former(
        self, thing: Thing[Any], found: Mapping[str, Component]
    ) -> Iterator[tuple[str, Component]]:
        """Take back what rows are not now, and were where this cloud had other rights."""
        for row in filter(lambda row: row.is_writable, thing.properties):
            for is_set in (True, False):
                platform = _platform(row.field, is_set=is_set)
                key = _key(platform, self.names.wire_id(row.field.name))
                if key not in found:
                    yield key, {"p": platform}
        for action in thing.actions:
            if action.name not in self.actions:
                yield _key("button", self.names.wire_id(action.name)), {"p": "button"}

    def _common(self, platform: str, name: str, titles: tuple[str, str]) -> dict[str, object]:
        english, chinese = titles
        wire_id = self.names.wire_id(name)
        return {
            "p": platform,
            "uniq_id": f"{self.label}_{wire_id}",
            "name": chinese if self.language == "zh" and chinese else english,
            "qos": 1,
        }

    def _event(self, event: Event) -> tuple[str, Component]:
        wire_id = self.names.wire_id(event.name)
        body = self._common("event", event.name, (event.title, event.title_zh))
        body |= {"stat_t": self.topics.event(wire_id), "evt_typ": [wire_id]}
        return _key("event", wire_id), body | _category(event.name, is_set=False)

    def _action(self, action: Action) -> tuple[str, Component]:
        wire_id = self.names.wire_id(action.name)
        body = self._common("button", action.name, (action.title, action.title_zh))
        body |= {"cmd_t": self.topics.press(wire_id), "ent_cat": "config"}
        return _key("button", wire_id), body

    def _property(self, row: Property[Any], thing: Thing[Any]) -> tuple[str, Component]:
        field = row.field
        is_set = field.name in self.writable
        platform = _platform(field, is_set=is_set)
        wire_id = self.names.wire_id(field.name)
        body = self._common(platform, field.name, (field.title, field.title_zh))
        body["val_tpl"] = _template(platform, wire_id, field)
        if is_set:
            body["cmd_t"] = self.topics.set(wire_id)
        is_outlet = thing.kind in OUTLETS and field.name in thing.outputs()
        body |= _details(platform, row, is_outlet=is_outlet and is_set)
        return _key(platform, wire_id), body | _category(field.name, is_set=is_set)


def _key(platform: str, wire_id: str) -> str:
    """Name a component: one that becomes another kind of entity is another component."""
    return f"{platform}_{wire_id}"


def _platform(field: Field, *, is_set: bool) -> str:
    if not is_set:
        return PLATFORMS[field.kind][-1]
    return "select" if field.choices else PLATFORMS[field.kind][0]


def _template(platform: str, wire_id: str, field: Field) -> str:
    """Take a value out of a report that may lack it: then the entity stays as it is.

    Home Assistant takes nothing for 'no news' of a number or a switch, but not of a text.
    """
    value = f"value_json['{wire_id}']"
    if field.kind is not Kind.TEXT:
        return f"{{{{ {value} | default('') }}}}"
    told = f"({value} or '')" if platform == "text" else value
    return f"{{{{ {told} if '{wire_id}' in value_json else this.state }}}}"


def _category(name: str, *, is_set: bool) -> dict[str, object]:
    """Put an entity aside; what is only read cannot be configuration."""
    if name in CONFIG:
        return {"ent_cat": "config" if is_set else "diagnostic"}
    return {"ent_cat": "diagnostic"} if name in DIAGNOSTIC else {}


def _details(platform: str, row: Property[Any], *, is_outlet: bool) -> dict[str, object]:
    field = row.field
    match platform:
        case "switch":
            return {"dev_cla": "outlet"} if is_outlet else {}
        case "number":
            return _number(field)
        case "sensor":
            return _sensor(row)
        case "select":
            return {"ops": list(field.choices)}
        case "text":
            return {"min": int(field.minimum), "max": min(MAX_TEXT, int(field.maximum))}
        case _:
            return {"pl_on": ON, "pl_off": OFF}


def _number(field: Field) -> dict[str, object]:
    quantity = settable_of(field)
    step = 1 if field.kind is Kind.INT else max(SMALLEST_STEP, field.step)
    bounds = {"min": field.minimum, "max": field.maximum, "step": step, "mode": "box"}
    return bounds | _measured(quantity.device_class, quantity.unit)


def _sensor(row: Property[Any]) -> dict[str, object]:
    field = row.field
    if field.kind is Kind.TEXT:
        return {"dev_cla": "enum", "ops": list(field.choices)} if field.choices else {}
    quantity = quantity_of(field)
    body = _measured(quantity.device_class, quantity.unit)
    body["stat_cla"] = "total_increasing" if row.is_total else "measurement"
    if quantity.device_class == "energy" and not row.is_total:
        body["stat_cla"] = "total"
    if field.kind is Kind.FLOAT and 0 < field.step < 1:
        body["sug_dsp_prc"] = -math.floor(math.log10(field.step))
    return body


def _measured(device_class: str, unit: str) -> dict[str, object]:
    body: dict[str, object] = {"unit_of_meas": unit} if unit else {}
    return body | ({"dev_cla": device_class} if device_class else {})

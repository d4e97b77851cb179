"""Tencent IoT Explorer's data template (数据模板)."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, Final

from agent.clouds.names import Names
from agent.clouds.tencent import uplink
from agent.clouds.tencent.names import DIALECT, MODULUS
from agent.models.describing import Habits, described, flag, unlisted_notes
from agent.models.form import Feature, FeatureKind, Item, Model, Note, Spec, Title, ValueType
from agent.models.wording import Language, label, mapping, number
from agent.thing import Thing

CATEGORY: Final = "142"
"""The console's category of sockets."""
CUSTOM: Final = "1"
"""The category of products of one's own."""

HABITS: Final = Habits(
    fault="fault",
    call="",
    off_on=("关", "开"),
    maxima={name: float(modulus) for name, modulus in MODULUS.items()},
)
_TYPES: Final[Mapping[ValueType, str]] = {
    ValueType.BOOL: "bool",
    ValueType.INT: "int",
    ValueType.FLOAT: "float",
    ValueType.TEXT: "string",
}
_SECONDS: Final = "秒"


def describe(thing: Thing[Any], rename: Mapping[str, str]) -> Model:
    """Describe what a thing puts on Tencent's wire; raise `ConfigError` for a wrong *rename*."""
    names = Names(uplink.names_on_wire(thing), rename, DIALECT.of(thing))
    rows = described(thing, names, HABITS)
    if uplink.TRIP in rows:
        rows[uplink.TRIP] = _trip(rows[uplink.TRIP], names)
    if thing.switch in rows and not thing.is_verbatim:
        rows[thing.switch] = replace(rows[thing.switch], is_required=True)
    notes = (*_notes(rows), *unlisted_notes(thing, names, DIALECT.cloud))
    return Model(
        cloud=DIALECT.cloud,
        features=tuple(rows.values()),
        notes=notes,
        is_custom=thing.is_verbatim,
    )


def _trip(row: Feature, names: Names) -> Feature:
    """Describe a trip as the reference template has it; rules know it by these display names."""
    status, message = uplink.TRIP_FIELDS
    return replace(
        row,
        title=_same("DeviceStatus"),
        level="info",
        outputs=(
            Item(
                name=status,
                identifier=names.wire_id(status),
                title=_same("running_state"),
                spec=flag(_same("normal"), _same("fault")),
            ),
            Item(
                name=message,
                identifier=names.wire_id(message),
                title=_same("Message"),
                spec=Spec(type=ValueType.TEXT, minimum=0, maximum=64),
            ),
        ),
    )


def _notes(rows: Mapping[str, Feature]) -> Iterable[Note]:
    for name, modulus in MODULUS.items():
        if name in rows:
            reason = f"the count starts again at {modulus:,}; the device itself goes on counting"
            yield Note(name=name, reason=reason)
    if uplink.TRIP in rows:
        reason = "only the cause is told; value, limit and duration stay in `polycloud events`"
        yield Note(name=uplink.TRIP, reason=reason)


def write(model: Model, language: Language) -> dict[str, object]:
    """Write the template that the console imports."""
    category = CUSTOM if model.is_custom else CATEGORY
    return {
        "version": "1.0",
        "profile": {"ProductId": model.product, "CategoryId": category},
        "properties": [_property(row, language) for row in model.of(FeatureKind.PROPERTY)],
        "events": [_event(row, language) for row in model.of(FeatureKind.EVENT)],
        "actions": [_action(row, language) for row in model.of(FeatureKind.SERVICE)],
    }


def _property(row: Feature, language: Language) -> dict[str, object]:
    assert row.spec is not None
    mode = "rw" if row.is_writable else "r"
    return {**_head(row, language), "mode": mode, "define": _define(row.spec, language)}


def _event(row: Feature, language: Language) -> dict[str, object]:
    head = _head(row, language)
    return {**head, "type": row.level, "params": _items(row.outputs, language)}


def _action(row: Feature, language: Language) -> dict[str, object]:
    inputs, outputs = _items(row.inputs, language), _items(row.outputs, language)
    return {**_head(row, language), "input": inputs, "output": outputs}


def _head(row: Feature, language: Language) -> dict[str, object]:
    return {
        "id": row.identifier,
        "name": label(row.title, language),
        "desc": "",
        "required": row.is_required,
    }


def _items(items: Iterable[Item], language: Language) -> list[dict[str, object]]:
    return [
        {
            "id": item.identifier,
            "name": label(item.title, language),
            "desc": "",
            "define": _define(item.spec, language),
        }
        for item in items
    ]


def _define(spec: Spec, language: Language) -> dict[str, object]:
    define: dict[str, object] = {"type": _TYPES[spec.type]}
    if spec.type is ValueType.BOOL:
        return {**define, "mapping": mapping(spec.choices, language)}
    bounds = {"min": number(spec.minimum), "max": number(spec.maximum)}
    if spec.type is ValueType.TEXT:
        return {**define, **bounds}
    unit = spec.unit or ""
    return {
        **define,
        **bounds,
        "start": "0",
        "step": number(spec.step),
        "unit": _SECONDS if unit == "s" and language is not Language.EN else unit,
    }


def _same(name: str) -> Title:
    return Title(zh=name, en=name)

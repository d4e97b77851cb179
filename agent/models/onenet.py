"""China Mobile OneNET's thing model (物模型)."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from agent.clouds.names import Names, names_of
from agent.clouds.onenet.names import DIALECT
from agent.models.describing import Habits, described, unlisted_notes
from agent.models.form import Feature, FeatureKind, Item, Model, Spec, ValueType
from agent.models.wording import UNIT_NAMES, Language, label, number
from agent.thing import Thing

HABITS: Final = Habits(
    fault="error",
    call="sync",
    off_on=("关", "开"),
    maxima={"total_energy": 9_999_999.0},
    doubles=frozenset({"total_energy"}),
    has_double=True,
)
"""A float would lose the watt-hours of a large count."""

PROFILE: Final[Mapping[str, str]] = {"industryId": "1", "sceneId": "14", "categoryId": "319"}
"""The console's category of sockets."""
CUSTOM: Final[Mapping[str, str]] = dict.fromkeys(PROFILE, "")
"""No category: the console's own stays."""

_TYPES: Final[Mapping[ValueType, str]] = {
    ValueType.BOOL: "bool",
    ValueType.INT: "int32",
    ValueType.FLOAT: "float",
    ValueType.DOUBLE: "double",
    ValueType.TEXT: "string",
}
_USER: Final = "u"


def describe(thing: Thing[Any], rename: Mapping[str, str]) -> Model:
    """Describe what a thing puts on OneNET's wire; raise `ConfigError` for a wrong *rename*."""
    names = Names(names_of(thing), rename, DIALECT.of(thing))
    rows = described(thing, names, HABITS)
    notes = tuple(unlisted_notes(thing, names, DIALECT.cloud))
    return Model(
        cloud=DIALECT.cloud,
        features=tuple(rows.values()),
        notes=notes,
        is_custom=thing.is_verbatim,
    )


def write(model: Model, language: Language) -> dict[str, object]:
    """Write the model that the console imports."""
    profile = CUSTOM if model.is_custom else PROFILE
    return {
        "version": "1.0",
        "profile": {**profile, "productId": model.product},
        "properties": [_property(row, language) for row in model.of(FeatureKind.PROPERTY)],
        "events": [_event(row, language) for row in model.of(FeatureKind.EVENT)],
        "services": [_service(row, language) for row in model.of(FeatureKind.SERVICE)],
        "combs": [],
    }


def _property(row: Feature, language: Language) -> dict[str, object]:
    assert row.spec is not None
    return {
        **_head(row, language),
        "accessMode": "rw" if row.is_writable else "r",
        "desc": "",
        "dataType": _data_type(row.spec, language),
        **_tail(row),
    }


def _event(row: Feature, language: Language) -> dict[str, object]:
    return {
        **_head(row, language),
        "eventType": row.level,
        "desc": "",
        "outputData": _items(row.outputs, language),
        **_tail(row),
    }


def _service(row: Feature, language: Language) -> dict[str, object]:
    return {
        **_head(row, language),
        "desc": "",
        "callType": row.call,
        "input": _items(row.inputs, language),
        "output": _items(row.outputs, language),
        **_tail(row),
    }


def _head(row: Feature, language: Language) -> dict[str, object]:
    return {
        "identifier": row.identifier,
        "name": label(row.title, language),
        "functionType": _USER,
    }


def _tail(row: Feature) -> dict[str, object]:
    return {"functionMode": row.kind.value, "required": row.is_required}


def _items(items: Iterable[Item], language: Language) -> list[dict[str, object]]:
    return [
        {
            "identifier": item.identifier,
            "name": label(item.title, language),
            "dataType": _data_type(item.spec, language),
        }
        for item in items
    ]


def _data_type(spec: Spec, language: Language) -> dict[str, object]:
    return {"type": _TYPES[spec.type], "specs": _specs(spec, language)}


def _specs(spec: Spec, language: Language) -> dict[str, object]:
    if spec.type is ValueType.BOOL:
        off, on = (label(choice.title, language) for choice in spec.choices)
        return {"true": on, "false": off}
    if spec.type is ValueType.TEXT:
        return {"length": int(spec.maximum or 0)}
    return {
        "min": number(spec.minimum),
        "max": number(spec.maximum),
        "step": number(spec.step),
        "unit": _unit(spec.unit),
    }


def _unit(symbol: str | None) -> str:
    """Name a unit as the console's own list does: '伏特 / V'."""
    return f"{UNIT_NAMES.get(symbol, symbol)} / {symbol}" if symbol else ""

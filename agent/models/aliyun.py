"""Aliyun IoT Platform's TSL (物模型)."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, Final

from agent.clouds.aliyun.countdown import LONGEST_S
from agent.clouds.aliyun.names import (
    COUNT_DOWN,
    COUNT_DOWN_PARTS,
    DIALECT,
    OVERCURRENT,
    OVERCURRENT_PARTS,
    TIMERS,
    TRIP,
    make_names,
)
from agent.clouds.aliyun.properties import COUNT_DOWN_TO
from agent.clouds.names import Names
from agent.models.aliyun_timers import count_down_list, parts_of, timers
from agent.models.describing import Habits, described, flag, unlisted_notes
from agent.models.form import (
    Choice,
    Feature,
    FeatureKind,
    Item,
    Model,
    Note,
    Spec,
    Title,
    ValueType,
)
from agent.models.wording import UNIT_NAMES, Language, label, mapping, number
from agent.thing import Thing

SCHEMA: Final = "https://iotx-tsl.oss-ap-southeast-1.aliyuncs.com/schema.json"
TRIP_CURRENT_MAX_A: Final = 100.0

HABITS: Final = Habits(
    fault="error",
    call="async",
    off_on=("关闭", "开启"),
    maxima={"total_energy": 2_147_483_647.0},
    titles_zh={
        "voltage": "当前电压",
        "current": "当前电流",
        "active_power": "实时功率",
        "total_energy": "用电量",
        "count_down": "本地倒计时",
    },
    has_double=True,
)
"""Names and largest count are the standard model's."""

_TYPES: Final[Mapping[ValueType, str]] = {
    ValueType.BOOL: "bool",
    ValueType.INT: "int",
    ValueType.FLOAT: "float",
    ValueType.DOUBLE: "double",
    ValueType.TEXT: "text",
    ValueType.ENUM: "enum",
    ValueType.DATE: "date",
    ValueType.STRUCT: "struct",
    ValueType.ARRAY: "array",
}
_UNITS: Final[Mapping[str, tuple[str, str]]] = {
    **{symbol: (symbol, name) for symbol, name in UNIT_NAMES.items()},
    "kWh": ("kW·h", "千瓦·时"),
}


def describe(thing: Thing[Any], rename: Mapping[str, str]) -> Model:
    """Describe what a thing puts on Aliyun's wire; raise `ConfigError` for a wrong *rename*."""
    names = make_names(thing, rename)
    rows = described(thing, names, HABITS)
    rows.pop(COUNT_DOWN_TO, None)
    features: list[Feature] = []
    for name, row in rows.items():
        if name == TRIP:
            features.append(_overcurrent(names))
        if name == COUNT_DOWN:
            features += [replace(row, spec=_count_down(names)), count_down_list(names)]
        else:
            features.append(replace(row, spec=timers(names)) if name == TIMERS else row)
    required = None if thing.is_verbatim else thing.switch
    return Model(
        cloud=DIALECT.cloud,
        is_custom=thing.is_verbatim,
        features=tuple(_required(row) if row.name == required else row for row in features),
        notes=(*_notes(rows), *_unlisted(thing, names)),
    )


def _unlisted(thing: Thing[Any], names: Names) -> Iterable[Note]:
    """Tell what the model lacks, but for what the countdown's struct tells."""
    notes = unlisted_notes(thing, names, DIALECT.cloud)
    return (note for note in notes if note.name != COUNT_DOWN_TO)


def _required(row: Feature) -> Feature:
    """Demand the switch where it is the standard model's own."""
    return replace(row, is_required=row.identifier == DIALECT.default_id(row.name))


def _count_down(names: Names) -> Spec:
    """Describe the standard model's countdown: one struct."""
    parts = (
        (
            Title(zh="运行状态", en="Running"),
            flag(Title(zh="已停止", en="Stopped"), Title(zh="执行中", en="Running")),
        ),
        (
            Title(zh="剩余时间", en="Time left"),
            Spec(type=ValueType.INT, minimum=0, maximum=LONGEST_S, step=1, unit="s"),
        ),
        (
            Title(zh="开关动作", en="Action"),
            flag(Title(zh="关闭", en="Off"), Title(zh="打开", en="On")),
        ),
        (Title(zh="时间戳", en="Timestamp"), Spec(type=ValueType.DATE)),
    )
    return Spec(type=ValueType.STRUCT, members=parts_of(COUNT_DOWN_PARTS, parts, names))


def _overcurrent(names: Names) -> Feature:
    """Describe the event of a trip by current."""
    amperes = Spec(
        type=ValueType.FLOAT, minimum=0, maximum=TRIP_CURRENT_MAX_A, step=0.001, unit="A"
    )
    states = (
        Choice(key="0", title=Title(zh="未动作", en="Closed")),
        Choice(key="1", title=Title(zh="已断电", en="Opened")),
    )
    parts = (
        (Title(zh="当前电流", en="Current"), amperes),
        (Title(zh="过流阈值", en="Threshold"), amperes),
        (Title(zh="保护动作", en="Trip state"), Spec(type=ValueType.ENUM, choices=states)),
    )
    return Feature(
        kind=FeatureKind.EVENT,
        name=OVERCURRENT,
        identifier=names.wire_id(OVERCURRENT),
        title=Title(zh="过流告警", en="Overcurrent"),
        level="alert",
        outputs=parts_of(OVERCURRENT_PARTS, parts, names),
    )


def _notes(rows: Mapping[str, Feature]) -> Iterable[Note]:
    if COUNT_DOWN in rows:
        yield Note(name=COUNT_DOWN, reason=f"the time left ends at {LONGEST_S:,} s")
    if TRIP in rows:
        reason = "a trip by current is an event of its own, which does not tell the duration"
        yield Note(name=TRIP, reason=reason)


def write(model: Model, language: Language) -> dict[str, object]:
    """Write the full TSL that the console imports, with what the platform adds by itself."""
    properties = model.of(FeatureKind.PROPERTY)
    events, services = model.of(FeatureKind.EVENT), model.of(FeatureKind.SERVICE)
    return {
        "schema": SCHEMA,
        "profile": {"productKey": model.product},
        "properties": [_property(row, language) for row in properties],
        "events": [_post(properties, language), *(_event(row, language) for row in events)],
        "services": [
            _set(properties, language),
            _get(properties, language),
            *(_service(row, language) for row in services),
        ],
    }


def _property(row: Feature, language: Language) -> dict[str, object]:
    return {
        "identifier": row.identifier,
        "name": label(row.title, language),
        "accessMode": "rw" if row.is_writable else "r",
        "required": row.is_required,
        "dataType": _data_type(row.spec, language),
    }


def _event(row: Feature, language: Language) -> dict[str, object]:
    return {
        "identifier": row.identifier,
        "name": label(row.title, language),
        "type": row.level,
        "required": row.is_required,
        "method": f"thing.event.{row.identifier}.post",
        "outputData": _items(row.outputs, language),
    }


def _service(row: Feature, language: Language) -> dict[str, object]:
    return {
        "identifier": row.identifier,
        "name": label(row.title, language),
        "required": row.is_required,
        "callType": row.call,
        "method": f"thing.service.{row.identifier}",
        "inputData": _items(row.inputs, language),
        "outputData": _items(row.outputs, language),
    }


def _post(properties: Iterable[Feature], language: Language) -> dict[str, object]:
    return {
        "identifier": "post",
        "name": "post",
        "type": "info",
        "required": True,
        "desc": "属性上报",
        "method": "thing.event.property.post",
        "outputData": _values(properties, language),
    }


def _set(properties: Iterable[Feature], language: Language) -> dict[str, object]:
    writable = [row for row in properties if row.is_writable]
    return {
        **_built_in("set", "属性设置"),
        "inputData": _values(writable, language),
        "outputData": [],
    }


def _get(properties: Iterable[Feature], language: Language) -> dict[str, object]:
    return {
        **_built_in("get", "属性获取"),
        "inputData": [row.identifier for row in properties],
        "outputData": _values(properties, language),
    }


def _built_in(name: str, description: str) -> dict[str, object]:
    return {
        "identifier": name,
        "name": name,
        "required": True,
        "callType": "async",
        "desc": description,
        "method": f"thing.service.property.{name}",
    }


def _values(properties: Iterable[Feature], language: Language) -> list[dict[str, object]]:
    return [_value(row.identifier, row.title, row.spec, language) for row in properties]


def _items(items: Iterable[Item], language: Language) -> list[dict[str, object]]:
    return [_value(item.identifier, item.title, item.spec, language) for item in items]


def _value(
    identifier: str, title: Title, spec: Spec | None, language: Language
) -> dict[str, object]:
    name, data_type = label(title, language), _data_type(spec, language)
    return {"identifier": identifier, "name": name, "dataType": data_type}


def _data_type(spec: Spec | None, language: Language) -> dict[str, object]:
    assert spec is not None
    return {"type": _TYPES[spec.type], "specs": _specs(spec, language)}


def _specs(spec: Spec, language: Language) -> object:
    match spec.type:
        case ValueType.STRUCT:
            return _items(spec.members, language)
        case ValueType.ARRAY:
            return {"size": number(spec.maximum), "item": _data_type(spec.item, language)}
        case ValueType.BOOL | ValueType.ENUM:
            return mapping(spec.choices, language)
        case ValueType.TEXT:
            return {"length": number(spec.maximum)}
        case ValueType.DATE:
            return {}
        case _:
            return _number_specs(spec)


def _number_specs(spec: Spec) -> dict[str, str]:
    bounds = {
        "min": number(spec.minimum),
        "max": number(spec.maximum),
        "step": number(spec.step),
    }
    if not spec.unit:
        return bounds
    unit, name = _UNITS.get(spec.unit, (spec.unit, spec.unit))
    return {**bounds, "unit": unit, "unitName": name}

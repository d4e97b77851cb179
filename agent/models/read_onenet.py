"""Read a thing model as OneNET's console exports it, in the forms of its years."""

from collections.abc import Mapping
from typing import Final

from agent.models.form import Feature, FeatureKind, Item, Model, Spec, ValueType
from agent.models.reading import Node
from agent.models.specs import bounded, chosen, measured, other, titled

_IS_WRITABLE: Final[Mapping[str, bool]] = {"rw": True, "r": False, "w": True}
_CALLS: Final[Mapping[str, str]] = {"async": "async", "sync": "sync", "a": "async", "s": "sync"}
_TYPES: Final[Mapping[str, ValueType]] = {
    "bool": ValueType.BOOL,
    "enum": ValueType.ENUM,
    "int32": ValueType.INT,
    "int64": ValueType.LONG,
    "float": ValueType.FLOAT,
    "double": ValueType.DOUBLE,
    "string": ValueType.TEXT,
    "date": ValueType.DATE,
    "struct": ValueType.STRUCT,
    "array": ValueType.ARRAY,
}


def read(root: Node) -> Model:
    """Read a model; raise `ModelError` and nothing else."""
    rows = (
        *root.member("properties").named(_property, "identifier"),
        *root.member("events").named(_event, "identifier"),
        *root.member("services").named(_service, "identifier"),
    )
    profile = root.member("profile")
    product = profile.member("productId").text_or("") if profile.value else ""
    return Model(cloud="onenet", product=product, features=rows)


def _property(row: Node, identifier: str) -> Feature:
    return Feature(
        kind=FeatureKind.PROPERTY,
        identifier=identifier,
        title=titled(row),
        spec=_spec(row.member("dataType")),
        is_writable=row.member("accessMode").one_of(_IS_WRITABLE),
    )


def _event(row: Node, identifier: str) -> Feature:
    return Feature(
        kind=FeatureKind.EVENT,
        identifier=identifier,
        title=titled(row),
        level=row.member("eventType").text_or("") or None,
        outputs=row.member("outputData").named(_item, "identifier"),
    )


def _service(row: Node, identifier: str) -> Feature:
    return Feature(
        kind=FeatureKind.SERVICE,
        identifier=identifier,
        title=titled(row),
        call=row.member("callType").one_of(_CALLS),
        inputs=row.member("input").named(_item, "identifier"),
        outputs=row.member("output").named(_item, "identifier"),
    )


def _item(row: Node, identifier: str) -> Item:
    spec = _spec(row.member("dataType"))
    return Item(identifier=identifier, title=titled(row), spec=spec)


def _spec(data_type: Node) -> Spec:
    word, specs = data_type.member("type").text(), data_type.member("specs")
    kind = _TYPES.get(word, ValueType.OTHER)
    match kind:
        case ValueType.BOOL | ValueType.ENUM:
            return chosen(kind, word, specs)
        case ValueType.INT | ValueType.LONG | ValueType.FLOAT | ValueType.DOUBLE:
            return bounded(kind, word, specs)
        case ValueType.TEXT:
            return measured(kind, word, specs)
        case ValueType.STRUCT:
            return Spec(type=kind, label=word, members=specs.named(_item, "identifier"))
        case ValueType.ARRAY if specs.value is not None:
            return other(kind, f"{word} of {specs.member('type').text()}")
        case _:
            return other(kind, word)

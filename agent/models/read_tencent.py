"""Read a data template as Tencent's console exports it."""

from collections.abc import Mapping
from typing import Final

from agent.models.form import Feature, FeatureKind, Item, Model, Spec, ValueType
from agent.models.reading import Node
from agent.models.specs import bounded, chosen, other, titled

_IS_WRITABLE: Final[Mapping[str, bool]] = {"rw": True, "r": False, "w": True}
_TYPES: Final[Mapping[str, ValueType]] = {
    "bool": ValueType.BOOL,
    "enum": ValueType.ENUM,
    "stringenum": ValueType.TEXT_ENUM,
    "int": ValueType.INT,
    "float": ValueType.FLOAT,
    "string": ValueType.TEXT,
    "timestamp": ValueType.DATE,
    "struct": ValueType.STRUCT,
    "array": ValueType.ARRAY,
}


def read(root: Node) -> Model:
    """Read a template; raise `ModelError` and nothing else."""
    rows = (
        *root.member("properties").named(_property, "id"),
        *root.member("events").named(_event, "id"),
        *root.member("actions").named(_action, "id"),
    )
    profile = root.member("profile")
    product = profile.member("ProductId", "productID").text_or("") if profile.value else ""
    return Model(cloud="tencent", product=product, features=rows)


def _property(row: Node, identifier: str) -> Feature:
    return Feature(
        kind=FeatureKind.PROPERTY,
        identifier=identifier,
        title=titled(row),
        spec=_spec(row.member("define", "dataType")),
        is_writable=row.member("mode").one_of(_IS_WRITABLE),
    )


def _event(row: Node, identifier: str) -> Feature:
    return Feature(
        kind=FeatureKind.EVENT,
        identifier=identifier,
        title=titled(row),
        level=row.member("type").text_or("") or None,
        outputs=row.member("params").named(_item, "id"),
    )


def _action(row: Node, identifier: str) -> Feature:
    return Feature(
        kind=FeatureKind.SERVICE,
        identifier=identifier,
        title=titled(row),
        inputs=row.member("input").named(_item, "id"),
        outputs=row.member("output").named(_item, "id"),
    )


def _item(row: Node, identifier: str) -> Item:
    spec = _spec(row.member("define", "dataType"))
    return Item(identifier=identifier, title=titled(row), spec=spec)


def _spec(define: Node) -> Spec:
    word = define.member("type").text()
    kind = _TYPES.get(word, ValueType.OTHER)
    match kind:
        case ValueType.BOOL | ValueType.ENUM | ValueType.TEXT_ENUM:
            return chosen(kind, word, define.member("mapping"))
        case ValueType.INT | ValueType.FLOAT | ValueType.TEXT:
            return bounded(kind, word, define)
        case ValueType.STRUCT:
            members = define.member("specs").named(_item, "id")
            return Spec(type=kind, label=word, members=members)
        case ValueType.ARRAY:
            return other(kind, f"{word} of {define.member('arrayInfo').member('type').text()}")
        case _:
            return other(kind, word)

"""Read a TSL as Aliyun's console exports it, full or simple."""

from collections.abc import Mapping
from typing import Final

from agent.models.form import (
    Feature,
    FeatureKind,
    Item,
    Model,
    ModelError,
    Spec,
    ValueType,
)
from agent.models.reading import Node, has_key
from agent.models.specs import bounded, chosen, measured, other, titled

BUILT_IN: Final = frozenset(["post", "set", "get"])
"""What the platform adds to every model by itself."""

_IS_WRITABLE: Final[Mapping[str, bool]] = {"rw": True, "r": False, "w": True}
_CALLS: Final[Mapping[str, str]] = {"async": "async", "sync": "sync"}
_TYPES: Final[Mapping[str, ValueType]] = {
    "bool": ValueType.BOOL,
    "enum": ValueType.ENUM,
    "int": ValueType.INT,
    "float": ValueType.FLOAT,
    "double": ValueType.DOUBLE,
    "text": ValueType.TEXT,
    "date": ValueType.DATE,
    "struct": ValueType.STRUCT,
    "array": ValueType.ARRAY,
}
_API_FORM: Final = ("rwFlag", "dataSpecs", "dataSpecsList")


def read(root: Node) -> Model:
    """Read a TSL; raise `ModelError` and nothing else."""
    properties = root.member("properties")
    _refuse_api_form(properties)
    rows = (
        *properties.named(_property, "identifier"),
        *root.member("events").named(_event, "identifier"),
        *root.member("services").named(_service, "identifier"),
    )
    profile = root.member("profile")
    return Model(
        cloud="aliyun",
        product=profile.member("productKey").text_or("") if profile.value else "",
        features=tuple(row for row in rows if not _is_built_in(row)),
        told=frozenset(kind for kind, key in _LISTS.items() if root.member(key).value is not None),
    )


_LISTS: Final[Mapping[FeatureKind, str]] = {
    FeatureKind.PROPERTY: "properties",
    FeatureKind.EVENT: "events",
    FeatureKind.SERVICE: "services",
}
"""A simple export may leave the last two out."""


def _refuse_api_form(properties: Node) -> None:
    for row in properties.elements():
        if has_key(row.value, _API_FORM):
            raise ModelError(
                f"{row.where} has the form of the cloud API (ThingModelJson: rwFlag, dataSpecs);"
                " what is read here is the TSL that the console exports (accessMode, dataType)"
            )


def _is_built_in(row: Feature) -> bool:
    return row.kind is not FeatureKind.PROPERTY and row.identifier in BUILT_IN


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
        level=row.member("type").text_or("") or None,
        outputs=_outputs(row, identifier, "outputData"),
    )


def _service(row: Node, identifier: str) -> Feature:
    return Feature(
        kind=FeatureKind.SERVICE,
        identifier=identifier,
        title=titled(row),
        call=row.member("callType").one_of(_CALLS),
        inputs=_outputs(row, identifier, "inputData"),
        outputs=_outputs(row, identifier, "outputData"),
    )


def _outputs(row: Node, identifier: str, key: str) -> tuple[Item, ...]:
    """Read parameters; those of the platform's own rows do not matter, and `get` has none."""
    if identifier in BUILT_IN:
        return ()
    return row.member(key).named(_item, "identifier")


def _item(row: Node, identifier: str) -> Item:
    spec = _spec(row.member("dataType"))
    return Item(identifier=identifier, title=titled(row), spec=spec)


def _spec(data_type: Node) -> Spec:
    word, specs = data_type.member("type").text(), data_type.member("specs")
    kind = _TYPES.get(word, ValueType.OTHER)
    match kind:
        case ValueType.BOOL | ValueType.ENUM:
            return chosen(kind, word, specs)
        case ValueType.INT | ValueType.FLOAT | ValueType.DOUBLE:
            return bounded(kind, word, specs)
        case ValueType.TEXT:
            return measured(kind, word, specs)
        case ValueType.STRUCT:
            return Spec(type=kind, label=word, members=specs.named(_item, "identifier"))
        case ValueType.ARRAY if specs.value is not None:
            item = _spec(specs.member("item"))
            size = specs.member("size").number()
            return Spec(type=kind, label=f"{word} of {item.label}", maximum=size, item=item)
        case _:
            return other(kind, word)

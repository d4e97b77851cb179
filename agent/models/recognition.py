"""Whose model a file is, told by the keys that only one console writes."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Final, cast

_ROOT: Final[Mapping[str, frozenset[str]]] = {
    "tencent": frozenset(["actions"]),
    "aliyun": frozenset(["schema", "link"]),
    "onenet": frozenset(["combs"]),
}
_PROFILE: Final[Mapping[str, frozenset[str]]] = {
    "tencent": frozenset(["ProductId", "productID", "CategoryId"]),
    "aliyun": frozenset(["productKey"]),
    "onenet": frozenset(["productId", "industryId", "sceneId", "categoryId", "stTmId"]),
}
_ROWS: Final[Mapping[str, frozenset[str]]] = {
    "tencent": frozenset(["id", "define", "params", "mode"]),
    "aliyun": frozenset(["method", "inputData"]),
    "onenet": frozenset(["functionType", "functionMode", "eventType", "input", "output"]),
}
_TYPES: Final[Mapping[str, frozenset[str]]] = {
    "tencent": frozenset(),
    "aliyun": frozenset(["int", "text", "unitName", "0"]),
    "onenet": frozenset(["int32", "int64", "string", "bitMap", "true"]),
}
"""Types and keys of `specs` that only one of the two consoles with `dataType` uses."""


def recognised(document: object) -> str | None:
    """Tell whose model it is; None where nothing tells, or everything at once."""
    root = _table(document)
    rows = list(_rows(root))
    marks = {
        cloud: _count(_ROOT[cloud], root)
        + _count(_PROFILE[cloud], _table(root.get("profile")))
        + sum(_count(_ROWS[cloud], row) for row in rows if not _has_both(row))
        + sum(_count(_TYPES[cloud], _words(row)) for row in rows)
        for cloud in _ROOT
    }
    best = max(marks.values())
    winners = [cloud for cloud, count in marks.items() if count == best]
    return winners[0] if best and len(winners) == 1 else None


def _has_both(row: Mapping[str, object]) -> bool:
    """Tell whether a row names itself in two ways, which no console does."""
    return "id" in row and "identifier" in row


def _rows(root: Mapping[str, object]) -> Iterator[Mapping[str, object]]:
    for key in ("properties", "events", "services", "actions"):
        rows = root.get(key)
        if isinstance(rows, list):
            yield from (_table(row) for row in cast("list[object]", rows))


def _words(row: Mapping[str, object]) -> Collection[str]:
    """List a row's type and the keys of its specs; an enum's values are numbers everywhere."""
    data_type = _table(row.get("dataType"))
    kind = data_type.get("type")
    if not isinstance(kind, str) or kind == "enum":
        return ()
    return (kind, *_table(data_type.get("specs")))


def _table(value: object) -> Mapping[str, object]:
    return cast("Mapping[str, object]", value) if isinstance(value, dict) else {}


def _count(marks: Iterable[str], words: Collection[str]) -> int:
    return sum(mark in words for mark in marks)

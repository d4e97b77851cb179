"""Topics, filters and payloads as MQTT and JSON define them, apart from any codec's own code."""

import json
from collections.abc import Iterator
from typing import Final, NoReturn, cast

MAX_TEXT: Final = 65_535
"""Bytes of any text in MQTT."""


def is_text(text: str) -> bool:
    """Tell whether MQTT can carry *text*."""
    try:
        size = len(text.encode())
    except UnicodeEncodeError:
        return False
    return size <= MAX_TEXT and "\0" not in text


def is_topic(topic: str) -> bool:
    """Tell whether a message may be published to *topic*."""
    return bool(topic) and is_text(topic) and not {"+", "#"} & set(topic)


def is_filter(topic_filter: str) -> bool:
    """Tell whether *topic_filter* may be subscribed to."""
    levels = topic_filter.split("/")
    if not topic_filter or not is_text(topic_filter) or "#" in levels[:-1]:
        return False
    return all(level in {"+", "#"} or not {"+", "#"} & set(level) for level in levels)


def overlap(first: str, second: str) -> bool:
    """Tell whether one topic can match both filters, and would be delivered twice; 'a/#' is 'a'."""
    mine, theirs = first.split("/"), second.split("/")
    for one, other in zip(mine, theirs, strict=False):
        if "#" in {one, other}:
            return True
        if one != other and "+" not in {one, other}:
            return False
    shorter, longer = sorted((mine, theirs), key=len)
    return longer[len(shorter) :] in ([], ["#"])


def matches(topic_filter: str, topic: str) -> bool:
    """Tell whether a filter brings a topic; a wildcard in front brings none with '$'."""
    if topic.startswith("$") and topic_filter[:1] in {"+", "#"}:
        return False
    return is_topic(topic) and overlap(topic_filter, topic)


def json_document(payload: bytes) -> object:
    """Read JSON as its standard has it; raise `ValueError`.

    No NaN and no infinity, no half of a character that two escapes make, no key twice.
    """
    document: object = json.loads(
        payload.decode(), parse_constant=_refuse_constant, object_pairs_hook=_unique
    )
    for text in texts(document):
        text.encode()
    return document


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a key stands twice")
    return found


def leaves(document: object) -> Iterator[object]:
    """Walk the values that are no object and no list."""
    if isinstance(document, dict):
        for each in cast("dict[str, object]", document).values():
            yield from leaves(each)
    elif isinstance(document, list):
        for each in cast("list[object]", document):
            yield from leaves(each)
    else:
        yield document


def keys(document: object) -> Iterator[str]:
    """Walk the keys of all objects."""
    if isinstance(document, dict):
        table = cast("dict[str, object]", document)
        yield from table
        for each in table.values():
            yield from keys(each)
    elif isinstance(document, list):
        for each in cast("list[object]", document):
            yield from keys(each)


def texts(document: object) -> Iterator[str]:
    """Walk the keys, and the values that are texts."""
    yield from keys(document)
    for leaf in leaves(document):
        if isinstance(leaf, str):
            yield leaf

"""A console's JSON, read with the place of everything, so that an error can say where."""

import json
import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeVar, cast

from agent.models.form import ModelError

T = TypeVar("T")

MAX_BYTES: Final = 2_097_152
"""Four times the largest file that a console says it takes."""
MAX_DEPTH: Final = 8
_MAX_DIGITS: Final = 18
_MAX_TEXT: Final = 512
_NUMBER: Final = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?")
_SHAPES: Final[Mapping[type, str]] = {
    dict: "an object",
    list: "a list",
    str: "a text",
    bool: "true or false",
    int: "a number",
    float: "a number",
    type(None): "null",
}


def parse(data: bytes) -> object:
    """Read JSON in UTF-8, or in GBK as a console on Windows writes it; raise `ModelError`."""
    if len(data) > MAX_BYTES:
        raise ModelError(f"{len(data):,} bytes are no thing model; at most {MAX_BYTES:,} are read")
    try:
        document: object = _DECODER.decode(_text(data))
    except RecursionError as error:
        raise ModelError("the JSON is nested without end") from error
    except ValueError as error:
        raise ModelError(f"this is no JSON: {error}") from error
    return document


def _text(data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("gb18030")


def _whole(text: str) -> int | float:
    return int(text) if len(text) <= _MAX_DIGITS else float(text)


def _constant(text: str) -> float:
    raise ValueError(f"{text} is no value of JSON")


_DECODER: Final = json.JSONDecoder(parse_int=_whole, parse_constant=_constant)


def is_there(value: object) -> bool:
    """Tell whether a console says anything: null and '' mean that it does not."""
    return value is not None and value != ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """One value of a document, and where it stands."""

    value: object
    where: str
    depth: int = 0

    def object(self) -> Mapping[str, object]:
        """Take it as an object; raise `ModelError`."""
        value = self.value
        if not isinstance(value, dict):
            raise self.error("an object")
        return cast("Mapping[str, object]", value)

    def member(self, *keys: str) -> "Node":
        """Take the first of *keys* that is there; a node without value where none is."""
        table = self.object()
        key = next((key for key in keys if is_there(table.get(key))), keys[0])
        if self.depth >= MAX_DEPTH:
            raise ModelError(f"{self.where}: types are nested more than {MAX_DEPTH} deep")
        where = key if not self.where else f"{self.where}.{key}"
        return Node(value=table.get(key), where=where, depth=self.depth + 1)

    def elements(self) -> Sequence["Node"]:
        """Take it as a list, which may be null or missing; raise `ModelError`."""
        value = self.value
        if not is_there(value):
            return ()
        if not isinstance(value, list):
            raise self.error("a list")
        return tuple(
            Node(value=each, where=f"{self.where}[{index}]", depth=self.depth)
            for index, each in enumerate(cast("list[object]", value))
        )

    def named(self, read: Callable[["Node", str], T], *keys: str) -> tuple[T, ...]:
        """Read the rows of a list, each named by the first of *keys*, none of them twice."""
        seen: set[str] = set()
        found: list[T] = []
        for element in self.elements():
            name = element.member(*keys).text()
            if name in seen:
                raise ModelError(f"{element.where}: {name!r} stands twice in {self.where}")
            seen.add(name)
            found.append(read(_called(element, name), name))
        return tuple(found)

    def text(self) -> str:
        """Take it as a text that says something; raise `ModelError`."""
        if not isinstance(self.value, str) or not 0 < len(self.value) <= _MAX_TEXT:
            raise self.error(f"a text of 1 to {_MAX_TEXT} characters")
        return plain(self.value)

    def text_or(self, default: str) -> str:
        """Take it as a text; *default* where there is none or something else."""
        return plain(self.value[:_MAX_TEXT]) if isinstance(self.value, str) else default

    def one_of(self, allowed: Mapping[str, T]) -> T | None:
        """Take it as one of some words; None where it is not there; raise `ModelError`."""
        if not is_there(self.value):
            return None
        if not isinstance(self.value, str) or self.value not in allowed:
            raise self.error(" | ".join(allowed))
        return allowed[self.value]

    def number(self) -> float | None:
        """Take it as a number or the text of one; None where there is none; raise `ModelError`."""
        value = self.value
        if not is_there(value):
            return None
        if isinstance(value, str) and len(value) <= _MAX_TEXT and _NUMBER.fullmatch(value.strip()):
            value = float(value)
        if (
            isinstance(value, bool)
            or not isinstance(value, int | float)
            or not math.isfinite(value)
        ):
            raise self.error("a number, or a number in quotes")
        return float(value)

    def error(self, allowed: str) -> ModelError:
        """Say what was found here and what is allowed."""
        where = self.where or "the file"
        return ModelError(f"{where} is {allowed}, not {_shown(self.value)}")


def _called(node: Node, name: str) -> Node:
    return Node(value=node.value, where=f"{node.where} ({name:.64})", depth=node.depth)


def plain(text: str) -> str:
    """Replace what cannot be printed: control characters, and halves of characters."""
    return "".join(each if each.isprintable() else "\N{REPLACEMENT CHARACTER}" for each in text)


def has_key(value: object, keys: Iterable[str]) -> bool:
    """Tell whether *value* is an object with one of *keys*."""
    return isinstance(value, dict) and any(key in value for key in keys)


def _shown(value: object) -> str:
    if isinstance(value, str):
        return repr(plain(value[:60]))
    if isinstance(value, int | float) and not isinstance(value, bool):
        return f"{value:g}"
    return _SHAPES.get(type(value), "this")

"""Faults of a configuration: where, what was found, what is allowed, what was meant."""

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, cast

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from agent.errors import ConfigError
from agent.settings.allowed import (
    Declared,
    allowed_text,
    choices,
    drivers_with,
    homes_of,
    sections_of,
    step_into,
)
from agent.settings.locate import KeyPath
from agent.settings.names import nearest

HIDDEN: Final = "(hidden)"
ENVIRONMENT: Final = "environment"
"""Stands for the file of a fault in a variable."""

_SECRET: Final = re.compile(
    r"secret|(?<!product_)key|password|passwd|token|mqtt_params$", re.IGNORECASE
)
_LONGEST: Final = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One fault; `line` is None where there is no line, as for an environment variable."""

    file: str
    line: int | None
    key: str
    found: str
    allowed: str
    hint: str = ""

    def __str__(self) -> str:
        text = f"{Place(file=self.file, line=self.line, key=self.key)}: found {self.found}"
        return "; ".join(
            [
                text,
                *([f"allowed: {self.allowed}"] if self.allowed else []),
                *filter(None, [self.hint]),
            ]
        )


class ConfigFaults(ConfigError):  # noqa: N818 -- it carries several; the name is the contract's
    """A configuration with faults: all of them, in the order of the files."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(str(fault) for fault in self.faults))


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a value was written: a file's line and key, or a variable."""

    file: str
    line: int | None
    key: str

    def __str__(self) -> str:
        place = self.file if self.line is None else f"{self.file}:{self.line}"
        return f"{place}: {self.key}" if self.key else place

    def fault(self, *, found: str, allowed: str, hint: str = "") -> Fault:
        """Make the fault of what stands here."""
        return Fault(
            file=self.file, line=self.line, key=self.key, found=found, allowed=allowed, hint=hint
        )


Locator = Callable[[KeyPath], Place]


def shown(value: object, path: Sequence[str | int] = ()) -> str:
    """Show a value as it is written in a file, short; never one whose key names a secret."""
    if any(isinstance(name, str) and _SECRET.search(name) for name in path):
        return HIDDEN
    match value:
        case None:
            return "nothing"
        case dict():
            return "a table"
        case list() | tuple():
            return "a list"
        case bool() | str():
            text = json.dumps(value, ensure_ascii=False)
        case _:
            text = str(value)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def faults_of(
    error: ValidationError,
    *,
    section: type[BaseModel],
    value: object,
    at: KeyPath,
    locator: Locator,
) -> list[Fault]:
    """Put pydantic's errors about *value*, the table at *at*, into words, one for each key."""
    found: dict[KeyPath, Fault] = {}
    for details in error.errors(include_url=False):
        walk = _walk(section, value, details)
        if walk.path not in found:
            if details["type"] == "extra_forbidden":
                found[walk.path] = _unknown_key(walk, section, at, locator)
            else:
                found[walk.path] = _fault(details, walk, locator((*at, *walk.path)))
    return [fault for path, fault in found.items() if not _has_deeper(path, found)]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Walk:
    """Where an error points, once pydantic's marks of unions are taken out of its path."""

    path: KeyPath
    declared: Declared | None
    owner: Declared | None
    table: Mapping[str, object]
    value: object


def _walk(section: type[BaseModel], value: object, details: ErrorDetails) -> _Walk:
    walk = _Walk(path=(), declared=section, owner=None, table={}, value=value)
    location, is_about_a_key = _location(details)
    for place, part in enumerate(location):
        is_key = is_about_a_key and place == len(location) - 1
        walk = _step(walk, part, is_key=is_key) or walk
    return walk


def _location(details: ErrorDetails) -> tuple[list[str | int], bool]:
    """Give an error's path, and whether it ends in a key even where that is not written."""
    location = list(details["loc"])
    context = cast("dict[str, object]", details.get("ctx", {}))
    if details["type"] == "union_tag_invalid":
        return [*location, "driver"], True
    if "key" in context:
        key = context["key"]
        keys = cast("tuple[str, ...]", key) if isinstance(key, tuple) else (str(key),)
        return [*location, *keys], True
    return location, details["type"] in {"missing", "extra_forbidden"}


def _step(walk: _Walk, part: str | int, *, is_key: bool) -> _Walk | None:
    """Go one key or item further; None where *part* is only pydantic's mark of a union."""
    path = (*walk.path, part)
    value: object = walk.value
    if isinstance(value, dict):
        table = cast("dict[str, object]", value)
        if not isinstance(part, str) or (part not in table and not is_key):
            return None
        declared = walk.declared and step_into(walk.declared, part, table)
        return _Walk(
            path=path, declared=declared, owner=walk.declared, table=table, value=table.get(part)
        )
    if isinstance(value, list) and isinstance(part, int):
        item = cast("list[object]", value)[part]
        return _Walk(path=path, declared=walk.declared, owner=walk.owner, table={}, value=item)
    return None


def _fault(details: ErrorDetails, walk: _Walk, place: Place) -> Fault:
    context = cast("dict[str, object]", details.get("ctx", {}))
    found = str(context.get("found", shown(walk.value, walk.path)))
    if details["type"] == "unknown_name":
        found = "an unknown name"
    if "expected_tags" in context:
        tags = str(context["expected_tags"]).replace("'", "").split(", ")
        allowed, hint = " | ".join(tags), nearest(str(walk.value), tags)
    elif "allowed" in context:
        allowed, hint = str(context["allowed"]), str(context.get("hint", ""))
    else:
        allowed = allowed_text(walk.declared) if walk.declared else details["msg"]
        hint = nearest(str(walk.value), choices(walk.declared)) if walk.declared else ""
    return place.fault(found=found, allowed=allowed, hint=hint)


def _unknown_key(walk: _Walk, section: type[BaseModel], at: KeyPath, locator: Locator) -> Fault:
    name = str(walk.path[-1])
    sections = sections_of(walk.owner, walk.table) if walk.owner is not None else ()
    known = sorted((key for one in sections for key in one.model_fields), key=_is_not_driver)
    drivers = drivers_with(name, walk.owner) if walk.owner is not None else ()
    homes = homes_of(name, section, tuple(str(part) for part in at))
    hint = f"{name!r} belongs in {' or '.join(homes)}" if homes else nearest(name, known)
    if drivers:
        named = " or ".join(f'"{driver}"' for driver in drivers)
        hint = f"{name!r} goes with driver = {named}"
    return locator((*at, *walk.path)).fault(
        found="an unknown key",
        allowed=" | ".join(dict.fromkeys(known)),
        hint=hint,
    )


def _has_deeper(path: KeyPath, paths: Iterable[KeyPath]) -> bool:
    """Tell whether another fault lies inside *path*: it says more than the outer one."""
    return any(len(other) > len(path) and other[: len(path)] == path for other in paths)


def _is_not_driver(key: str) -> bool:
    """Put the key first that decides on the others."""
    return key != "driver"

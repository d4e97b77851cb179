"""One configuration file as it was read: its data, and where each key stands."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final, cast

from agent.settings.faults import ENVIRONMENT, ConfigFaults, Fault, Place
from agent.settings.locate import KeyPath, line_of, locate

Table = dict[str, Any]
"""A TOML table as tomllib gives it."""

_AT: Final = re.compile(r"\s*\(at (?:line (\d+), column (\d+)|end of document)\)$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A file's data with the overrides laid over it; `variables` names those that apply."""

    path: Path
    data: Table
    lines: Mapping[KeyPath, int]
    variables: Mapping[KeyPath, str]

    def place(self, path: KeyPath) -> Place:
        """Tell where the value at *path* was written: a variable wins over the file."""
        variable = self.variable(path)
        if variable is not None:
            return Place(file=ENVIRONMENT, line=None, key=variable)
        return Place(file=str(self.path), line=line_of(self.lines, path), key=dotted(path))

    def variable(self, path: KeyPath) -> str | None:
        """Name the variable that gave the value at *path*, if one did."""
        for size in range(len(path), 0, -1):
            if path[:size] in self.variables:
                return self.variables[path[:size]]
        return None

    def under(self, overrides: Table, variables: Mapping[KeyPath, str]) -> "Document":
        """Lay *overrides* over the file's data."""
        return replace(self, data=_merged(self.data, overrides), variables=variables)


def dotted(path: KeyPath) -> str:
    """Write a path as a key: `device.clouds[0]`."""
    parts = (f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
    return "".join(parts).removeprefix(".")


def read_document(path: Path) -> Document:
    """Read one file; raise `ConfigFaults` where it cannot be read or is not TOML."""
    text = _read(path)
    try:
        data, lines = tomllib.loads(text), locate(text)
    except (ValueError, RecursionError) as error:  # also numbers and nesting without end
        raise ConfigFaults([_syntax_fault(path, text, str(error))]) from error
    return Document(path=path, data=data, lines=lines, variables={})


def may_have(path: Path, section: str) -> bool:
    """Tell whether a file that is no TOML may have *section*; True where it cannot be read."""
    try:
        text = _read(path)
    except ConfigFaults:
        return True
    return re.search(rf"^\s*\[\s*{re.escape(section)}\b", text, re.MULTILINE) is not None


def _read(path: Path) -> str:
    place = Place(file=str(path), line=None, key="")
    try:
        return path.read_bytes().decode()
    except OSError as error:
        found = f"that it cannot be read: {error.strerror}"
        raise ConfigFaults([place.fault(found=found, allowed="a file that can be read")]) from error
    except UnicodeDecodeError as error:
        found = f"that byte {error.start} is not UTF-8"
        raise ConfigFaults([place.fault(found=found, allowed="TOML, in UTF-8")]) from error


def _syntax_fault(path: Path, text: str, message: str) -> Fault:
    at = _AT.search(message)
    reason = message[: at.start()] if at else message
    if at and at.group(1):
        line, column = int(at.group(1)), f" at column {at.group(2)}"
    else:
        line, column = text.rstrip("\n").count("\n") + 1, " at the end of the file"
    return Fault(
        file=str(path),
        line=line,
        key="",
        found=f"no TOML{column}: {reason}",
        allowed="TOML: [section], and key = value with texts in quotes",
    )


def _merged(below: Table, above: Table) -> Table:
    """Lay one table over another, key by key."""
    merged = dict(below)
    for key, value in above.items():
        under = merged.get(key)
        if isinstance(under, dict) and isinstance(value, dict):
            merged[key] = _merged(cast("Table", under), cast("Table", value))
        else:
            merged[key] = value
    return merged

"""What a schedule, a rule or a button's gesture does: written as a person writes it."""

import re
from dataclasses import dataclass
from typing import Final, assert_never

from agent.model import Value

ALLOWED: Final = "on | off | toggle | set NAME = VALUE | event NAME"
SWITCHES: Final = {"on": True, "off": False}

_SET: Final = re.compile(r"set\s+([A-Za-z][A-Za-z0-9_]{0,63})\s*=\s*(\S.{0,79})", re.ASCII)
_EVENT: Final = re.compile(r"event\s+([a-z][a-z0-9_]{0,63})", re.ASCII)
_NUMBER: Final = re.compile(r"-?\d{1,12}(\.\d{1,12})?", re.ASCII)
_WORDS: Final = {"true": True, "on": True, "false": False, "off": False}


@dataclass(frozen=True, slots=True, kw_only=True)
class Switch:
    """Put the device's switch on or off; None turns it over."""

    on: bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Assign:
    """Set a property."""

    name: str
    value: Value


@dataclass(frozen=True, slots=True, kw_only=True)
class Tell:
    """Raise the event `notice` with this name."""

    name: str


Doing = Switch | Assign | Tell


def parse_doing(text: str) -> Doing:
    """Understand one thing to do; raise `ValueError` that says what is allowed."""
    written = text.strip()
    if written == "toggle":
        return Switch(on=None)
    if written in SWITCHES:
        return Switch(on=SWITCHES[written])
    found = _SET.fullmatch(written)
    if found is not None:
        return Assign(name=found.group(1), value=parse_value(found.group(2)))
    found = _EVENT.fullmatch(written)
    if found is not None:
        return Tell(name=found.group(1))
    raise ValueError(f"{written!r:.80} is nothing that can be done; allowed: {ALLOWED}")


def parse_value(text: str) -> Value:
    """Read true, false, on, off, a number, or else a text."""
    written = text.strip()
    if written in _WORDS:
        return _WORDS[written]
    if _NUMBER.fullmatch(written) is None:
        return written.strip("\"'")
    return float(written) if "." in written else int(written)


def write_doing(doing: Doing) -> str:
    """Write it as `parse_doing` reads it."""
    match doing:
        case Switch(on=on):
            return "toggle" if on is None else ("on" if on else "off")
        case Assign(name=name, value=value):
            return f"set {name} = {write_value(value)}"
        case Tell(name=name):
            return f"event {name}"
        case _:
            assert_never(doing)


def write_value(value: Value) -> str:
    """Write a value as `parse_value` reads it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    text = str(value)
    if isinstance(value, float) and "e" in text:
        text = f"{value:.12f}".rstrip("0")
    is_read_so = bool(text) and (not isinstance(value, str) or parse_value(text) == value)
    return text if is_read_so else f'"{text}"'

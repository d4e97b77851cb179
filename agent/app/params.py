"""What a control method is asked with, checked."""

from collections.abc import Collection, Mapping
from typing import Final, cast

from agent.errors import ControlError

LONGEST_REASON: Final = 200
TOPICS: Final = ("relay", "protection", "energy", "button", "clock", "schedule", "rule")
"""What rows of the journal are about."""


def only(params: Mapping[str, object], known: set[str]) -> None:
    """Raise `ControlError` for a parameter that is not *known*."""
    unknown = sorted(set(params) - known)
    if unknown:
        allowed = ", ".join(sorted(known))
        raise ControlError(f"unknown parameter {unknown[0]!r:.80}; known: {allowed}")


def number(params: Mapping[str, object], name: str) -> float | None:
    """Read a number that may be left out; raise `ControlError` for anything else."""
    value = params.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ControlError(f"{name} is {value!r:.80}; allowed: a number")
    try:
        return float(value)
    except OverflowError as error:
        raise ControlError(f"{name} is too large a number") from error


def switch(params: Mapping[str, object], name: str) -> bool:
    """Read true or false, false where it is left out; raise `ControlError` for anything else."""
    value = params.get(name, False)
    if not isinstance(value, bool):
        raise ControlError(f"{name} is {value!r:.80}; allowed: true or false")
    return value


def text(params: Mapping[str, object], name: str, longest: int) -> str:
    """Read a text, stripped, that must say something; raise `ControlError` for anything else."""
    value = params.get(name)
    if not isinstance(value, str) or not value.strip():
        raise ControlError(f"'{name}' is needed: a text of up to {longest} characters")
    stripped = value.strip()
    if not is_writable(stripped):
        raise ControlError(
            f"'{name}' has characters that are no Unicode: type it in a terminal whose encoding is"
            " UTF-8 (see `locale`), or with ASCII letters only"
        )
    if len(stripped) > longest:
        raise ControlError(f"'{name}' has {len(stripped)} characters; allowed: up to {longest}")
    return stripped


def is_writable(value: str) -> bool:
    """Tell whether *value* can be written anywhere at all: no half of a surrogate pair is in it."""
    return not any("\ud800" <= character <= "\udfff" for character in value)


def texts(params: Mapping[str, object], name: str, known: Collection[str]) -> tuple[str, ...]:
    """Read a list of *known* texts that may be left out; raise `ControlError` for anything else."""
    value = params.get(name)
    items: object = [] if value is None else value
    allowed = ", ".join(known)
    if not isinstance(items, list):
        raise ControlError(f"'{name}' is a list of: {allowed}")
    listed = cast("list[object]", items)
    for item in listed:
        if not isinstance(item, str) or item not in known:
            raise ControlError(f"'{name}' is a list of: {allowed}; not {item!r:.80}")
    return tuple(str(item) for item in listed)

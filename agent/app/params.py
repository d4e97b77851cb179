"""What requests about the journal are made of, for those who ask and those who answer."""

from collections.abc import Mapping
from typing import Final

from agent.errors import ControlError

LONGEST_REASON: Final = 200
TOPICS: Final = ("relay", "protection", "energy", "button", "clock", "schedule", "rule")
"""What rows of the journal are about."""


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

"""Reportable change: how far a value must move before it is reported again."""

import math
import re
from dataclasses import dataclass
from typing import Final

from pydantic_core import PydanticCustomError

ALLOWED: Final = "a number, a percentage, or both: 0.01, '2%', '10% or 3'"

_TERM: Final = re.compile(r"(\d{1,12}(?:\.\d{1,12})?)\s*(%?)", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A change is reportable when it reaches either bound; with neither, every change is.

    `relative` is a share of the last reported value (0.02 for '2%'), `absolute` is in the
    property's own unit.
    """

    relative: float | None = None
    absolute: float | None = None


def parse_change(text: float | str) -> Change:
    """Understand a reportable change; raise `ValueError` for anything else."""
    if not isinstance(text, str):
        if isinstance(text, bool) or not math.isfinite(text) or text < 0:
            raise ValueError(ALLOWED)
        return Change(absolute=float(text))
    relative: float | None = None
    absolute: float | None = None
    for term in text.split(" or "):
        number, is_percentage = _term(term)
        if is_percentage and relative is None and number <= 100:
            relative = number / 100
        elif not is_percentage and absolute is None:
            absolute = number
        else:
            raise ValueError(ALLOWED)
    return Change(relative=relative, absolute=absolute)


def checked_change(text: object) -> float | str:
    """Pass a reportable change through, for pydantic; its error says what is allowed."""
    fault = PydanticCustomError("change_syntax", "no reportable change", {"allowed": ALLOWED})
    if not isinstance(text, float | int | str):
        raise fault
    try:
        parse_change(text)
    except ValueError:
        raise fault from None
    return text


def _term(text: str) -> tuple[float, bool]:
    found = _TERM.fullmatch(text.strip())
    if found is None:
        raise ValueError(ALLOWED)
    return float(found.group(1)), bool(found.group(2))

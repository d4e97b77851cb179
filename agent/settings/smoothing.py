"""How the values of a sensor are smoothed, and how long it warms up: texts of its section."""

import re
from dataclasses import dataclass
from typing import Annotated, Final, Literal

from pydantic import AfterValidator
from pydantic_core import PydanticCustomError

from agent.automation.durations import parse_duration

FILTERS: Final = "none, or 'median N' or 'mean N' with N 2 to 60"
WARM_UPS: Final = "a duration up to 1d, such as 30s, 3m or 1h30m"
MOST_VALUES: Final = 60
LONGEST_S: Final = 86_400

_FILTER: Final = re.compile(r"(median|mean)\s+(\d{1,2})", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Smoothing:
    """What is told of the last `count` good values; of one it is that value itself."""

    kind: Literal["median", "mean"]
    count: int


NO_SMOOTHING: Final = Smoothing(kind="median", count=1)


def parse_filter(text: str) -> Smoothing:
    """Understand a filter; raise `ValueError` for anything else."""
    written = text.strip().lower()
    if written == "none":
        return NO_SMOOTHING
    found = _FILTER.fullmatch(written)
    if found is None or not 2 <= int(found.group(2)) <= MOST_VALUES:
        raise ValueError(FILTERS)
    kind: Literal["median", "mean"] = "mean" if found.group(1) == "mean" else "median"
    return Smoothing(kind=kind, count=int(found.group(2)))


def parse_warm_up(text: str) -> int:
    """Read the seconds of a warm-up; raise `ValueError` for anything else."""
    try:
        seconds = parse_duration(text)
    except ValueError:
        seconds = LONGEST_S + 1
    if seconds > LONGEST_S:
        raise ValueError(WARM_UPS)
    return seconds


def _checked_filter(text: str) -> str:
    try:
        parse_filter(text)
    except ValueError:
        raise PydanticCustomError("filter", "no filter", {"allowed": FILTERS}) from None
    return text


def _checked_warm_up(text: str) -> str:
    try:
        parse_warm_up(text)
    except ValueError:
        raise PydanticCustomError("warm_up", "no warm-up", {"allowed": WARM_UPS}) from None
    return text


FilterText = Annotated[str, AfterValidator(_checked_filter)]
WarmUpText = Annotated[str, AfterValidator(_checked_warm_up)]

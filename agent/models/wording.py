"""Names, numbers and units as the consoles' files write them."""

from collections.abc import Mapping
from decimal import Decimal
from enum import StrEnum
from typing import Final

from agent.models.form import Choice, Title

MAX_NAME: Final = 30
"""The strictest console that says how long a name may be."""


class Language(StrEnum):
    """Which names are written."""

    ZH = "zh"
    EN = "en"
    BOTH = "both"


def label(title: Title, language: Language) -> str:
    """Write a name; without spaces, since consoles take letters, digits and '_' for sure.

    Both languages stand together where they differ and fit, else Chinese alone.
    """
    english = title.en.replace(" ", "_")
    if language is Language.EN:
        return english
    both = f"{title.zh}_{english}"
    if language is Language.ZH or title.zh == title.en or len(both) > MAX_NAME:
        return title.zh
    return both


def mapping(choices: tuple[Choice, ...], language: Language) -> Mapping[str, str]:
    """Write the values of a bool or an enum with their names."""
    return {choice.key: label(choice.title, language) for choice in choices}


def number(value: float | None) -> str:
    """Write a bound, never with an exponent; nothing where there is none."""
    if value is None:
        return ""
    text = format(Decimal(repr(value)), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


UNIT_NAMES: Final[Mapping[str, str]] = {
    "V": "伏特",
    "A": "安培",
    "W": "瓦特",
    "VA": "伏安",
    "kWh": "千瓦时",
    "s": "秒",
}

_SYMBOLS: Final[Mapping[str, str]] = {
    **{name: symbol for symbol, name in UNIT_NAMES.items()},
    "kW·h": "kWh",
    "kW.h": "kWh",
    "KWH": "kWh",
    "kwh": "kWh",
    "度": "kWh",
    "千瓦·时": "kWh",
    "伏": "V",
    "安": "A",
    "瓦": "W",
    "V·A": "VA",
    "sec": "s",
}


def symbol(unit: str) -> str:
    """Read a unit: '千瓦时 / kWh', 'kW·h' and '度' are all kWh."""
    last = unit.rpartition(" / ")[2].strip()
    return _SYMBOLS.get(last, last)

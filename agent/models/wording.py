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
    """Write a name: of letters, digits and '_', which all consoles take.

    Both languages stand together where they differ and fit, else Chinese alone.
    """
    chinese, english = _plain(title.zh), _plain(title.en)
    if language is Language.EN:
        return english
    both = f"{chinese}_{english}"
    if language is Language.ZH or chinese == english or len(both) > MAX_NAME:
        return chinese
    return both


def _plain(name: str) -> str:
    """Put '_' for anything else, and cut; a name of nothing else stays as it is."""
    signs = "".join(each if each.isalnum() else "_" for each in name)
    return signs.strip("_")[:MAX_NAME] or name


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
    "°C": "摄氏度",
    "%": "百分比",
    "lx": "勒克斯",
    "Hz": "赫兹",
    "Pa": "帕斯卡",
    "hPa": "百帕",
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
    "℃": "°C",
    "lux": "lx",
    "Lux": "lx",
}


def symbol(unit: str) -> str:
    """Read a unit: '千瓦时 / kWh', 'kW·h' and '度' are all kWh."""
    last = unit.rpartition(" / ")[2].strip()
    return _SYMBOLS.get(last, last)

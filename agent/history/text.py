"""What is kept over a time as short JSON, and back: `{"voltage":[60,230.1,229.8,230.4]}`."""

import json
from typing import Final, assert_never, cast

from agent.history.stats import Numbers, Stat, Stats, Switched, Used

SWITCH: Final = "s"
USED: Final = "u"


def to_text(stats: Stats) -> str:
    """Write it down; numbers have six digits, counts all of theirs."""
    return json.dumps(
        {name: _listed(stat) for name, stat in stats.items()},
        separators=(",", ":"),
    )


def from_text(text: str) -> dict[str, Stat]:
    """Read it; raise `ValueError` for what was never written so."""
    try:
        found = json.loads(text)
    except RecursionError as error:
        raise ValueError("no statistics") from error
    match found:
        case dict():
            pairs = cast("dict[str, object]", found)
            return {name: _stat(value) for name, value in pairs.items()}
        case _:
            raise ValueError("no statistics")


def _listed(stat: Stat) -> list[object]:
    match stat:
        case Numbers():
            numbers = (stat.mean, stat.minimum, stat.maximum)
            return [round(stat.known_s, 2), *map(_short, numbers)]
        case Switched():
            return [SWITCH, round(stat.known_s, 2), round(stat.on_s, 2), int(stat.last)]
        case Used():
            return [USED, round(stat.known_s, 2), stat.count, stat.end]
        case _:
            assert_never(stat)


def _short(value: float) -> float:
    """Keep six digits; a whole number has no point."""
    short = float(f"{value:.6g}")
    return int(short) if short.is_integer() and abs(short) < 1e9 else short


def _stat(value: object) -> Stat:
    items: list[object] = value if isinstance(value, list) else []  # pyright: ignore[reportUnknownVariableType] -- from JSON
    match items:
        case ["s", known_s, on_s, 0 | 1 as last]:
            return Switched(known_s=_seconds(known_s), on_s=_seconds(on_s), last=bool(last))
        case ["u", known_s, count, end]:
            return Used(known_s=_seconds(known_s), count=_count(count), end=_count(end))
        case [known_s, mean, minimum, maximum]:
            return Numbers(
                known_s=_seconds(known_s),
                mean=_number(mean),
                minimum=_number(minimum),
                maximum=_number(maximum),
            )
        case _:
            raise ValueError("no statistics")


def _number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not -1e30 < value < 1e30:
        raise ValueError("no number")
    return float(value)


def _seconds(value: object) -> float:
    seconds = _number(value)
    if seconds < 0:
        raise ValueError("no time")
    return seconds


def _count(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 1 << 63:
        raise ValueError("no count")
    return value

"""Durations as people write them: '90s', '10m', '1h30m', '2d'."""

import re
from typing import Final

ALLOWED: Final = "a duration such as 90s, 10m, 1h30m or 2d"
_UNITS: Final = {"d": 86_400, "h": 3600, "m": 60, "s": 1}
_WHOLE: Final = re.compile(r"(?:\d{1,6}d)?(?:\d{1,6}h)?(?:\d{1,6}m)?(?:\d{1,8}s)?", re.ASCII)
_PART: Final = re.compile(r"(\d+)([dhms])", re.ASCII)


def parse_duration(text: str) -> int:
    """Read whole seconds; raise `ValueError` that says what is allowed."""
    written = text.strip().lower()
    if not written or _WHOLE.fullmatch(written) is None:
        raise ValueError(f"{text!r:.40} is no duration; allowed: {ALLOWED}")
    return sum(int(number) * _UNITS[unit] for number, unit in _PART.findall(written))


def write_duration(seconds: int) -> str:
    """Write whole seconds as `parse_duration` reads them."""
    parts: list[str] = []
    left = seconds
    for unit, size in _UNITS.items():
        count, left = divmod(left, size)
        if count:
            parts.append(f"{count}{unit}")
    return "".join(parts) or "0s"

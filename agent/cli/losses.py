"""What a cloud never had, in a person's words: one line beside the others."""

from collections.abc import Mapping
from typing import Final

WORDS: Final[Mapping[str, str]] = {
    "refused": "refused",
    "unconfirmed": "never confirmed",
    "local": "kept here only",
    "thinned": "merged",
    "lost": "lost",
}
"""By the names in `status --json`."""


def losses_text(cloud: Mapping[str, object]) -> str:
    """Write what the agent counted of one cloud, over all its runs; nothing where that is none."""
    parts = [f"{count:,} {word}" for name, word in WORDS.items() if (count := _count(cloud, name))]
    kwh = cloud.get("not_told_kwh")
    if isinstance(kwh, int | float) and kwh > 0:
        parts.append(f"{kwh:g} kWh not told")
    return ", ".join(parts)


def _count(cloud: Mapping[str, object], name: str) -> int:
    value = cloud.get(name)
    return value if isinstance(value, int) else 0

"""What became of messages that are pending no more."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from enum import StrEnum
from typing import Final


class Ending(StrEnum):
    """What became of a message that is in the outbox no more."""

    DELIVERED = "delivered"
    """The platform said that it has it."""
    REFUSED = "refused"
    """The platform, or its limits, will never take it."""
    UNCONFIRMED = "unconfirmed"
    """Sent as often as allowed, and never answered."""
    LOCAL = "local"
    """Kept on this machine only: too old for the platform, of no known time, or without a form."""
    THINNED = "thinned"
    """Merged into a neighbour, because the box was full."""
    LOST = "lost"
    """Dropped, because the box was full."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Counters:
    """How many messages ended in which way; all but `delivered` over all runs."""

    delivered: int = 0
    refused: int = 0
    unconfirmed: int = 0
    local: int = 0
    thinned: int = 0
    lost: int = 0

    def plus(self, ending: Ending, count: int = 1) -> "Counters":
        """Count *count* more."""
        return replace(self, **{ending.value: getattr(self, ending.value) + count})


NAMES: Final = tuple(field.name for field in fields(Counters))


def kept(counters: Counters) -> Mapping[str, int]:
    """Tell what outlives the process: every loss, so that none is forgotten."""
    return {name: getattr(counters, name) for name in NAMES if name != Ending.DELIVERED.value}


def read(found: Mapping[str, object]) -> Counters:
    """Understand what was kept; what is no count is none."""
    known = {
        name: value
        for name in NAMES
        if isinstance(value := found.get(name), int) and not isinstance(value, bool) and value > 0
    }
    return Counters(**known)

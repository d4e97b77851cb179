"""What a platform that sums is told of a socket: what was ever counted."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypeVar

from agent.model import Condition
from agent.thing import Thing

S = TypeVar("S")

ENERGY: Final = "total_energy"
MJ_PER_WH: Final = 3_600_000
MAY_BE_OLD: Final = frozenset([Condition.SALVAGED, Condition.RESTORED, Condition.LOST])
"""What else is on the disk then may be of another time than the count."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """The energy that was ever counted, as far as it is on the disk, in whole watt-hours.

    Nobody sets it back or ahead, as they do the count that is shown. `is_sure`: this start
    found on the disk what was written last.
    """

    wh: Callable[[], int]
    is_sure: bool


def counted_of(condition: Condition, thing: Thing[S], state: Callable[[], S]) -> Counted:
    """Count for a device that was started in this condition; one that counts nothing has 0."""
    row = thing.property(ENERGY)
    exact = None if row is None else row.exact
    return Counted(
        wh=lambda: 0 if exact is None else exact.safe(state()) // MJ_PER_WH,
        is_sure=condition not in MAY_BE_OLD,
    )

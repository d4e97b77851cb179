"""How long a contact has been closed, in what that means for judging a load."""

from enum import StrEnum
from typing import Final, NamedTuple

from agent.settings.protection import ProtectionSettings

SETTLES_S: Final = 1.8
"""The current register is a mean over a second, shown for another: so long after an inrush
both of its last measurements may still be above a limit by it."""


class Moment(StrEnum):
    """How long the contact has been closed, in what that means for a load."""

    INRUSH = "inrush"
    SETTLING = "settling"
    STEADY = "steady"


class Age(NamedTuple):
    """How long the contact has been closed, and how long ago a load was added behind another."""

    closed_s: float
    grown_s: float


def moment_of(settings: ProtectionSettings, closed_for_s: float) -> Moment:
    """Tell the moment of a contact that closed so long ago."""
    if closed_for_s < settings.inrush_s:
        return Moment.INRUSH
    settled_s = settings.inrush_s + SETTLES_S
    return Moment.SETTLING if closed_for_s < settled_s else Moment.STEADY

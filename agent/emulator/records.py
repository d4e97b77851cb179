"""What every cloud keeps of a device: its events, values of the past, what is shown as now."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from agent.emulator.values import Json

KEPT_EVENTS: Final = 100
KEPT_HISTORY: Final = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class EventRecord:
    """One event that the device posted."""

    id: str
    type: str
    params: Mapping[str, Json]
    timestamp_ms: int | None
    received_at: float


class Past(NamedTuple):
    """A value that was posted to the history."""

    name: str
    value: Json
    time_ms: float | None


@dataclass(slots=True, kw_only=True)
class Moments:
    """Which value of a property is shown as the one of now, where values come out of turn.

    No platform says: the last that came, or the one with the newest stamp (`newest_wins`).
    """

    newest_wins: bool = False
    _shown: dict[str, float] = field(default_factory=dict[str, float])

    def replaces(self, name: str, time_ms: object, arrived_s: float) -> bool:
        """Tell whether a value that comes now is shown; without a time it is of now."""
        moment = time_ms if isinstance(time_ms, int | float) else arrived_s * 1000
        if self.newest_wins and moment < self._shown.get(name, 0):
            return False
        self._shown[name] = moment
        return True

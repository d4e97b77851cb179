"""What every cloud keeps of the events of a device."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from agent.emulator.values import Json

KEPT_EVENTS: Final = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class EventRecord:
    """One event that the device posted."""

    id: str
    type: str
    params: Mapping[str, Json]
    timestamp_ms: int | None
    received_at: float

"""Everything that went over the wire, numbered, in a bounded ring for each device."""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from agent.emulator.values import DeviceKey

KEPT_MESSAGES: Final = 500

Direction = Literal["up", "down"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One message of one device; `number` counts from 1 and never repeats."""

    number: int
    wall_time: float
    direction: Direction
    topic: str
    qos: int
    payload: bytes


class Journal:
    """The last messages of every device."""

    def __init__(self, *, kept: int = KEPT_MESSAGES) -> None:
        self._kept = kept
        self._rings: dict[DeviceKey, deque[Entry]] = {}
        self._number = 0

    def record(
        self, device: DeviceKey, direction: Direction, message: tuple[str, int, bytes], at: float
    ) -> None:
        """Keep a message (topic, QoS, payload) that passed at wall time *at*."""
        topic, qos, payload = message
        self._number += 1
        ring = self._rings.get(device)
        if ring is None:
            ring = self._rings[device] = deque(maxlen=self._kept)
        ring.append(
            Entry(
                number=self._number,
                wall_time=at,
                direction=direction,
                topic=topic,
                qos=qos,
                payload=payload,
            )
        )

    def after(self, device: DeviceKey, number: int) -> Sequence[Entry]:
        """Return what *device* sent and received after message *number*, oldest first."""
        return [entry for entry in self._rings.get(device, ()) if entry.number > number]

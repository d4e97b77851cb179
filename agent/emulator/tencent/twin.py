"""What the cloud knows of one device."""

from collections import deque
from dataclasses import dataclass, field
from typing import Final

from agent.emulator.records import KEPT_EVENTS, EventRecord, Moments
from agent.emulator.tencent.template import Template
from agent.emulator.tencent.topics import DeviceTopics
from agent.emulator.values import DeviceKey, Json

MAX_PENDING: Final = 100


@dataclass(slots=True, kw_only=True, eq=False)
class Twin:
    """One device: its secret key, its model, and what it reported."""

    device: DeviceKey
    key: bytes = field(repr=False)
    template: Template
    topics: DeviceTopics
    reported: dict[str, Json] = field(default_factory=dict[str, Json])
    reported_at: float | None = None
    moments: Moments = field(default_factory=Moments)
    events: deque[EventRecord] = field(
        default_factory=lambda: deque[EventRecord](maxlen=KEPT_EVENTS)
    )
    pending: dict[str, dict[str, Json]] = field(default_factory=dict[str, dict[str, Json]])
    """Controls that no control_reply has answered, by their clientToken."""
    shown: tuple[Json, tuple[str, ...]] = (None, ())
    """The clientToken of the last get_status that handed out controls, and their tokens."""
    info: dict[str, Json] = field(default_factory=dict[str, Json])
    version: str = ""
    connects: int = 0
    refusals: int = 0
    last_connect_at: float | None = None

    @property
    def client_id(self) -> str:
        """Return the MQTT client id that the platform demands."""
        return self.device.product + self.device.name

    def add_pending(self, token: str, values: dict[str, Json]) -> None:
        """Keep a control until it is answered; the oldest gives way when there are too many."""
        if len(self.pending) >= MAX_PENDING:
            del self.pending[next(iter(self.pending))]
        self.pending[token] = values

    def pending_values(self) -> dict[str, Json]:
        """Merge the controls that wait, the newest value last."""
        merged: dict[str, Json] = {}
        for values in self.pending.values():
            merged |= values
        return merged

    def settle(self, token: str) -> tuple[str, ...]:
        """Drop the controls that a control_reply with *token* answers; return their tokens."""
        tokens = self.shown[1] if token == self.shown[0] else (token,)
        for each in tokens:
            self.pending.pop(each, None)
        return tokens

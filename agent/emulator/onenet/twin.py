"""What the cloud knows of one device, in any generation."""

from collections import deque
from dataclasses import dataclass, field
from typing import NamedTuple

from agent.emulator.onenet.model import NO_MODEL, Model
from agent.emulator.onenet.pace import Window
from agent.emulator.onenet.pending import Waiting
from agent.emulator.records import KEPT_EVENTS, KEPT_HISTORY, EventRecord, Moments, Past
from agent.emulator.values import DeviceKey, Json


class Desired(NamedTuple):
    """A desired value, with the version that a device names to delete it."""

    value: Json
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Secrets:
    """What a device may log in with: keys, or of the first generation plain texts."""

    device: bytes = field(repr=False)
    product: bytes = field(repr=False)


@dataclass(slots=True, kw_only=True, eq=False)
class Twin:
    """One device: its secrets, its model, and what it reported."""

    device: DeviceKey
    secrets: Secrets
    model: Model = NO_MODEL
    reported: dict[str, Json] = field(default_factory=dict[str, Json])
    """Of a product without a model: the last value of each stream."""
    reported_at: float | None = None
    moments: Moments = field(default_factory=Moments)
    points: int = 0
    """How many data points its streams took."""
    stream_times: dict[str, float] = field(default_factory=dict[str, float])
    """The time (Unix seconds) that came with the last value of a stream, if one did."""
    events: deque[EventRecord] = field(
        default_factory=lambda: deque[EventRecord](maxlen=KEPT_EVENTS)
    )
    history: deque[Past] = field(default_factory=lambda: deque[Past](maxlen=KEPT_HISTORY))
    desired: dict[str, Desired] = field(default_factory=dict[str, Desired])
    waiting: Waiting = field(default_factory=Waiting)
    connects: int = 0
    refusals: int = 0
    banned_until: float = 0.0
    logins: Window = field(default_factory=lambda: Window(span_s=5.0))
    uplinks: Window = field(default_factory=lambda: Window(span_s=5.0))
    qos1_uplinks: Window = field(default_factory=lambda: Window(span_s=5.0))
    sets: Window = field(default_factory=lambda: Window(span_s=1.0))

    @property
    def session(self) -> str:
        """Return the name of its session: client ids are unique in one product only."""
        return f"{self.device.product}/{self.device.name}"

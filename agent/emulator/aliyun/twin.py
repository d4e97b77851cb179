"""What the cloud knows of one device."""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from agent.emulator.aliyun.login import Login
from agent.emulator.aliyun.topics import DeviceTopics
from agent.emulator.aliyun.tsl import Tsl
from agent.emulator.records import KEPT_EVENTS, KEPT_HISTORY, EventRecord, Moments, Past
from agent.emulator.values import DeviceKey, Json

MAX_CALLS: Final = 100
SUMMED: Final = ("UnitPowerConsumption",)
"""What the platform's app adds up: it shows the sum, not the last value."""


class Standing(StrEnum):
    """Whether the platform lets a device in."""

    ENABLED = "enabled"
    DISABLED = "disabled"
    DELETED = "deleted"


@dataclass(frozen=True, slots=True, kw_only=True)
class Desired:
    """A value that someone wants, with its version."""

    value: Json
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A synchronous call: the one topic that answers it, and when that is too late."""

    topic: str
    deadline: float
    is_raw: bool


@dataclass(slots=True, kw_only=True, eq=False)
class Twin:
    """One device: its secret key, its model, and what it reported."""

    device: DeviceKey
    key: bytes = field(repr=False)
    tsl: Tsl
    topics: DeviceTopics
    login: Login | None = None
    """What the last CONNECT that came in said of itself."""
    needs_subscription: bool = True
    """Whether system topics reach the device only where it has subscribed."""
    standing: Standing = Standing.ENABLED
    reported: dict[str, Json] = field(default_factory=dict[str, Json])
    reported_at: float | None = None
    sums: dict[str, float] = field(default_factory=dict[str, float])
    moments: Moments = field(default_factory=Moments)
    history: deque[Past] = field(default_factory=lambda: deque[Past](maxlen=KEPT_HISTORY))
    events: deque[EventRecord] = field(
        default_factory=lambda: deque[EventRecord](maxlen=KEPT_EVENTS)
    )
    desired: dict[str, Desired] = field(default_factory=dict[str, Desired])
    labels: dict[str, str] = field(default_factory=dict[str, str])
    calls: dict[str, Call] = field(default_factory=dict[str, Call])
    """Synchronous calls that wait, by their message id."""
    connects: int = 0
    refusals: int = 0
    asked_at: deque[float] = field(default_factory=deque[float])
    """When the last CONNECTs came, of those that count."""
    _versions: dict[str, int] = field(default_factory=dict[str, int])

    @property
    def client_id(self) -> str:
        """Return the name of the device's session, which outlives its ClientIDs."""
        return f"{self.device.product}.{self.device.name}"

    def want(self, values: Mapping[str, Json]) -> None:
        """Keep desired values; each is one version newer than any that it had."""
        for name, value in values.items():
            version = self._versions.get(name, 0) + 1
            self._versions[name] = version
            self.desired[name] = Desired(value=value, version=version)

    def add_up(self, values: Mapping[str, Json]) -> None:
        """Add what is summed to what came before, however it came and of whatever time it is."""
        for name in SUMMED:
            value = values.get(name)
            if isinstance(value, int | float):
                self.sums[name] = round(self.sums.get(name, 0.0) + value, 6)

    def add_call(self, message_id: str, call: Call) -> None:
        """Wait for an answer; the oldest call gives way when there are too many."""
        if len(self.calls) >= MAX_CALLS:
            del self.calls[next(iter(self.calls))]
        self.calls[message_id] = call

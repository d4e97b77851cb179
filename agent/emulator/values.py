"""The values that the emulator's parts exchange: who, when, what to do."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

Json = object
"""A decoded JSON value; whoever reads it looks before it trusts."""


class Instant(NamedTuple):
    """One moment on both clocks: `now` is monotonic seconds, `wall_time` Unix seconds."""

    now: float
    wall_time: float


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class DeviceKey:
    """Which device: the cloud and the two names that it goes by there."""

    cloud: str
    product: str
    name: str

    def __str__(self) -> str:
        return f"{self.cloud}/{self.product}:{self.name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Publication:
    """A message on its way down: to one client's subscription, or to everyone's (None)."""

    topic: str
    payload: bytes
    qos: int = 0
    client_id: str | None = None
    needs_subscription: bool = True
    """False: it goes to `client_id` whatever that has subscribed to."""
    is_retained: bool = False
    """Whether it is kept for whoever subscribes later."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Send:
    """Write *data* to a connection."""

    connection: int
    data: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Close:
    """Close a connection after what was written."""

    connection: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """A device answered the request *request_id* of the control API."""

    device: DeviceKey
    request_id: str
    code: int
    message: str
    output: Mapping[str, Json] = field(default_factory=dict[str, Json])


@dataclass(frozen=True, slots=True, kw_only=True)
class Noted:
    """Something that a person who watches the emulator wants to see."""

    event: str
    level: Literal["info", "warning", "debug"] = "info"
    device: DeviceKey | None = None
    facts: Mapping[str, str | int | float] = field(default_factory=dict[str, str | int | float])


Action = Send | Close | Answered | Noted
"""What the broker wants done; the shell (or a test) does it in order."""

"""What enters a runtime: every input of the device, and what is done to the runtime itself."""

from collections.abc import Mapping
from dataclasses import dataclass

from agent.devices.inputs import (
    ButtonEdge,
    Calibrate,
    ClockTold,
    Dated,
    EditRule,
    EditSchedule,
    Heat,
    Identify,
    Input,
    Kept,
    LinkChanged,
    Measured,
    RelayObeyed,
    Sensed,
    SetTotal,
    Tick,
    Toggle,
)
from agent.messages import Command


@dataclass(frozen=True, slots=True, kw_only=True)
class Woken:
    """The runtime is woken to do what is due by time alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubted:
    """An output that took a level has not confirmed it: it is driven there again."""

    output: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FromBytes:
    """The meter gave the reading that the bytes before make; the recording has only those."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reloaded:
    """The device decides with other settings from now on."""

    settings: Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Clouds:
    """Reports go to these clouds from now on, in this order."""

    names: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stopped:
    """The service ends: the contact goes to its stop policy, or opens."""

    keeps_policy: bool


Turn = Input | Woken | Doubted | FromBytes | Reloaded | Clouds | Stopped

KINDS: Mapping[str, type[Turn]] = {
    kind.__name__: kind
    for kind in (
        *(Measured, Tick, ButtonEdge, Toggle, Command, LinkChanged, Heat, Dated, Kept),
        *(ClockTold, EditSchedule, EditRule, Identify, Sensed),
        *(RelayObeyed, SetTotal, Calibrate, Woken, Doubted, FromBytes, Reloaded, Clouds, Stopped),
    )
}
"""Every kind of turn by its name."""

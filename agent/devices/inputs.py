"""What enters a device: every input there is."""

from collections.abc import Mapping
from dataclasses import dataclass

from agent.messages import Command
from agent.model import Factors, Origin, Reading


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """The meter gave a reading."""

    reading: Reading


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    """Time has passed: a deadline of the device may be due."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ButtonEdge:
    """The button went down or came up."""

    is_pressed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Toggle:
    """A person asks for the other position; it becomes on or off on arrival."""

    origin: Origin


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkChanged:
    """The link to a cloud came up or went down."""

    cloud: str
    is_up: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibrate:
    """A person gives the meter new factors, or takes the last ones back (`factors` is None).

    `made_from`: what was measured and what the reference meters said, by name.
    """

    factors: Factors | None
    made_from: Mapping[str, float]
    origin: Origin
    wall_time: float | None


Input = Measured | Tick | ButtonEdge | Toggle | Command | LinkChanged | Calibrate

"""What enters a device: every input there is."""

from dataclasses import dataclass

from agent.messages import Command
from agent.model import Origin, Reading


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


Input = Measured | Tick | ButtonEdge | Toggle | Command | LinkChanged

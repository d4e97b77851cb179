"""What moves a contact without a person: named, so that `why` can tell."""

from collections.abc import Sequence
from dataclasses import dataclass

from agent.devices.effects import Effect
from agent.devices.socket.state import State


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """A 'schedule' or a 'rule', its name, and how it is written."""

    kind: str
    name: str
    text: str


Acted = tuple[State, Sequence[Effect], Cause | None]
"""The state after acting, what is to be told, and what moved (or will move) the contact last."""

"""What moves a contact without a person: named, so that `why` can tell."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from agent.devices.effects import Effect
from agent.devices.socket.state import Asked, State

BUTTON: Final = "button"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """A 'schedule', a 'rule' or the 'button', its name or gesture, and how it is written."""

    kind: str
    name: str
    text: str

    @property
    def by(self) -> str:
        """Name it as whoever asked."""
        return self.kind if self.kind == BUTTON else f"{self.kind} {self.name}"


Acted = tuple[State, Sequence[Effect], Cause | None]
"""The state after acting, what is to be told, and what has moved the contact last."""


def asked_for(before: State, after: State, by: str) -> State:
    """Note who asked for what happens later: a countdown, a closing that waits."""
    asked = Asked(by=by)
    if after.countdown_at not in (None, before.countdown_at):
        after = replace(after, countdown_by=asked)
    if after.closing_at not in (None, before.closing_at):
        after = replace(after, closing_by=asked)
    return after

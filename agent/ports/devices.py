"""A device kind: pure decisions over its state."""

from collections.abc import Mapping, Sequence
from typing import Protocol, TypeVar

from agent.devices.effects import Effect
from agent.devices.inputs import Found, Input
from agent.model import Light
from agent.thing import Thing

S = TypeVar("S")


class Device(Protocol[S]):
    """A device kind: a table of what it has, and pure decisions over its state."""

    @property
    def thing(self) -> Thing[S]:
        """The thing table."""
        ...

    def start(self, found: Found, now: float) -> tuple[S, Sequence[Effect]]:
        """Make the first state from what was kept; the relay's policy is in the effects."""
        ...

    def handle(self, state: S, event: Input, now: float) -> tuple[S, Sequence[Effect]]:
        """Decide. A `Command` always yields exactly one `Answer`."""
        ...

    def next_deadline(self, state: S, now: float) -> float | None:
        """When a `Tick` is needed next, if no input comes before."""
        ...

    def light(self, state: S, now: float) -> Light:
        """Tell what the indicator shows."""
        ...

    def describe(self, state: S, now: float) -> Mapping[str, object]:
        """Tell what the properties do not: `trip`, `countdown` and more, as JSON holds it."""
        ...

    def stop(self, state: S, now: float, *, opens: bool = False) -> tuple[S, Sequence[Effect]]:
        """Put the relay at its stop policy, or open it, and keep the last of the state."""
        ...

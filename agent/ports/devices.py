"""A device kind: pure decisions over its state."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol, TypeVar

from agent.devices.effects import Effect
from agent.devices.inputs import Found, Input
from agent.model import Light
from agent.settings.relays import ContactSettings
from agent.settings.section import NamesDriver
from agent.thing import Thing

S = TypeVar("S")


class DrivenContact(NamesDriver, Protocol):
    """The section of a contact: its driver, and its policy."""

    @property
    def policy(self) -> ContactSettings:
        """What becomes of it at start and stop."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Needs:
    """The parts that a device works with, each as the section that names its driver.

    `relays` and `dimmers` are by the output's name: `MAIN` for a device of one contact.
    """

    relays: Mapping[str, DrivenContact] = field(default_factory=dict[str, DrivenContact])
    dimmers: Mapping[str, NamesDriver] = field(default_factory=dict[str, NamesDriver])
    sensors: Mapping[str, NamesDriver] = field(default_factory=dict[str, NamesDriver])
    meter: NamesDriver | None = None
    button: NamesDriver | None = None
    indicator: NamesDriver | None = None
    temperature: NamesDriver | None = None


class Device(Protocol[S]):
    """A device kind: a table of what it has, and pure decisions over its state."""

    @property
    def thing(self) -> Thing[S]:
        """The thing table."""
        ...

    @property
    def needs(self) -> Needs:
        """The parts that it works with: what of them differs in a reload needs a restart."""
        ...

    def outputs(self, state: S) -> Mapping[str, bool | float]:
        """Tell where each output stands: a contact closed or open, a dimmer's level."""
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

"""What leaves a device: every effect there is, performed in order, the relay's first."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from agent.messages import Outcome
from agent.model import Factors, Values

Saved = Mapping[str, object]
"""A device's state as it is kept on disk: what JSON can hold."""


MAIN: Final = ""
"""The output of a device that has one contact."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SetRelay:
    """Drive a contact."""

    on: bool
    output: str = MAIN


@dataclass(frozen=True, slots=True, kw_only=True)
class SetLevel:
    """Drive a dimmer, 0.0 (off) to 1.0."""

    level: float
    output: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The outcome of the command that is being handled."""

    outcome: Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class Raise:
    """Raise an event of the thing at every cloud."""

    event: str
    values: Values


@dataclass(frozen=True, slots=True, kw_only=True)
class Log:
    """Tell the log of this machine, once for a transition."""

    event: str
    details: Mapping[str, object]
    is_warning: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Save:
    """Keep this on disk; a later one replaces an earlier one that has not been written.

    It is written down when it is performed, after the relay has been driven. `cause` says what
    the writing is for. Once it is on the disk the device is told by `Kept` with `total_mj`.
    """

    write: Callable[[], Saved]
    cause: str = "state"
    total_mj: int = 0

    @property
    def saved(self) -> Saved:
        """What is to be kept."""
        return self.write()


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """Add a row to the device's journal: what happened, and why. *details*: what JSON holds.

    Topics: `relay`, `protection`, `energy`, `button`, `schedule`, `rule`.
    """

    topic: str
    name: str
    details: Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rescale:
    """Measure with other factors from the next frame on."""

    factors: Factors


@dataclass(frozen=True, slots=True, kw_only=True)
class Provision:
    """Let a person bring the machine into a network; the device itself has nothing to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Forget:
    """A factory reset: forget the history and the networks, beside what the state forgets."""


Effect = SetRelay | SetLevel | Answer | Raise | Log | Record | Save | Rescale | Provision | Forget

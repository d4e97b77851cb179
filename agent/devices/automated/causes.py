"""What moves an output without a person: named, so that `why` can tell."""

from dataclasses import dataclass
from typing import Final

from agent.model import Origin, OriginKind

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Doer:
    """The schedule or rule that something is done for; `told` is what an event says of it."""

    cause: Cause
    told: str

    @property
    def origin(self) -> Origin:
        """Who asks, as a command has it."""
        return Origin(kind=OriginKind.AGENT, name=self.cause.by)

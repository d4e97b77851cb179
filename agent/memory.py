"""What must outlive the process so that nothing is done twice, or too soon."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Protocol

KEPT: Final = 256
"""So many requests are remembered of a device."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """When an identity may connect next, in seconds since the boot `boot_id`.

    `streak`: what went wrong in a row until then, as `agent.retry` writes it; "": nothing.
    """

    boot_id: str
    at: float
    streak: str = ""


class RequestMemory(Protocol):
    """Remembers by device which requests were begun, and what was answered."""

    def remembered(self, device_id: str) -> Sequence[tuple[str, str | None]]:
        """List keys and answers, the newest last; None: begun, and never answered."""
        ...

    async def remember(self, device_id: str, key: str, answer: str | None) -> bool:
        """Keep *answer*; False where that is not sure after a short and bounded wait."""
        ...


class AttemptMemory(Protocol):
    """Remembers by identity when it may connect next, and what went wrong until then."""

    def last_attempt(self, identity: str) -> Attempt | None:
        """Tell what was noted last, in this boot or an earlier one; None where nothing was."""
        ...

    async def note_attempt(self, identity: str, attempt: Attempt) -> bool:
        """Keep *attempt* in place of the last; False where that is not sure after a short wait."""
        ...


class ProcessMemory:
    """Remembers both for as long as the process lives."""

    def __init__(self) -> None:
        self._answers: dict[str, dict[str, str | None]] = {}
        self._attempts: dict[str, Attempt] = {}

    def remembered(self, device_id: str) -> Sequence[tuple[str, str | None]]:
        """List keys and answers, the newest last."""
        return tuple(self._answers.get(device_id, {}).items())

    async def remember(self, device_id: str, key: str, answer: str | None) -> bool:
        """Keep *answer* at once; the oldest is forgotten beyond what `KEPT` allows."""
        answers = self._answers.setdefault(device_id, {})
        answers.pop(key, None)
        answers[key] = answer
        if len(answers) > KEPT:
            del answers[next(iter(answers))]
        return True

    def last_attempt(self, identity: str) -> Attempt | None:
        """Tell what was noted last."""
        return self._attempts.get(identity)

    async def note_attempt(self, identity: str, attempt: Attempt) -> bool:
        """Keep *attempt* at once."""
        self._attempts[identity] = attempt
        return True

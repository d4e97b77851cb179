"""What must outlive the process so that nothing is done twice, or too soon."""

from collections.abc import Sequence
from typing import Final, Protocol

KEPT: Final = 256
"""So many requests are remembered of a device."""


class RequestMemory(Protocol):
    """Remembers by device which requests were begun, and what was answered."""

    def remembered(self, device_id: str) -> Sequence[tuple[str, str | None]]:
        """List keys and answers, the newest last; None: begun, and never answered."""
        ...

    async def remember(self, device_id: str, key: str, answer: str | None) -> bool:
        """Keep *answer*; False where that is not sure after a short and bounded wait."""
        ...


class AttemptMemory(Protocol):
    """Remembers by identity when it may connect next, in monotonic seconds of one boot."""

    def last_attempt(self, identity: str, boot_id: str) -> float | None:
        """Tell what was noted last in this boot; None where nothing was."""
        ...

    async def note_attempt(self, identity: str, boot_id: str, at: float) -> bool:
        """Keep *at* in place of what was noted; False where that is not sure after a short wait."""
        ...


class ProcessMemory:
    """Remembers both for as long as the process lives."""

    def __init__(self) -> None:
        self._answers: dict[str, dict[str, str | None]] = {}
        self._attempts: dict[tuple[str, str], float] = {}

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

    def last_attempt(self, identity: str, boot_id: str) -> float | None:
        """Tell what was noted last."""
        return self._attempts.get((identity, boot_id))

    async def note_attempt(self, identity: str, boot_id: str, at: float) -> bool:
        """Keep *at* at once."""
        self._attempts[(identity, boot_id)] = at
        return True

"""When an identity may connect next: known across links, and across restarts of the process."""

import json
from typing import Final

from agent.memory import AttemptMemory

LONGEST_WAIT_S: Final = 900.0
"""No platform wants a longer one; what was remembered may be damaged."""


def name_of(cloud: str, identity: tuple[str, ...]) -> str:
    """Name an identity among those of all platforms."""
    return json.dumps([cloud, *identity])


class NextAttempt:
    """The earliest moment of one identity's next CONNECT, in monotonic seconds.

    That moment is what the memory keeps, not the last attempt's: a refusal waits longer.
    """

    def __init__(self, identity: str, boot_id: str, memory: AttemptMemory) -> None:
        self._identity = identity
        self._boot_id = boot_id
        self._memory = memory
        self._not_before = memory.last_attempt(identity, boot_id)

    def wait_s(self, now: float) -> float:
        """Tell how long the next CONNECT must wait."""
        if self._not_before is None:
            return 0.0
        return min(max(0.0, self._not_before - now), LONGEST_WAIT_S)

    async def allow_from(self, at: float) -> None:
        """Hold the next CONNECT back until *at*, in the next process too if the disk lets us."""
        self._not_before = at
        await self._memory.note_attempt(self._identity, self._boot_id, at)


class Attempts:
    """The next attempts of all identities of the process."""

    def __init__(self, memory: AttemptMemory, boot_id: str) -> None:
        self._memory = memory
        self._boot_id = boot_id
        self._known: dict[str, NextAttempt] = {}

    def of(self, cloud: str, identity: tuple[str, ...]) -> NextAttempt:
        """Find the next attempt of an identity of a platform."""
        name = name_of(cloud, identity)
        if name not in self._known:
            self._known[name] = NextAttempt(name, self._boot_id, self._memory)
        return self._known[name]

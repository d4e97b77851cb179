"""When an identity may connect next: known across links, restarts of the process, and boots."""

import json
from collections.abc import Callable
from typing import Final

from agent.memory import Attempt, AttemptMemory
from agent.retry import (
    CALM,
    Pace,
    Setback,
    Streak,
    after,
    after_boot_s,
    over_boot,
    read_streak,
    under_way,
    wait_s,
    write_streak,
)

LONGEST_WAIT_S: Final = 900.0
"""No platform wants a longer one; what was remembered may be damaged."""

_PATIENT: Final = Pace(floor_s=0.0, rejected_s=0.0)


def name_of(cloud: str, identity: tuple[str, ...]) -> str:
    """Name an identity among those of all platforms."""
    return json.dumps([cloud, *identity])


class NextAttempt:
    """The earliest moment of one identity's next CONNECT, in seconds since boot, and its streak.

    That moment is what the memory keeps, not the last attempt's: a refusal waits longer. An
    attempt is noted as failed while nobody knows its end, so that a process that dies each time
    is slower each time. Of an earlier boot only the streak means something: its attempts were
    over when this boot began, and what the platform did still counts.
    """

    def __init__(self, identity: str, boot_id: str, memory: AttemptMemory) -> None:
        self._identity = identity
        self._boot_id = boot_id
        self._memory = memory
        self._pace = _PATIENT
        self._jitter: Callable[[], float] = lambda: 0.0
        known = memory.last_attempt(identity)
        self.streak: Streak = CALM if known is None else read_streak(known.streak)
        self.is_resumed = known is not None and bool(boot_id) and known.boot_id == boot_id
        """Whether an earlier process of this boot has spoken for the identity."""
        self._is_of_earlier_boot = known is not None and not self.is_resumed
        self._not_before = known.at if known is not None and self.is_resumed else None

    def keep_to(self, pace: Pace, jitter: Callable[[], float]) -> None:
        """Keep to a platform's *pace* from now on; *jitter* draws from [0, 1)."""
        self._pace, self._jitter = pace, jitter
        if self._is_of_earlier_boot:
            self._is_of_earlier_boot = False
            self.streak = over_boot(self.streak)
            self._not_before = after_boot_s(self.streak, pace)

    def wait_s(self, now: float) -> float:
        """Tell how long the next CONNECT must wait."""
        if self._not_before is None:
            return 0.0
        return min(max(0.0, self._not_before - now), LONGEST_WAIT_S)

    async def begin(self, at: float) -> None:
        """Note an attempt that is under way until *at*, or a session that was opened then."""
        feared = under_way(self.streak)
        delay_s = self._pace.floor_s if self.streak == CALM else self._drawn(feared)
        await self._keep(at + delay_s, feared)

    async def lasted(self, opened_at: float) -> None:
        """Forget the streak: the session that was opened then has lasted."""
        self.streak = CALM
        await self.allow_from(opened_at + self._pace.floor_s)

    def set_back(self, setback: Setback, session_s: float) -> float:
        """Count a setback, and tell how long to wait; `allow_from` then keeps both."""
        self.streak = after(self.streak, setback, session_s)
        return self._drawn(self.streak)

    async def allow_from(self, at: float) -> None:
        """Hold the next CONNECT back until *at*, in the next process too if the disk lets us."""
        await self._keep(at, self.streak)

    def _drawn(self, streak: Streak) -> float:
        return wait_s(streak, self._pace, self._jitter())

    async def _keep(self, at: float, streak: Streak) -> None:
        self._not_before = at
        attempt = Attempt(boot_id=self._boot_id, at=at, streak=write_streak(streak))
        await self._memory.note_attempt(self._identity, attempt)


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

"""The machine's clock: monotonic time for logic, wall time only while it can be trusted."""

import asyncio
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from agent import BUILD_TIME
from agent.keepers import Judgement, Mode, Probe, Source, SyncFacts, judge
from agent.model import Stamp, Trust
from agent.timeline import Timeline, told, watched

PROBE_INTERVAL_S: Final = 5.0

TOLD: Final = "a platform has told the time"
CENTURY_S: Final = 100 * 365.25 * 86_400
KEEPER_S: Final = 5.0
"""A keeper notes that it has set the clock within this time of doing so."""
APART_S: Final = 0.1
MOST_READS: Final = 3
MOST_CHANGES: Final = 32


def since_boot() -> float:
    """Seconds since the machine booted, those of a suspend too."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What has become of the time at `at`, seconds since boot.

    `by_s`: the machine's clock was set by so much. `rise`: the time is trusted more than before,
    and why. `repair`: the line by which this boot's stamps of no more trust are made anew.
    """

    at: float
    by_s: float | None = None
    rise: Judgement | None = None
    repair: Timeline | None = None


class SystemClock:
    """The clock of this machine; asking it is cheap, as its keepers are asked seldom.

    A step is found the next time that anybody asks, before the answer: nothing is stamped by a
    clock that nobody vouches for, if its time was known before.
    """

    def __init__(
        self,
        mode: Mode = "auto",
        *,
        probe: Callable[[], SyncFacts] | None = None,
        wall: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
        boot: Callable[[], float] = since_boot,
    ) -> None:
        self._mode: Mode = mode
        self._probe = probe or Probe()
        self._wall = wall
        self._monotonic = monotonic
        self._boot = boot
        self._facts = SyncFacts()
        self._probe_at = float("-inf")
        self._probed_at = float("-inf")
        self._doubted: float | None = None
        self._line = Timeline()
        self._now = Judgement(trust=Trust.UNKNOWN, source=Source.NOBODY, reason="")
        self._known = self._now
        self._is_new = True
        self._last_step: Change | None = None
        self._changes: deque[Change] = deque(maxlen=MOST_CHANGES)

    def now(self) -> float:
        """Monotonic seconds, the loop's own."""
        return self._monotonic()

    def wall_time(self) -> float | None:
        """Unix seconds, or None while the clock is not trusted."""
        return self.stamp().wall_time

    def stamp(self) -> Stamp:
        """Tell the moment, and how far its wall time is trusted."""
        at = self._look()
        return self._line.stamp(at)

    def since_boot(self) -> float:
        """Seconds since the machine booted, those of a suspend too."""
        return self._boot()

    def wall_time_at(self, at: float) -> float | None:
        """Unix seconds of the moment *at* of this boot, as they are known now."""
        self._look()
        return self._line.wall_time_at(at)

    def learn(self, wall_time: float) -> None:
        """Take a platform's time of this moment, where nothing better is known."""
        at = self._look()
        if BUILD_TIME < wall_time < BUILD_TIME + CENTURY_S:
            said = Judgement(trust=Trust.PLATFORM, source=Source.PLATFORM, reason=TOLD)
            self._take(said, at, wall_time - at, None)

    def changes(self) -> Sequence[Change]:
        """Look, and give what has changed since the last call, the oldest first."""
        self._look()
        changes = tuple(self._changes)
        self._changes.clear()
        return changes

    def judgement(self) -> Judgement:
        """Tell how far the time is trusted now, and why."""
        self._look()
        if self._known.trust <= self._now.trust:
            return self._known
        reason = f"{self._known.reason}; of the clock itself: {self._now.reason}"
        return replace(self._known, reason=reason)

    def describe(self) -> Mapping[str, object]:
        """Tell how far the time is trusted, why, and when this machine's clock was last set."""
        found, step = self.judgement(), self._last_step
        return {
            "trusted": found.is_trusted,
            "trust": found.trust.name.lower(),
            "source": found.source.value,
            "why": found.reason,
            "last_step": None
            if step is None
            else {
                "by_s": step.by_s,
                "at": step.at,
                "wall_time": self._line.wall_time_at(step.at),
            },
        }

    def tls_is_possible(self) -> bool:
        """Tell whether the clock can check a certificate (it is not before the build date)."""
        return self._mode == "system" or self._wall() >= BUILD_TIME

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        await asyncio.sleep(seconds)

    # ── looking ─────────────────────────────────────────────────────────────────────────────

    def _look(self) -> float:
        """Read both clocks, and take over what follows from them; tell the seconds since boot."""
        at, wall_time = self._read()
        self._line, by_s = watched(self._line, wall_time - at)
        now = self._monotonic()
        if self._mode == "auto" and (by_s is not None or now >= self._probe_at):
            self._ask(at, wall_time, is_stepped=by_s is not None)
            self._probe_at = now + PROBE_INTERVAL_S
        self._now = judge(self._facts, wall_time=wall_time, mode=self._mode, doubted=self._doubted)
        self._take(self._now, at, wall_time - at, by_s)
        return at

    def _read(self) -> tuple[float, float]:
        """Read both clocks at one moment, as far as this process is let."""
        at, wall_time = self._boot(), self._wall()
        for _ in range(MOST_READS):
            if self._boot() - at < APART_S:
                break
            at, wall_time = self._boot(), self._wall()
        return at, wall_time

    def _ask(self, at: float, wall_time: float, *, is_stepped: bool) -> None:
        """Ask the keepers; doubt one that has not just set the clock itself."""
        was_synchronised = any(self._facts.said.values())
        self._facts = self._probe()
        set_at = self._facts.set_at
        if is_stepped and was_synchronised and set_at is not None:
            since_s = at - self._probed_at + KEEPER_S
            is_own = wall_time - since_s <= set_at <= wall_time + KEEPER_S
            self._doubted = None if is_own else set_at
        self._probed_at = at

    def _take(self, said: Judgement, at: float, offset: float, by_s: float | None) -> None:
        before = self._line.trust
        self._line, repairs = told(self._line, offset, said.trust)
        if self._line.trust is said.trust:
            self._known = said
        rises = self._line.trust > before and not self._is_new
        self._is_new = False
        if by_s is None and not rises and not repairs:
            return
        change = Change(
            at=at,
            by_s=by_s,
            rise=said if rises else None,
            repair=self._line if repairs else None,
        )
        self._changes.append(change)
        if by_s is not None:
            self._last_step = change

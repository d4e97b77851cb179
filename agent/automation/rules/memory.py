"""What a rule remembers: what it has seen, since when it holds, when it fired."""

from dataclasses import dataclass

from agent.automation.rules.rule import HOUR_S, MAX_PER_HOUR, Rule


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """The memory of one rule. Times are monotonic seconds.

    `since` and `after_since`: since when the conditions, and what must come before, hold without
    a break. `is_ready`: what must come before has come. `is_spent`: it has fired, and its
    conditions have not been false since. `fired`: when it fired within the last hour, and
    `fired_wall` when it did last (Unix seconds; None: the time was not known). `is_resting`: it
    has said that it fires too often. `bridges_until`: values may be unknown for so long without
    a break, as they are after a restart.
    """

    since: float | None = None
    after_since: float | None = None
    is_ready: bool = False
    is_spent: bool = False
    fired: tuple[float, ...] = ()
    fired_wall: float | None = None
    is_resting: bool = False
    bridges_until: float | None = None

    @property
    def flags(self) -> tuple[object, ...]:
        """What must be kept as soon as it changes; hold times come and go too often for that."""
        return (self.is_ready, self.is_spent, self.fired, self.is_resting)


FRESH = Memory()


def fires_too_often(memory: Memory) -> bool:
    """Tell whether it has fired as often within an hour as a rule may."""
    return len(memory.fired) >= MAX_PER_HOUR


def rests_until(rule: Rule, memory: Memory) -> float:
    """Tell when *rule* may fire again, as far as its firings are concerned."""
    if not memory.fired:
        return float("-inf")
    return memory.fired[-1] + (HOUR_S if fires_too_often(memory) else rule.rest_s)

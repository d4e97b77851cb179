"""A rule on values of the past: when it would have fired, or how close it came."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from agent.automation.local_time import LocalTime
from agent.automation.rules.memory import FRESH, Memory
from agent.automation.rules.rule import ORDERS, Condition, Op, Rule
from agent.automation.rules.stepping import Known, Sight, holds, next_at, step
from agent.automation.rules.writing import write_condition
from agent.model import Value

GAP_S: Final = 600.0
"""What was measured last is not known any more after so long without a sample."""

MOST_FIRINGS: Final = 100
_BELOW: Final = frozenset({Op.LESS, Op.AT_MOST})


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """Values at a moment of the past (Unix seconds); they hold until the next sample."""

    wall_time: float
    values: Mapping[str, Value | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Firing:
    """When a rule would have fired, and for how long its conditions had held by then."""

    wall_time: float
    held_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """What came of a dry run.

    `fired`: the first of them; `count`: how many in all. `longest_s`: the longest time for which
    all conditions held. `was_ready`: what must come before has come. `nearest`: conditions that
    never held, and the number that came nearest (None: it was never known).
    """

    samples: int
    count: int
    fired: tuple[Firing, ...]
    longest_s: float
    was_ready: bool
    nearest: Mapping[str, float | None]


def dry_run(rule: Rule, samples: Sequence[Sample], zone: str, switch: str | None = None) -> Tried:
    """Run *rule* over *samples* in the order of their times; nothing is done of what it would do.

    `switch` names the value that tells whether the thing is switched on.
    """
    run = _Run(rule=rule, local=LocalTime(offset=0.0, zone=zone), switch=switch)
    for sample, following in zip(samples, (*samples[1:], None), strict=False):
        end = sample.wall_time if following is None else following.wall_time
        run.take(sample, min(end, sample.wall_time + GAP_S))
        if end > sample.wall_time + GAP_S:
            run.take(Sample(wall_time=sample.wall_time + GAP_S, values={}), end)
    return Tried(
        samples=len(samples),
        count=run.count,
        fired=tuple(run.fired),
        longest_s=run.longest_s,
        was_ready=run.was_ready or rule.after is None,
        nearest=run.nearest(),
    )


@dataclass(slots=True, kw_only=True)
class _Run:
    """Where a dry run stands."""

    rule: Rule
    local: LocalTime
    switch: str | None
    memory: Memory = FRESH
    fired: list[Firing] = field(default_factory=list[Firing])
    count: int = 0
    longest_s: float = 0.0
    was_ready: bool = False
    numbers: dict[Condition, float | None] = field(default_factory=dict[Condition, float | None])
    met: set[Condition] = field(default_factory=set[Condition])

    def take(self, sample: Sample, end: float) -> None:
        """Live through the time from *sample* to *end*."""
        on = sample.values.get(self.switch) if self.switch is not None else None
        is_on = on if isinstance(on, bool) else None
        sight = Sight(values=sample.values, local=self.local, is_on=is_on)
        self._compare(sample.values)
        at: float | None = sample.wall_time
        while at is not None:
            now = at
            self._step(sight, now)
            due = next_at(self.rule, self.memory, self.local, now)
            at = due if due is not None and now < due < end else None
        if self.memory.since is not None:
            self.longest_s = max(self.longest_s, end - self.memory.since)

    def _step(self, sight: Sight, now: float) -> None:
        self.memory, fires, _ = step(self.rule, self.memory, sight, now)
        self.was_ready = self.was_ready or self.memory.is_ready or fires
        if not fires:
            return
        assert self.memory.since is not None, "it fires while its conditions hold"
        self.count += 1
        if len(self.fired) < MOST_FIRINGS:
            self.fired.append(Firing(wall_time=now, held_s=now - self.memory.since))

    def _compare(self, values: Known) -> None:
        after = self.rule.after
        for condition in (*self.rule.conditions, *([after.condition] if after else [])):
            if condition in self.met or holds(condition, values):
                self.met.add(condition)
                continue
            value, known = values.get(condition.name), self.numbers.get(condition)
            if condition.op in ORDERS and isinstance(value, int | float):
                better = min if condition.op in _BELOW else max
                self.numbers[condition] = value if known is None else better(known, value)
            else:
                self.numbers.setdefault(condition, None)

    def nearest(self) -> Mapping[str, float | None]:
        """Tell of each condition that never held how near it came."""
        return {
            write_condition(condition): value
            for condition, value in self.numbers.items()
            if condition not in self.met
        }

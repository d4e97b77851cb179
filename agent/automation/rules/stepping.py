"""One step of a rule: what the values mean for it now, and whether it fires."""

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from agent.automation.local_time import LocalTime
from agent.automation.rules.memory import Memory, fires_too_often, rests_until
from agent.automation.rules.rule import HOUR_S, Between, Condition, Op, Rule
from agent.model import Value

Known = Mapping[str, Value | None]
"""Values by name; None, or left out: not known."""

LATE_S: Final = 0.001
"""A clock that rounds down must not wake a rule just before its part of the day begins."""

AGAIN_S: Final = 60.0
"""So soon it looks again where an hour of the local day comes twice, or not at all."""

_COMPARE: Final[Mapping[Op, Callable[[Value, Value], bool]]] = {
    Op.LESS: operator.lt,
    Op.AT_MOST: operator.le,
    Op.MORE: operator.gt,
    Op.AT_LEAST: operator.ge,
    Op.EQUAL: operator.eq,
    Op.OTHER: operator.ne,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """What a rule is judged by. `is_on`: the switch, None where there is none or it is not known.

    `is_barred`: nothing may act by itself now, as behind a trip.
    """

    values: Known
    local: LocalTime
    is_on: bool | None = None
    is_barred: bool = False


class Step(NamedTuple):
    """What came of a step. `rests`: it would fire, has fired too often, and says so now."""

    memory: Memory
    fires: bool = False
    rests: bool = False


def holds(condition: Condition, values: Known) -> bool | None:
    """Tell whether *condition* holds; None where its value is not known."""
    value = values.get(condition.name)
    if value is None:
        return None
    if isinstance(value, str) is not isinstance(condition.value, str):
        return condition.op is Op.OTHER
    return _COMPARE[condition.op](value, condition.value)


def hold(rule: Rule, values: Known) -> bool | None:
    """Tell whether all conditions hold; one that is false makes it false, whatever is unknown."""
    verdict: bool | None = True
    for condition in rule.conditions:
        found = holds(condition, values)
        if found is False:
            return False
        verdict = found and verdict
    return verdict


def step(rule: Rule, memory: Memory, sight: Sight, now: float) -> Step:
    """Take *sight* in. The very same memory comes back where nothing has changed."""
    after = _followed(rule, memory, sight, now)
    if not _would_fire(rule, after, sight, now):
        return Step(after)
    if now < rests_until(rule, after):
        says_so = fires_too_often(after) and now >= after.fired[-1] + rule.rest_s
        if not says_so or after.is_resting:
            return Step(after)
        return Step(replace(after, is_resting=True), rests=True)
    fired = Memory(
        since=after.since,
        is_spent=True,
        fired=(*(at for at in after.fired if now < at + HOUR_S), now),
        fired_wall=sight.local.wall_time(now),
    )
    return Step(fired, fires=True)


def next_at(rule: Rule, memory: Memory, local: LocalTime, now: float) -> float | None:
    """Tell when time alone may change what becomes of *rule*; None: only values can."""
    times: list[float] = []
    if memory.bridges_until is not None:
        times.append(memory.bridges_until)
    after = rule.after
    if after is not None and not memory.is_ready:
        if memory.after_since is not None:
            times.append(memory.after_since + after.for_s)
    elif memory.since is not None and memory.bridges_until is None and not memory.is_spent:
        due_at = max(memory.since + rule.for_s, rests_until(rule, memory))
        opens_at = _opens_at(rule.between, local, max(due_at, now))
        if opens_at is not None:
            times.append(max(due_at, opens_at))
    return min(times, default=None)


def _followed(rule: Rule, memory: Memory, sight: Sight, now: float) -> Memory:
    """Follow the conditions, and what must come before them."""
    verdict = hold(rule, sight.values)
    is_bridged = memory.bridges_until is not None and now < memory.bridges_until
    since, bridges_until = memory.since, memory.bridges_until
    if verdict is not None or not is_bridged:
        since, bridges_until = (since if verdict else None), None
    if verdict and since is None:
        since = now
    if sight.is_barred:
        since = bridges_until = None
    after_since, is_ready = _prepared(rule, memory, sight, now)
    is_spent = memory.is_spent and verdict is not False
    is_resting = memory.is_resting and now < rests_until(rule, memory)
    running = (since, after_since, bridges_until)
    flags = (is_ready, is_spent, is_resting)
    was_running = (memory.since, memory.after_since, memory.bridges_until)
    if running == was_running and flags == (memory.is_ready, memory.is_spent, memory.is_resting):
        return memory
    return replace(
        memory,
        since=since,
        after_since=after_since,
        is_ready=is_ready,
        is_spent=is_spent,
        is_resting=is_resting,
        bridges_until=bridges_until,
    )


def _prepared(rule: Rule, memory: Memory, sight: Sight, now: float) -> tuple[float | None, bool]:
    """Tell since when what must come before holds, and whether it has come.

    Switched off, or behind a trip, a rule is disarmed.
    """
    if rule.after is None or sight.is_on is False or sight.is_barred:
        return None, False
    if memory.is_ready:
        return None, True
    if not holds(rule.after.condition, sight.values):
        return None, False
    since = now if memory.after_since is None else memory.after_since
    is_ready = now >= since + rule.after.for_s
    return (None if is_ready else since), is_ready


def _would_fire(rule: Rule, memory: Memory, sight: Sight, now: float) -> bool:
    """Tell whether it fires but for its rest."""
    if memory.since is None or memory.bridges_until is not None or memory.is_spent:
        return False
    if now < memory.since + rule.for_s or (rule.after is not None and not memory.is_ready):
        return False
    return is_open(rule.between, sight.local.moment(now))


def is_open(between: Between | None, moment: datetime | None) -> bool:
    """Tell whether *moment* is in that part of the day; one that is not known is in none."""
    if between is None:
        return True
    return moment is not None and between.contains(moment.time())


def _opens_at(between: Between | None, local: LocalTime, now: float) -> float | None:
    """Tell when, from *now* on, the part of the day is open; None while the time is not known."""
    if between is None:
        return now
    moment = local.moment(now)
    if moment is None:
        return None
    if between.contains(moment.time()):
        return now
    start = datetime.combine(moment.date(), between.start, moment.tzinfo)
    if start <= moment:
        start += timedelta(days=1)
    at = local.monotonic(start.timestamp())
    assert at is not None, "the moment is known"
    return at + LATE_S if at > now else now + AGAIN_S

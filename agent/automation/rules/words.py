"""What a rule waits for now, in words."""

from collections.abc import Iterator, Mapping
from typing import Final

from agent.automation.durations import write_duration
from agent.automation.rules.memory import Memory, fires_too_often, rests_until
from agent.automation.rules.rule import Condition, Rule
from agent.automation.rules.stepping import Known, Sight, hold, holds, is_open
from agent.automation.rules.writing import write_condition
from agent.model import Value

Units = Mapping[str, str]
"""The unit of each value, by its name."""

BARRED: Final = "nothing acts by itself while it is tripped or stopped"


def state_in_words(
    rule: Rule, memory: Memory, sight: Sight, units: Units, now: float
) -> tuple[str, ...]:
    """Tell what keeps *rule* from firing: all of it, the most telling first."""
    return tuple(_reasons(rule, memory, sight, units, now))


def _reasons(rule: Rule, memory: Memory, sight: Sight, units: Units, now: float) -> Iterator[str]:
    if sight.is_barred:
        yield BARRED
    yield from (_unmet(each, sight.values, units) for each in _failing(rule, sight.values))
    held = hold(rule, sight.values)
    if held and memory.is_spent:
        yield "it has fired; what it waits for must first be false, and then true again"
    elif held and memory.since is not None and now < memory.since + rule.for_s:
        so_far = write_duration(max(0, int(now - memory.since)))
        yield f"holds for {so_far} of {write_duration(rule.for_s)}"
    if rule.after is not None and not memory.is_ready:
        yield _first(rule.after.condition, rule.after.for_s, memory, sight, now)
    if not is_open(rule.between, sight.local.moment(now)):
        yield _closed(rule, sight, now)
    if now < rests_until(rule, memory):
        yield _resting(rule, memory, sight, now)


def _failing(rule: Rule, values: Known) -> list[Condition]:
    return [each for each in rule.conditions if not holds(each, values)]


def _unmet(condition: Condition, values: Known, units: Units) -> str:
    value = values.get(condition.name)
    if value is None:
        return f"{condition.name} is not known now"
    unit = units.get(condition.name, "")
    wanted = write_condition(condition).removeprefix(f"{condition.name} ").removeprefix("== ")
    return f"{condition.name} is {shown(value)}{f' {unit}' if unit else ''}, not {wanted}"


def shown(value: Value) -> str:
    """Write a value for a person."""
    if isinstance(value, bool):
        return "on" if value else "off"
    return f"{value:g}" if isinstance(value, float) else str(value)


def _first(condition: Condition, for_s: int, memory: Memory, sight: Sight, now: float) -> str:
    text = f"waits for {write_condition(condition)}"
    text += f" for {write_duration(for_s)} first" if for_s else " first"
    if memory.after_since is not None:
        return f"{text}: holds for {write_duration(max(0, int(now - memory.after_since)))}"
    return f"{text}; only while it is switched on" if sight.is_on is False else text


def _closed(rule: Rule, sight: Sight, now: float) -> str:
    assert rule.between is not None, "only a part of the day is ever closed"
    part = f"{rule.between.start:%H:%M} and {rule.between.end:%H:%M}"
    moment = sight.local.moment(now)
    if moment is None:
        return f"fires between {part} only, and the time is not known"
    return f"fires between {part} only, and it is {moment:%H:%M}"


def _resting(rule: Rule, memory: Memory, sight: Sight, now: float) -> str:
    until = rests_until(rule, memory)
    moment = sight.local.moment(until)
    left = write_duration(max(1, round(until - now)))
    text = f"rests for another {left}" if moment is None else f"rests until {moment:%H:%M:%S}"
    return (
        f"{text}: it has fired {len(memory.fired)} times within an hour"
        if (fires_too_often(memory))
        else text
    )

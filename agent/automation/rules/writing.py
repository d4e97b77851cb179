"""A rule, written as it is read."""

from collections.abc import Iterator

from agent.automation.doing import write_doing, write_value
from agent.automation.durations import write_duration
from agent.automation.rules.rule import REST_S, Condition, Rule, implied_name


def write_rule(rule: Rule) -> str:
    """Write the whole rule as `parse_rule` reads it."""
    return f"{write_conditions(rule)}: {'; '.join(map(write_doing, rule.doings))}"


def write_conditions(rule: Rule) -> str:
    """Write when it fires: what stands before the colon."""
    return " ".join(_parts(rule))


def write_condition(condition: Condition) -> str:
    """Write one comparison."""
    return f"{condition.name} {_comparison(condition)}"


def _parts(rule: Rule) -> Iterator[str]:
    yield f"when {' and '.join(map(write_condition, rule.conditions))}"
    if rule.for_s:
        yield f"for {write_duration(rule.for_s)}"
    if rule.after is not None:
        wanted = rule.after.condition
        is_same = wanted.name == implied_name(rule.conditions, wanted.op)
        yield f"after {_comparison(wanted) if is_same else write_condition(wanted)}"
        if rule.after.for_s:
            yield f"for {write_duration(rule.after.for_s)}"
    if rule.between is not None:
        yield f"between {rule.between.start:%H:%M} and {rule.between.end:%H:%M}"
    if rule.rest_s != REST_S:
        yield f"rest {write_duration(rule.rest_s)}"


def _comparison(condition: Condition) -> str:
    value = condition.value
    if isinstance(value, bool):
        return f"{condition.op.value} {'on' if value else 'off'}"
    text = f'"{value}"' if isinstance(value, str) else write_value(value)
    return f"{condition.op.value} {text}"

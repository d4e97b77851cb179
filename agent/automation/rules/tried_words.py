"""What came of a dry run, in words."""

from collections.abc import Iterator

from agent.automation.durations import write_duration
from agent.automation.rules.dry_run import Tried
from agent.automation.rules.rule import Rule
from agent.automation.rules.writing import write_condition


def tried_in_words(rule: Rule, tried: Tried) -> tuple[str, ...]:
    """Tell how often *rule* would have fired, or how close it came and what was missing."""
    if tried.count:
        times = "once" if tried.count == 1 else f"{tried.count} times"
        return (f"it would have fired {times}",)
    return ("it would not have fired", *_missing(rule, tried))


def _missing(rule: Rule, tried: Tried) -> Iterator[str]:
    for condition, value in tried.nearest.items():
        name, _, wanted = condition.partition(" ")
        if value is not None:
            yield f"{name} came to {value:g} at the nearest, and never was {wanted}"
        else:
            yield f"{condition} never was so, as far as the history knows {name}"
    if rule.for_s:
        longest = write_duration(int(tried.longest_s))
        yield f"it held for {longest} at the longest, of {write_duration(rule.for_s)}"
    if rule.after is not None and not tried.was_ready:
        long = f" for {write_duration(rule.after.for_s)}" if rule.after.for_s else ""
        yield f"{write_condition(rule.after.condition)}{long} never came before"
    if rule.between is not None:
        yield f"only between {rule.between.start:%H:%M} and {rule.between.end:%H:%M} it may fire"

"""Days of the week as people write them: 'daily', 'mon-fri', 'sat,sun'."""

from typing import Final

from agent.automation.schedules.errors import ScheduleError
from agent.automation.schedules.schedule import EVERY_DAY, Days
from agent.settings.names import nearest

NAMES: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
GROUPS: Final = {
    "daily": EVERY_DAY,
    "weekdays": frozenset(range(5)),
    "weekends": frozenset({5, 6}),
}
ALLOWED: Final = "daily | weekdays | weekends | days such as mon-fri or sat,sun"
_SHORTEST_RANGE: Final = 3


def parse_days(text: str) -> Days:
    """Read days; raise `ScheduleError` that says what is allowed."""
    written = text.lower()
    if written in GROUPS:
        return GROUPS[written]
    found: set[int] = set()
    for part in written.split(","):
        first, dash, last = part.partition("-")
        start = _day(first, text)
        end = _day(last, text) if dash else start
        found |= {(start + step) % 7 for step in range((end - start) % 7 + 1)}
    return frozenset(found)


def _day(name: str, text: str) -> int:
    if name in NAMES:
        return NAMES.index(name)
    known = (*NAMES, *GROUPS, "mon-fri", "sat,sun", "random", "missed")
    hint = nearest(text.lower(), known) or nearest(name, known)
    raise ScheduleError(f"{text!r:.40} names no days", ALLOWED, hint)


def write_days(days: Days) -> str:
    """Write days as `parse_days` reads them; three or more in a row as 'mon-wed'."""
    if days == EVERY_DAY:
        return "daily"
    parts: list[str] = []
    for run in _runs(days):
        if len(run) < _SHORTEST_RANGE:
            parts += [NAMES[day] for day in run]
        else:
            parts.append(f"{NAMES[run[0]]}-{NAMES[run[-1]]}")
    return ",".join(parts)


def _runs(days: Days) -> list[list[int]]:
    runs: list[list[int]] = []
    for day in sorted(days):
        if runs and runs[-1][-1] == day - 1:
            runs[-1].append(day)
        else:
            runs.append([day])
    return runs

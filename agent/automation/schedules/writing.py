"""A schedule as text: the one way in which it is kept, shown, and sent."""

from functools import lru_cache
from typing import Final, assert_never

from agent.automation.doing import write_doing
from agent.automation.durations import write_duration
from agent.automation.schedules.days import write_days
from agent.automation.schedules.schedule import (
    EVERY_DAY,
    ByCron,
    BySun,
    Cycle,
    Days,
    Missed,
    Once,
    Schedule,
    Weekly,
    When,
)

DISABLED: Final = "disabled "


@lru_cache(maxsize=256)
def write_schedule(schedule: Schedule) -> str:
    """Write it as `parse_schedule` reads it."""
    action = "cycle" if schedule.doing is None else write_doing(schedule.doing)
    words = [action, _when(schedule.when)]
    if schedule.random_s:
        words.append(f"random {write_duration(schedule.random_s)}")
    if schedule.missed is not Missed.OFF:
        words.append(f"missed {schedule.missed.value}")
    text = " ".join(words)
    return text if schedule.is_enabled else DISABLED + text


def _when(when: When) -> str:
    match when:
        case Weekly(minute=minute, days=days):
            return f"at {write_minute(minute)}{_days(days)}"
        case Once(day=day, minute=minute):
            return f"at {day.isoformat()} {write_minute(minute)}"
        case BySun(event=event, offset_s=offset_s, days=days):
            return f"at {event}{_offset(offset_s)}{_days(days)}"
        case ByCron(fields=fields):
            return f"cron {fields}"
        case Cycle():
            return _cycle(when)
        case _:
            assert_never(when)


def write_minute(minute: int) -> str:
    """Write a minute of the day as 'HH:MM'."""
    return f"{minute // 60:02d}:{minute % 60:02d}"


def _cycle(cycle: Cycle) -> str:
    lengths = f"{write_duration(cycle.on_s)}/{write_duration(cycle.off_s)}"
    window = f" {write_minute(cycle.start)}-{write_minute(cycle.end)}"
    return f"{lengths}{window if cycle.start or cycle.end else ''}{_days(cycle.days)}"


def _offset(offset_s: int) -> str:
    if not offset_s:
        return ""
    return f"{'+' if offset_s > 0 else '-'}{write_duration(abs(offset_s))}"


def _days(days: Days) -> str:
    return "" if days == EVERY_DAY else f" {write_days(days)}"

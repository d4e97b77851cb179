"""The times in a schedule's text, one kind each."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final

from cronsim import CronSim, CronSimError

from agent.automation import durations
from agent.automation.schedules.days import GROUPS, NAMES, parse_days
from agent.automation.schedules.errors import ScheduleError
from agent.automation.schedules.schedule import (
    EVERY_DAY,
    ByCron,
    BySun,
    Cycle,
    Days,
    SunEvent,
    Weekly,
)
from agent.settings.names import nearest

TIMES: Final = "HH:MM from 00:00 to 23:59"
SUN: Final[Mapping[str, SunEvent]] = {"sunrise": "sunrise", "sunset": "sunset"}
CYCLES: Final = "10m/20m: so long on, so long off, each 1m to 24h"
CRON_FIELDS: Final = 5
DAY_S: Final = 86_400
MOST_OFFSET_S: Final = 6 * 3600

_TIME: Final = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)", re.ASCII)
_SUN: Final = re.compile(r"([a-z]+)(?:([+-])(\w+))?", re.ASCII)
_FIELD: Final = re.compile(r"[0-9A-Z*,/#-]{1,40}", re.ASCII)
_SOME_TIME: Final = datetime(2000, 1, 1, tzinfo=UTC)


class Words:
    """The words of a text that have not been understood yet."""

    def __init__(self, left: list[str]) -> None:
        self.left = left

    def peek(self) -> str:
        """Tell the next word, '' at the end."""
        return self.left[0] if self.left else ""

    def take(self) -> str:
        """Take the next word, '' at the end."""
        return self.left.pop(0) if self.left else ""


def minute(text: str) -> int:
    """Read a minute of the day from 'HH:MM'."""
    found = _TIME.fullmatch(text)
    if found is None:
        raise ScheduleError(f"{text!r:.40} is no time" if text else "no time", TIMES)
    return int(found.group(1)) * 60 + int(found.group(2))


def duration(text: str, what: str, least_s: int, most_s: int) -> int:
    """Read a duration between two bounds."""
    allowed = f"{durations.write_duration(least_s)} to {durations.write_duration(most_s)}"
    try:
        seconds = durations.parse_duration(text)
    except ValueError as error:
        found = f"{what} {text!r:.40}, which is no duration"
        raise ScheduleError(found, f"{allowed}, such as 15m") from error
    if not least_s <= seconds <= most_s:
        raise ScheduleError(f"{what} {text}", allowed)
    return seconds


def sun_or_weekly(rest: Words) -> Weekly | BySun:
    """Read 'HH:MM [DAYS]' or 'sunset+30m [DAYS]'."""
    text = rest.take()
    found = _SUN.fullmatch(text)
    if found is None:
        return Weekly(minute=minute(text), days=_days(rest))
    name, sign, length = found.groups()
    event = SUN.get(str(name))
    if event is None:
        allowed = f"{TIMES} | a date and a time | sunrise | sunset, +30m or -30m after these"
        raise ScheduleError(f"{text!r:.40} is no time", allowed, nearest(str(name), tuple(SUN)))
    offset_s = duration(str(length), "an offset of", 1, MOST_OFFSET_S) if sign else 0
    offset_s = -offset_s if sign == "-" else offset_s
    return BySun(event=event, offset_s=offset_s, days=_days(rest))


def _days(rest: Words) -> Days:
    return parse_days(rest.take()) if rest.left else EVERY_DAY


def cron(rest: Words) -> ByCron:
    """Read the five fields of cron, and let the library judge them."""
    fields = [field.upper() for field in rest.left[:CRON_FIELDS]]
    allowed = "five fields M H DOM MON DOW, such as `0 7 * * MON-FRI`"
    if len(fields) < CRON_FIELDS or not all(_FIELD.fullmatch(field) for field in fields):
        raise ScheduleError(f"cron {' '.join(fields)!r:.60}", allowed)
    text = " ".join(fields)
    try:
        CronSim(text, _SOME_TIME)
    except CronSimError as error:
        raise ScheduleError(f"cron {text!r:.60}: {str(error).lower()}", allowed) from error
    del rest.left[:CRON_FIELDS]
    return ByCron(fields=text)


def cycle(rest: Words) -> Cycle:
    """Read '10m/20m [HH:MM-HH:MM] [DAYS]'."""
    text = rest.take()
    on, slash, off = text.partition("/")
    if not slash:
        raise ScheduleError(f"cycle {text!r:.40}", CYCLES)
    start = end = 0
    if rest.left and not _is_days(rest.peek()):
        first, dash, last = rest.take().partition("-")
        start = minute(first)
        end = 0 if last == "24:00" else minute(last if dash else "")
    return Cycle(
        on_s=duration(on, "on for", 60, DAY_S),
        off_s=duration(off, "off for", 60, DAY_S),
        start=start,
        end=end,
        days=_days(rest),
    )


def _is_days(word: str) -> bool:
    return word.lower() in GROUPS or word.lower().startswith(NAMES)

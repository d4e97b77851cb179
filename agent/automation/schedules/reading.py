"""A schedule's text, understood: one line, as a person writes it."""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from functools import lru_cache
from typing import Final

from agent.automation import doing as doings
from agent.automation.schedules.errors import ScheduleError
from agent.automation.schedules.schedule import ByCron, Cycle, Missed, Once, Schedule, When
from agent.automation.schedules.times import Words, cron, cycle, duration, minute, sun_or_weekly
from agent.automation.schedules.writing import DISABLED, write_schedule
from agent.settings.names import nearest

LONGEST: Final = 120
"""Characters of a schedule as it is kept, without 'disabled'."""

ALLOWED: Final = (
    "ACTION at HH:MM [DAYS] | ACTION at YYYY-MM-DD HH:MM | ACTION at sunrise|sunset[+30m] [DAYS]"
    " | ACTION cron M H DOM MON DOW | cycle 10m/20m [HH:MM-HH:MM] [DAYS],"
    " and after any: random 15m, missed skip|off|run"
)
ACTIONS: Final = ("on", "off", "toggle", "set", "event", "cycle", "disabled")
MOST_RANDOM_S: Final = 2 * 3600
MOST_RANDOM_CRON_S: Final = 1800
YEARS: Final = range(2000, 2200)

_OPTIONS: Final = ("random", "missed")
_DATE: Final = re.compile(r"(\d{4})-(\d\d)-(\d\d)", re.ASCII)


@lru_cache(maxsize=256)
def parse_schedule(text: str) -> Schedule:
    """Understand one schedule; raise `ScheduleError` that says what is allowed."""
    schedule = _understood(text)
    written = write_schedule(schedule)
    if len(written.removeprefix(DISABLED)) > LONGEST:
        raise ScheduleError(f"a text of {len(written)} characters", f"up to {LONGEST}")
    return schedule


def _understood(text: str) -> Schedule:
    if len(text) > 2 * LONGEST:
        raise ScheduleError(f"a text of {len(text)} characters", f"up to {LONGEST}")
    words = text.split()
    if not all(word.isprintable() for word in words):
        raise ScheduleError("a character that cannot be printed", ALLOWED)
    is_enabled = words[:1] != [DISABLED.strip()]
    words = words if is_enabled else words[1:]
    if not words:
        raise ScheduleError("nothing", ALLOWED)
    words, random_s, missed = _options(words)
    schedule = _cycled(words) if words[:1] == ["cycle"] else _done(words)
    _check_random(schedule.when, random_s)
    return replace(schedule, random_s=random_s, missed=missed, is_enabled=is_enabled)


def _options(words: Sequence[str]) -> tuple[list[str], int, Missed]:
    """Take the options off the end."""
    left, random_s, missed = list(words), 0, Missed.OFF
    seen: set[str] = set()
    while len(left) > 2 and left[-2] in _OPTIONS:
        value, option = left.pop(), left.pop()
        if option in seen:
            raise ScheduleError(f"{option!r} twice", f"{option} once")
        seen.add(option)
        if option == "random":
            random_s = duration(value, "random", 60, MOST_RANDOM_S)
        else:
            missed = _missed(value)
    return left, random_s, missed


def _missed(word: str) -> Missed:
    names = [each.value for each in Missed]
    if word not in names:
        allowed = " | ".join(names)
        raise ScheduleError(f"missed {word!r:.40}", allowed, nearest(word, names))
    return Missed(word)


def _check_random(when: When, random_s: int) -> None:
    """Refuse to move what comes too often for that."""
    if not random_s:
        return
    if isinstance(when, Cycle):
        raise ScheduleError("random beside a cycle", "random after a time of the day")
    if isinstance(when, ByCron):
        if not when.fields.split()[0].isdigit():
            raise ScheduleError("random beside a cron that comes all the time", "one minute")
        if random_s > MOST_RANDOM_CRON_S:
            raise ScheduleError("random of more than 30m beside a cron", "random 1m to 30m")


def _cycled(words: Sequence[str]) -> Schedule:
    rest = Words(list(words[1:]))
    when = cycle(rest)
    _end(rest)
    return Schedule(when=when)


def _done(words: Sequence[str]) -> Schedule:
    """Read an action and the time behind the last 'at' or 'cron'."""
    places = [place for place, word in enumerate(words) if word in ("at", "cron")]
    if not places or not places[-1]:
        raise ScheduleError(f"{' '.join(words)!r:.60} says no time", ALLOWED, _meant(words[0]))
    place = places[-1]
    action, rest = " ".join(words[:place]), Words(list(words[place + 1 :]))
    try:
        doing = doings.parse_doing(action)
    except ValueError as error:
        found = f"{action!r:.60} is nothing that can be done"
        raise ScheduleError(found, doings.ALLOWED, _meant(words[0])) from error
    when = cron(rest) if words[place] == "cron" else _at(rest)
    _end(rest)
    return Schedule(doing=doing, when=when)


def _meant(word: str) -> str:
    return "" if word in ACTIONS else nearest(word, ACTIONS)


def _at(rest: Words) -> When:
    found = _DATE.fullmatch(rest.peek())
    if found is None:
        return sun_or_weekly(rest)
    text = rest.take()
    try:
        day = date(*(int(part) for part in found.groups()))
    except ValueError:
        day = date.min
    if day.year not in YEARS:
        raise ScheduleError(f"{text!r} is no day", "a date such as 2026-12-24") from None
    return Once(day=day, minute=minute(rest.take()))


def _end(rest: Words) -> None:
    if rest.left:
        word = rest.left[0]
        allowed = "nothing more, random 15m, or missed skip|off|run"
        raise ScheduleError(f"{word!r:.40} too many", allowed, nearest(word, _OPTIONS))

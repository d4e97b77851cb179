"""The timers that a cloud may manage, as neutral text: a line for each of its slots."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Final

MOST: Final = 13
"""Slots, each a line; an empty line is a slot that is not used."""
LONGEST: Final = 2048
ALLOWED: Final = (
    "[disabled] on|off at HH:MM daily | mon,tue,… | once,"
    " or [disabled] on|off at YYYY-MM-DD HH:MM | MM-DD HH:MM, and utc+HH:MM behind it"
)

DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
EVERY_DAY: Final = frozenset(range(len(DAYS)))
ONCE: Final = frozenset[int]()

_GROUPS: Final = {
    "": EVERY_DAY,
    "daily": EVERY_DAY,
    "weekdays": frozenset(range(5)),
    "weekends": frozenset((5, 6)),
    "once": ONCE,
}
_LINE: Final = re.compile(
    r"(?P<off>disabled )?(?P<doing>on|off) at "
    r"(?:(?:(?P<year>\d{4})-)?(?P<month>\d\d)-(?P<day>\d\d) )?"
    r"(?P<hour>\d\d):(?P<minute>\d\d)"
    r"(?: (?P<days>[a-z][a-z,-]{0,39}))?"
    r"(?: utc(?P<sign>[+-])(?P<ahead_h>\d\d):(?P<ahead_min>\d\d))?",
    re.ASCII,
)
_HALF_A_YEAR: Final = timedelta(days=182)
_YEARS: Final = 9
"""The 29th of February comes in any nine years."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Timer:
    """Switch on or off at a time of day: on `days` (0 is Monday), or once where there are none.

    `month` and `day` say when that is, `year` of which year; what is left open is the next time.
    `ahead_min`: whose local time is meant, in minutes ahead of UTC; None: the device's.
    """

    on: bool
    hour: int
    minute: int
    days: frozenset[int] = ONCE
    month: int | None = None
    day: int | None = None
    year: int | None = None
    ahead_min: int | None = None
    is_enabled: bool = True


def read_timers(text: str) -> tuple[Timer | None, ...]:
    """Read the slots, None for one that is not used; raise `ValueError` that says what is allowed.

    Slots at the end that are not used are no slots.
    """
    lines = text.split("\n", MOST)
    if len(text) > LONGEST or len(lines) > MOST:
        raise ValueError(f"timers are at most {MOST} lines and {LONGEST} characters")
    slots = [read_timer(line) for line in lines]
    while slots and slots[-1] is None:
        slots.pop()
    return tuple(slots)


def read_timer(text: str) -> Timer | None:
    """Read one line, None for a slot that is not used; raise `ValueError`."""
    line = text.strip()
    if not line:
        return None
    found = _LINE.fullmatch(line)
    if found is None:
        raise _fault(line)
    numbers = {
        name: int(found[name]) if found[name] else None
        for name in ("year", "month", "day", "hour", "minute", "ahead_h", "ahead_min")
    }
    hour, minute = numbers["hour"] or 0, numbers["minute"] or 0
    if hour > 23 or minute > 59:
        raise _fault(line)
    month, day = numbers["month"], numbers["day"]
    if month is None or day is None:
        days = _days(found["days"] or "", line)
    elif found["days"] or not is_date(month, day, numbers["year"]):
        raise _fault(line)
    else:
        days = ONCE
    return Timer(
        on=found["doing"] == "on",
        hour=hour,
        minute=minute,
        days=days,
        month=month,
        day=day,
        year=numbers["year"],
        ahead_min=_read_ahead(found["sign"], numbers["ahead_h"], numbers["ahead_min"]),
        is_enabled=not found["off"],
    )


def write_timers(slots: Iterable[Timer | None]) -> str:
    """Write slots as `read_timers` reads them."""
    lines = ["" if slot is None else write_timer(slot) for slot in slots]
    return "\n".join(lines).rstrip("\n")


def write_timer(timer: Timer) -> str:
    """Write one line; with date, or with days and without an offset, it is a schedule's text."""
    disabled = "" if timer.is_enabled else "disabled "
    doing = "on" if timer.on else "off"
    at = f"{timer.hour:02}:{timer.minute:02}"
    return f"{disabled}{doing} at {_on(timer, at)}{_ahead(timer.ahead_min)}"


def resolved(slots: Sequence[Timer | None], moment: datetime | None) -> tuple[Timer | None, ...]:
    """Give the next date to what happens once, and check whose local time is meant.

    *moment* is now in the device's own time, None while that is not known. Raise `ValueError` for
    what cannot be said in it.
    """
    return tuple(None if slot is None else _resolved(slot, moment) for slot in slots)


def is_date(month: int, day: int, year: int | None = None) -> bool:
    """Tell whether there is such a day, in *year* or in any."""
    try:
        date(2000 if year is None else year, month, day)
    except ValueError:
        return False
    return True


# ── inside ──────────────────────────────────────────────────────────────────────────────────


def _days(text: str, line: str) -> frozenset[int]:
    group = _GROUPS.get(text)
    if group is not None:
        return group
    days: set[int] = set()
    for part in text.split(","):
        first, dash, last = part.partition("-")
        if first not in DAYS or (dash and last not in DAYS):
            raise _fault(line)
        begin, end = DAYS.index(first), DAYS.index(last or first)
        days |= {day % 7 for day in range(begin, end + 1 if end >= begin else end + 8)}
    return frozenset(days)


def _read_ahead(sign: str | None, hours: int | None, minutes: int | None) -> int | None:
    if hours is None or minutes is None:
        return None
    return (hours * 60 + minutes) * (-1 if sign == "-" else 1)


def _on(timer: Timer, at: str) -> str:
    if timer.month is not None and timer.day is not None:
        year = "" if timer.year is None else f"{timer.year:04}-"
        return f"{year}{timer.month:02}-{timer.day:02} {at}"
    if timer.days in (ONCE, EVERY_DAY):
        return f"{at} {'daily' if timer.days else 'once'}"
    return f"{at} {','.join(DAYS[day] for day in sorted(timer.days))}"


def _ahead(minutes: int | None) -> str:
    if minutes is None:
        return ""
    hours, rest = divmod(abs(minutes), 60)
    return f" utc{'-' if minutes < 0 else '+'}{hours:02}:{rest:02}"


def _resolved(timer: Timer, moment: datetime | None) -> Timer:
    is_open = not timer.days and timer.year is None
    if not is_open and timer.ahead_min is None:
        return timer
    if moment is None:
        raise ValueError("the device does not know the time yet; what happens once needs it")
    if timer.ahead_min is not None and timer.ahead_min not in _aheads(moment):
        wanted, own = _ahead(timer.ahead_min)[1:], _ahead(_minutes(moment))[1:]
        raise ValueError(f"{wanted} is not the device's own time, {own} (device.place.timezone)")
    plain = replace(timer, ahead_min=None)
    return _dated(plain, moment) if is_open else plain


def _aheads(moment: datetime) -> set[int]:
    """List how far ahead of UTC the device's time is, now and in the other half of the year."""
    return {_minutes(moment), _minutes(moment + _HALF_A_YEAR)}


def _minutes(moment: datetime) -> int:
    ahead = moment.utcoffset()
    return 0 if ahead is None else int(ahead.total_seconds()) // 60


def _dated(timer: Timer, moment: datetime) -> Timer:
    at, now = time(timer.hour, timer.minute), moment.replace(tzinfo=None)
    days = _days_of(timer.month, timer.day, now.date())
    day = min(day for day in days if datetime.combine(day, at) > now)
    return replace(timer, year=day.year, month=day.month, day=day.day)


def _days_of(month: int | None, day: int | None, today: date) -> Sequence[date]:
    if month is None or day is None:
        return (today, today + timedelta(days=1))
    years = range(today.year, today.year + _YEARS)
    return [date(year, month, day) for year in years if is_date(month, day, year)]


def _fault(line: str) -> ValueError:
    return ValueError(f"{line!r:.80} is no timer; allowed: {ALLOWED}")

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.automation.timers import (
    EVERY_DAY,
    LONGEST,
    MOST,
    ONCE,
    Timer,
    is_date,
    read_timers,
    resolved,
    write_timer,
    write_timers,
)

SHANGHAI, BERLIN = ZoneInfo("Asia/Shanghai"), ZoneInfo("Europe/Berlin")
NOON = datetime(2026, 11, 27, 12, 0, tzinfo=SHANGHAI)


def one(text):
    (timer,) = read_timers(text)
    return timer


@pytest.mark.parametrize(
    ("text", "timer", "again"),
    [
        ("on at 07:30 mon,tue", Timer(on=True, hour=7, minute=30, days=frozenset({0, 1})), None),
        (
            "off at 07:30 mon-wed",
            Timer(on=False, hour=7, minute=30, days=frozenset({0, 1, 2})),
            "off at 07:30 mon,tue,wed",
        ),
        (
            "off at 07:30 sat-mon,wed",
            Timer(on=False, hour=7, minute=30, days=frozenset({5, 6, 0, 2})),
            "off at 07:30 mon,wed,sat,sun",
        ),
        (
            "on at 07:30 weekends",
            Timer(on=True, hour=7, minute=30, days=frozenset({5, 6})),
            "on at 07:30 sat,sun",
        ),
        ("on at 00:00", Timer(on=True, hour=0, minute=0, days=EVERY_DAY), "on at 00:00 daily"),
        (
            "disabled on at 23:59 daily",
            Timer(on=True, hour=23, minute=59, days=EVERY_DAY, is_enabled=False),
            None,
        ),
        ("on at 07:30 once", Timer(on=True, hour=7, minute=30), None),
        ("on at 02-29 07:30", Timer(on=True, hour=7, minute=30, month=2, day=29), None),
        (
            "on at 2028-02-29 07:30",
            Timer(on=True, hour=7, minute=30, month=2, day=29, year=2028),
            None,
        ),
        (
            "on at 07:30 once utc-03:30",
            Timer(on=True, hour=7, minute=30, ahead_min=-210),
            None,
        ),
        (
            "on at 07:30 sun utc+08:00",
            Timer(on=True, hour=7, minute=30, days=frozenset({6}), ahead_min=480),
            None,
        ),
    ],
)
def test_a_timer_is_read_and_written(text, timer, again):
    assert one(text) == timer
    assert write_timer(timer) == (again or text)


@pytest.mark.parametrize(
    "line",
    [
        "toggle at 07:30 daily",
        "on at 7:30 daily",
        "on at 24:00 daily",
        "on at 07:60 daily",
        "on at 07:30 mon,,tue",
        "on at 07:30 mo",
        "on at 07:30 mon-x",
        "on at 02-30 07:30",
        "on at 2027-02-29 07:30",
        "on at 02-28 07:30 mon",
        "on at 07:30 daily utc8",
        "on at sunrise",
        "cron 1 2 * * *",
        "on at 07:30 daily\x00",
    ],
)
def test_anything_else_says_what_is_allowed(line):
    with pytest.raises(ValueError, match=r"is no timer; allowed: \[disabled\] on\|off at"):
        read_timers(line)


def test_a_line_is_a_slot_and_an_empty_line_is_one_that_is_not_used():
    slots = read_timers("\non at 07:30 mon\n\n")
    assert (len(slots), slots[0], slots[1].hour) == (2, None, 7)
    assert write_timers(slots) == "\non at 07:30 mon"
    assert read_timers("") == ()
    assert write_timers((None, None)) == ""


def test_there_are_so_many_slots_and_characters_and_no_more():
    full = "\n".join(["on at 07:30 mon"] * MOST)
    assert len(read_timers(full)) == MOST
    for text in (f"{full}\non at 07:30 mon", " " * (LONGEST + 1), "\n" * MOST):
        with pytest.raises(ValueError, match="at most 13 lines and 2048 characters"):
            read_timers(text)


def test_the_longest_slots_there_can_be_fit():
    longest = "disabled off at 07:30 mon,tue,wed,thu,fri,sat utc+08:00"
    assert len("\n".join([longest] * MOST)) < LONGEST


def when(text, moment):
    return write_timers(resolved(read_timers(text), moment))


@pytest.mark.parametrize(
    ("text", "dated"),
    [
        ("on at 12:01 once", "on at 2026-11-27 12:01"),
        ("on at 12:00 once", "on at 2026-11-28 12:00"),
        ("off at 00:00 once", "off at 2026-11-28 00:00"),
        ("on at 11-27 12:01", "on at 2026-11-27 12:01"),
        ("on at 11-27 12:00", "on at 2027-11-27 12:00"),
        ("on at 02-29 07:30", "on at 2028-02-29 07:30"),
        ("disabled on at 12:01 once utc+08:00", "disabled on at 2026-11-27 12:01"),
        ("on at 2020-01-01 00:00", "on at 2020-01-01 00:00"),
        ("on at 07:30 mon utc+08:00", "on at 07:30 mon"),
        ("\non at 07:30 mon", "\non at 07:30 mon"),
    ],
)
def test_what_happens_once_gets_its_date(text, dated):
    assert when(text, NOON) == dated
    assert when(dated, NOON) == dated


def test_a_leap_day_is_found_over_a_century_that_has_none():
    assert when("on at 02-29 07:30", datetime(2096, 3, 1, tzinfo=UTC)) == "on at 2104-02-29 07:30"


def test_other_peoples_time_is_refused_and_both_halves_of_a_year_are_ones_own():
    winter = datetime(2026, 11, 27, 12, 0, tzinfo=BERLIN)
    for offset in ("utc+01:00", "utc+02:00"):
        assert when(f"on at 07:30 mon {offset}", winter) == "on at 07:30 mon"
    with pytest.raises(ValueError, match=r"utc\+08:00 is not the device's own time, utc\+01:00"):
        when("on at 07:30 mon utc+08:00", winter)
    with pytest.raises(ValueError, match=r"not the device's own time, utc\+00:00"):
        when("on at 07:30 mon utc+08:00", datetime(2026, 1, 1))  # noqa: DTZ001 - no zone at all


def test_without_a_clock_only_what_needs_none_can_be_said():
    assert when("on at 07:30 mon\non at 2027-01-01 00:00", None).startswith("on at 07:30 mon")
    for text in ("on at 07:30 once", "on at 01-01 07:30", "on at 07:30 mon utc+08:00"):
        with pytest.raises(ValueError, match="does not know the time yet"):
            when(text, None)


dates = st.dates().map(lambda day: {"month": day.month, "day": day.day, "year": day.year})
timers = st.builds(
    lambda fixed, when: Timer(**fixed, **when),
    st.fixed_dictionaries(
        {
            "on": st.booleans(),
            "hour": st.integers(0, 23),
            "minute": st.integers(0, 59),
            "is_enabled": st.booleans(),
            "ahead_min": st.none() | st.integers(-14 * 60, 14 * 60),
        }
    ),
    st.one_of(
        st.frozensets(st.integers(0, 6)).map(lambda days: {"days": days}),
        dates,
        dates.map(lambda each: {**each, "year": None}),
    ),
)


@given(st.lists(timers | st.none(), max_size=MOST))
def test_what_is_written_reads_back(slots):
    text = write_timers(slots)
    again = read_timers(text)
    assert write_timers(again) == text
    assert again == tuple(slots)[: len(again)]
    assert not any(slots[len(again) :])


@given(st.text(max_size=80) | st.text(alphabet="onfdisabled at0123:-mon,tue\nutc+", max_size=80))
def test_any_text_is_timers_or_a_reason(text):
    with suppress(ValueError):
        slots = read_timers(text)
        assert read_timers(write_timers(slots)) == slots


@given(timers, st.integers(946_684_800, 6_900_000_000))
def test_a_date_that_is_found_is_the_next_one(timer, wall_time):
    moment = datetime.fromtimestamp(wall_time, UTC)
    try:
        (found,) = resolved((timer,), moment)
    except ValueError:
        assert timer.ahead_min
        return
    assert found.ahead_min is None
    if timer.days != ONCE or timer.year is not None:
        return
    at = datetime(found.year, found.month, found.day, found.hour, found.minute, tzinfo=UTC)
    assert at > moment
    assert (found.on, found.is_enabled) == (timer.on, timer.is_enabled)
    if timer.month is None:
        assert at - moment <= timedelta(days=1)
    else:
        assert (found.month, found.day) == (timer.month, timer.day)


def test_a_date_is_one_of_the_calendar():
    assert is_date(2, 29)
    assert not is_date(2, 29, 2027)
    assert not is_date(13, 1)
    assert not is_date(1, 1, 0)

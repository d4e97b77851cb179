"""The text of a schedule: what is understood, how it is kept, and what is said of the rest."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.automation.doing import Assign, Switch, Tell
from agent.automation.schedules import ScheduleError, parse_schedule, write_schedule
from agent.automation.schedules.days import parse_days, write_days
from agent.automation.schedules.schedule import (
    ByCron,
    BySun,
    Cycle,
    Missed,
    Once,
    Schedule,
    Weekly,
)
from tests.automation.schedules.drawn import SCHEDULES

MON_FRI = frozenset(range(5))


@pytest.mark.parametrize(
    ("text", "schedule"),
    [
        ("on at 07:00", Schedule(doing=Switch(on=True), when=Weekly(minute=420))),
        (
            "off at 23:59 mon-fri",
            Schedule(doing=Switch(on=False), when=Weekly(minute=1439, days=MON_FRI)),
        ),
        (
            "toggle at 2026-12-24 18:00",
            Schedule(doing=Switch(on=None), when=Once(day=date(2026, 12, 24), minute=1080)),
        ),
        (
            "event dusk at sunset-10m sat,sun",
            Schedule(
                doing=Tell(name="dusk"),
                when=BySun(event="sunset", offset_s=-600, days=frozenset({5, 6})),
            ),
        ),
        (
            "set count_down = 600 at sunrise+1h30m missed run",
            Schedule(
                doing=Assign(name="count_down", value=600),
                when=BySun(event="sunrise", offset_s=5400),
                missed=Missed.RUN,
            ),
        ),
        (
            "on cron 0 7 1-7 * MON#1",
            Schedule(doing=Switch(on=True), when=ByCron(fields="0 7 1-7 * MON#1")),
        ),
        (
            "cycle 10m/20m 22:00-06:00 mon-fri missed skip",
            Schedule(
                when=Cycle(on_s=600, off_s=1200, start=1320, end=360, days=MON_FRI),
                missed=Missed.SKIP,
            ),
        ),
        (
            "disabled on at 07:00 random 15m",
            Schedule(
                doing=Switch(on=True), when=Weekly(minute=420), random_s=900, is_enabled=False
            ),
        ),
        (
            "set note = look at 5 at 07:00",
            Schedule(doing=Assign(name="note", value="look at 5"), when=Weekly(minute=420)),
        ),
    ],
)
def test_a_schedule_is_read_and_written_the_same(text, schedule):
    assert parse_schedule(text) == schedule
    assert write_schedule(schedule) == text


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("  on   at 7:05  daily ", "on at 07:05"),
        ("on at 07:00 weekdays", "on at 07:00 mon-fri"),
        ("on at 07:00 weekends", "on at 07:00 sat,sun"),
        ("on at 11:10 TUE,mon", "on at 11:10 mon,tue"),
        ("on at 07:00 fri-mon", "on at 07:00 mon,fri-sun"),
        ("on at 07:00 mon-sun", "on at 07:00"),
        ("on at 07:00 missed off", "on at 07:00"),
        ("on at 07:00 missed run random 90s", "on at 07:00 random 1m30s missed run"),
        ("on cron 0 7 * * mon-fri", "on cron 0 7 * * MON-FRI"),
        ("on cron 5 7 * * * random 30m", "on cron 5 7 * * * random 30m"),
        ("cycle 60s/1h 00:00-24:00", "cycle 1m/1h"),
        ("cycle 10m/20m 18:00-24:00", "cycle 10m/20m 18:00-00:00"),
        ("cycle 10m/20m sat", "cycle 10m/20m sat"),
    ],
)
def test_it_is_kept_in_one_way(text, written):
    assert write_schedule(parse_schedule(text)) == written


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "nothing; allowed: ACTION at HH:MM"),
        ("disabled", "nothing; allowed: ACTION"),
        ("on", "'on' says no time; allowed: ACTION at HH:MM"),
        ("onn at 07:00", "'onn' is nothing that can be done; allowed: on | off"),
        ("togle at 07:00", "did you mean 'toggle'?"),
        ("cicle 10m/20m", "did you mean 'cycle'?"),
        ("at 07:00", "'at 07:00' says no time"),
        ("on at", "no time; allowed: HH:MM from 00:00 to 23:59"),
        ("on at 24:00", "'24:00' is no time; allowed: HH:MM"),
        ("on at 7", "'7' is no time"),
        ("on at 07:00 mon-fry", "'mon-fry' names no days; allowed: daily"),
        ("on at 07:00 mon-fry", "did you mean 'mon-fri'?"),
        ("on at 07:00 missd run", "did you mean 'missed'?"),
        ("on at 07:00 mon radnom 5m", "'radnom' too many; allowed: nothing more"),
        ("on at sunris", "did you mean 'sunrise'?"),
        ("on at sunset+7h", "an offset of 7h; allowed: 1s to 6h"),
        ("on at sunset+x", "an offset of 'x', which is no duration"),
        ("on at 2026-02-30 07:00", "'2026-02-30' is no day; allowed: a date"),
        ("on at 1999-01-01 07:00", "'1999-01-01' is no day"),
        ("on at 2026-12-24", "no time; allowed"),
        ("on at 2026-12-24 18:00 mon", "'mon' too many"),
        ("on at 07:00 missed runn", "missed 'runn'; allowed: skip | off | run; did you mean"),
        ("on at 07:00 missed run missed run", "'missed' twice; allowed: missed once"),
        ("on at 07:00 random 3h", "random 3h; allowed: 1m to 2h"),
        ("on at 07:00 random 30s", "random 30s; allowed: 1m to 2h"),
        ("on cron 0 7 * *", "allowed: five fields M H DOM MON DOW"),
        ("on cron 0 7 ? * *", "allowed: five fields"),
        ("on cron 61 7 * * *", "cron '61 7 * * *': bad minute"),
        ("on cron 0 0 31 2 *", "bad day-of-month"),
        ("on cron * * * * * random 5m", "random beside a cron that comes all the time"),
        ("on cron 0 * * * * random 45m", "allowed: random 1m to 30m"),
        ("cycle 10m", "cycle '10m'; allowed: 10m/20m"),
        ("cycle 59s/10m", "on for 59s; allowed: 1m to 1d"),
        ("cycle 10m/25h", "off for 25h; allowed: 1m to 1d"),
        ("cycle 10m/20m 22:00", "no time; allowed"),
        ("cycle 10m/20m 22:00-25:00", "'25:00' is no time"),
        ("cycle 10m/20m random 5m", "random beside a cycle; allowed: random after a time"),
        ("on at 07:00 \0", "a character that cannot be printed"),
        ("on at 07:00" + " " * 300, "a text of 311 characters; allowed: up to 120"),
        ("set note = " + "x" * 80 + " at 2026-12-24 18:00 random 15m missed run", "up to 120"),
        ("set note =  at 07:00", "is nothing that can be done"),
    ],
)
def test_anything_else_says_what_was_found_and_what_is_allowed(text, says):
    with pytest.raises(ScheduleError) as caught:
        parse_schedule(text)
    assert says in str(caught.value)


@pytest.mark.parametrize("text", ["daily", "mon", "mon,tue", "mon-wed", "tue,thu-sat"])
def test_days_are_written_as_they_are_read(text):
    assert write_days(parse_days(text)) == text


@given(SCHEDULES)
def test_what_is_written_is_read_again(schedule):
    assert parse_schedule(write_schedule(schedule)) == schedule


WORDS = st.sampled_from(
    [
        *("disabled", "on", "off", "toggle", "set", "event", "x", "=", "1", "at", "cron", "cycle"),
        *("07:00", "2026-12-24", "sunset+10m", "mon-fri", "random", "missed", "run", "10m"),
        *("10m/20m", "22:00-06:00", "*", "5", "MON#2", "L", "LW", "*/7", "1-5", "5L", "#"),
    ]
)


@given(st.one_of(st.text(max_size=130), st.lists(WORDS, max_size=12).map(" ".join)))
def test_any_text_is_a_schedule_or_says_why_not(text):
    try:
        schedule, said = parse_schedule(text), ""
    except ScheduleError as error:
        schedule, said = None, str(error)
    if schedule is None:
        assert "allowed: " in said
    else:
        assert parse_schedule(write_schedule(schedule)) == schedule

"""Night is by local time, over midnight and over the days on which the clock changes."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.automation.local_time import LocalTime
from agent.devices.night import Span, night

BERLIN = ZoneInfo("Europe/Berlin")
OFFSET = 1_700_000_000.0


def at(text: str, fold: int = 0, zone: ZoneInfo = BERLIN) -> float:
    """Give the monotonic second of a local time."""
    moment = datetime.fromisoformat(text).replace(tzinfo=zone, fold=fold)
    return moment.timestamp() - OFFSET


def span(now: float, begins: str = "22:00", ends: str = "07:00") -> Span:
    return night(LocalTime(offset=OFFSET, zone="Europe/Berlin"), begins, ends, now)


@pytest.mark.parametrize(
    ("now", "is_night", "until"),
    [
        ("2026-05-10T21:59:59", False, "2026-05-10T22:00"),
        ("2026-05-10T22:00:00", True, "2026-05-11T07:00"),
        ("2026-05-11T00:00:00", True, "2026-05-11T07:00"),
        ("2026-05-11T06:59:59", True, "2026-05-11T07:00"),
        ("2026-05-11T07:00:00", False, "2026-05-11T22:00"),
    ],
)
def test_a_night_goes_over_midnight(now, is_night, until):
    assert span(at(now)) == Span(is_night=is_night, until=at(until))


def test_a_night_may_lie_within_a_day():
    assert span(at("2026-05-10T13:30"), "13:00", "15:00") == (True, at("2026-05-10T15:00"))
    assert span(at("2026-05-10T15:00"), "13:00", "15:00") == (False, at("2026-05-11T13:00"))


def test_an_unknown_time_is_day():
    assert night(LocalTime(offset=None, zone="UTC"), "00:00", "23:59", 5.0) == (False, None)


def test_a_night_is_an_hour_shorter_or_longer_where_the_clock_changes():
    assert span(at("2026-03-28T22:00")) == (True, at("2026-03-29T07:00"))
    assert at("2026-03-29T07:00") - at("2026-03-28T22:00") == 8 * 3600
    assert span(at("2026-10-24T22:00")) == (True, at("2026-10-25T07:00"))
    assert at("2026-10-25T07:00") - at("2026-10-24T22:00") == 10 * 3600


def test_a_beginning_that_the_day_lacks_comes_an_hour_later():
    begins = at("2026-03-29T03:30")
    assert span(at("2026-03-29T03:29"), "02:30", "07:00") == (False, begins)
    assert span(begins, "02:30", "07:00") == (True, at("2026-03-29T07:00"))


def test_of_a_beginning_that_comes_twice_the_first_counts():
    assert span(at("2026-10-25T02:29"), "02:30", "07:00").is_night is False
    assert span(at("2026-10-25T02:30"), "02:30", "07:00").is_night
    assert span(at("2026-10-25T02:10", fold=1), "02:30", "07:00").is_night


@given(
    now=st.floats(0, 2e8),
    begins=st.times().map("{:%H:%M}".format),
    ends=st.times().map("{:%H:%M}".format),
    zone=st.sampled_from(["UTC", "Asia/Shanghai", "Europe/Berlin", "Australia/Lord_Howe"]),
)
def test_it_always_ends_later_than_now_and_within_two_days(now, begins, ends, zone):
    if begins == ends:
        return
    local = LocalTime(offset=OFFSET, zone=zone)
    found = night(local, begins, ends, now)
    assert found.until is not None
    assert now < found.until <= now + 49 * 3600
    assert night(local, begins, ends, found.until).is_night is not found.is_night


def test_in_the_last_moment_before_a_change_it_still_lies_ahead():
    change = at("2026-05-10T22:00")
    for early_s in (1e-3, 1e-6, 1e-7, 1e-8):
        found = span(change - early_s)
        assert found.until is not None
        assert found.until > change - early_s


@pytest.mark.parametrize("begins", ["02:00", "02:30"])
def test_a_night_that_a_clock_change_leaves_nothing_of_does_not_last_the_whole_day(begins):
    found = span(at("2026-03-29T12:00"), begins, "03:00")
    assert found == (False, at(f"2026-03-30T{begins}"))

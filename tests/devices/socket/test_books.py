"""The books: every millijoule belongs to one day and one month, whatever the clock does."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.devices.effects import Record
from agent.devices.inputs import Dated, SetTotal
from agent.devices.socket.books import Books, turned
from tests.devices.socket.bench import LOCAL, Bench


def test_a_day_that_ends_is_closed_and_becomes_yesterday():
    books = Books(day="2026-11-26", day_base_mj=100, month_base_mj=40)
    after, rows = turned(books, 250, "2026-11-27")
    assert after == Books(day="2026-11-27", day_base_mj=250, yesterday_mj=150, month_base_mj=40)
    assert rows == (("day", {"day": "2026-11-26", "used_mj": 150, "total_mj": 250}),)


def test_a_month_that_ends_is_closed_with_its_last_day():
    books = Books(day="2026-11-30", day_base_mj=100, month_base_mj=40)
    after, rows = turned(books, 250, "2026-12-01")
    assert (after.last_month_mj, after.month_base_mj) == (210, 250)
    assert [name for name, _ in rows] == ["day", "month"]


def test_the_same_day_changes_nothing():
    books = Books(day="2026-11-26")
    assert turned(books, 5, "2026-11-26") == (books, ())


@pytest.mark.parametrize(
    ("day", "note"),
    [("2026-11-29", "no day was seen until 2026-11-29"), ("2026-11-20", "the clock went back")],
)
def test_days_that_are_missing_or_come_twice_are_told(day, note):
    after, rows = turned(Books(day="2026-11-26"), 250, day)
    assert note in rows[0][1]["note"]
    assert after.yesterday_mj == 0


def test_what_was_counted_without_a_clock_belongs_to_the_first_day_that_is_known():
    after, rows = turned(Books(), 250, "2026-11-26")
    assert (after.day, after.day_base_mj) == ("2026-11-26", 0)
    assert rows == (("dated", {"day": "2026-11-26", "used_mj": 250}),)
    assert turned(Books(), 0, "2026-11-26")[1] == ()


@given(st.lists(st.tuples(st.integers(0, 10**9), st.dates().map(str)), max_size=40))
def test_the_days_add_up_to_the_total(steps):
    books, total_mj, closed_mj = Books(), 0, 0
    for used_mj, day in steps:
        total_mj += used_mj
        books, rows = turned(books, total_mj, day)
        closed_mj += sum(row["used_mj"] for name, row in rows if name == "day")
    assert closed_mj + total_mj - books.day_base_mj == total_mj


def test_a_day_is_closed_in_the_journal_and_saved():
    bench = Bench()
    bench.give(Dated(day="2026-11-26"))
    bench.switch_on()
    bench.run(60, 3.9, 900)
    before_mj = bench.state.energy.total_mj
    effects = bench.give(Dated(day="2026-11-27"))
    (row,) = [effect for effect in effects if isinstance(effect, Record)]
    assert (row.topic, row.name, row.details["used_mj"]) == ("energy", "day", before_mj)
    assert bench.state.handed.total_mj == before_mj
    assert bench.give(Dated(day="2026-11-27")) == ()


def test_a_person_sets_what_is_shown_and_the_pulses_stay_what_they_are():
    bench = Bench()
    bench.switch_on()
    bench.run(60, 3.9, 900)
    total_mj = bench.state.energy.total_mj
    event = SetTotal(energy_mj=5_000_000_000, reason="old meter", origin=LOCAL)
    (row,) = [each for each in bench.give(event) if isinstance(each, Record)]
    assert row.details["reason"] == "old meter"
    assert row.details["by"] == "local maker"
    assert (row.details["from_mj"], row.details["to_mj"]) == (total_mj, 5_000_000_000)
    assert bench.state.energy.total_mj == total_mj
    snapshot = bench.device.thing.snapshot(bench.state, bench.now)
    assert snapshot["total_energy"] == pytest.approx(5e9 / 3.6e9, abs=0.001)


def test_a_clock_that_goes_back_over_midnight_loses_no_yesterday():
    books = Books(day="2026-12-01", day_base_mj=100, yesterday_mj=77, last_month_mj=55)
    assert turned(books, 150, "2026-11-30") == (books, ())
    assert turned(books, 160, "2026-12-01") == (books, ())

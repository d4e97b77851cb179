"""A rule, step by step."""

from datetime import UTC, datetime

import pytest

from agent.automation.local_time import LocalTime
from agent.automation.rules.grammar import parse_rule
from agent.automation.rules.stepping import hold
from tests.automation.rules.running import Run, at

# ── holding ─────────────────────────────────────────────────────────────────────────────────


def test_it_fires_at_the_moment_at_which_it_has_held_for_so_long():
    run = Run("when p < 5 for 10m: off")
    run.step(p=3)
    run.wait(1000)
    assert run.fired == [600.0]


def test_a_break_makes_the_time_start_anew():
    run = Run("when p < 5 for 10m: off")
    run.step(p=3)
    run.wait(599)
    run.step(p=6)
    run.step(p=3)
    run.wait(599)
    assert run.fired == []
    run.wait(2)
    assert run.fired == [1199.0]


def test_a_value_that_is_not_known_is_a_break_and_re_arms_nothing():
    run = Run("when p < 5 for 10m: off")
    run.step(p=3)
    run.wait(500)
    run.step(p=None)
    run.step(p=3)
    run.wait(500)
    assert run.fired == []
    run.wait(101)
    assert run.fired == [1100.0]
    run.step(p=None)
    run.step(p=3)
    run.wait(10_000)
    assert run.fired == [1100.0]


def test_it_fires_once_until_its_conditions_have_been_false():
    run = Run("when p < 5: off")
    assert run.step(p=3)
    run.wait(1000)
    assert not run.step(p=2)
    assert not run.step(p=9)
    assert run.step(p=3)
    assert run.fired == [0.0, 1000.0]


def test_what_is_surely_false_re_arms_whatever_else_is_unknown():
    run = Run("when p < 5 and q == on: off")
    run.step(p=3, q=True)
    run.wait(100)
    run.step(p=None, q=False)
    run.step(p=3, q=True)
    assert run.fired == [0.0, 100.0]


@pytest.mark.parametrize(
    ("text", "value", "verdict"),
    [
        ("a < 5", 5, False),
        ("a <= 5", 5.0, True),
        ("a > 5", 5, False),
        ("a >= 5", 5, True),
        ("a == 5", 5.0, True),
        ("a != 5", 4, True),
        ("a == on", True, True),
        ("a == off", True, False),
        ('a == "x"', "x", True),
        ('a != "x"', 5, True),
        ('a == "x"', 5, False),
        ("a == 5", "5", False),
        ("a == 5", None, None),
        ("a < 5 and b < 5", 3, None),
        ("a < 5 and b < 5", 7, False),
        ("b < 5 and a < 5", 7, False),
    ],
)
def test_a_value_is_compared_as_it_is_written(text, value, verdict):
    assert hold(parse_rule(f"when {text}: on"), {"a": value}) is verdict


# ── after ───────────────────────────────────────────────────────────────────────────────────


def test_what_must_come_before_is_remembered():
    run = Run("when p < 5 for 10m after > 30: off")
    run.step(p=3)
    run.wait(2000)
    assert run.fired == []
    run.step(p=31)
    run.step(p=20)
    run.wait(500)
    run.step(p=4)
    run.wait(1000)
    assert run.fired == [3100.0]


def test_after_firing_it_must_come_again():
    run = Run("when p < 5 after > 30: off")
    run.step(p=31)
    run.step(p=3)
    run.wait(100)
    run.step(p=20)
    run.step(p=3)
    assert run.fired == [0.0]
    run.step(p=31)
    run.step(p=3)
    assert run.fired == [0.0, 100.0]


def test_what_must_come_before_may_have_to_hold():
    run = Run("when p < 5 after > 30 for 1m: off")
    run.step(p=31)
    run.wait(59)
    run.step(p=3)
    assert run.fired == []
    run.step(p=31)
    run.wait(60)
    run.step(p=3)
    assert run.fired == [119.0]


def test_both_may_be_about_other_values_and_hold_at_once():
    run = Run("when p < 5 after q > 30 for 1m: off")
    run.step(p=3, q=31)
    run.wait(100)
    assert run.fired == [60.0]


@pytest.mark.parametrize("what", ["off", "barred"])
def test_switched_off_or_tripped_it_forgets_what_came_before(what):
    run = Run("when p < 5 after > 30: off")
    run.step(p=31)
    run.is_on, run.is_barred = what != "off", what == "barred"
    run.step(p=31)
    run.is_on, run.is_barred = True, False
    run.step(p=3)
    assert run.fired == []
    run.step(p=31)
    run.step(p=3)
    assert run.fired == [0.0]


def test_where_nothing_tells_whether_it_is_on_it_is_armed():
    run = Run("when p < 5 after > 30: event x")
    run.is_on = None
    run.step(p=31)
    assert run.step(p=3)


# ── barred ──────────────────────────────────────────────────────────────────────────────────


def test_behind_a_trip_nothing_fires_and_no_time_counts():
    run = Run("when p < 5 for 1m: off")
    run.step(p=3)
    run.wait(50)
    run.is_barred = True
    run.step(p=3)
    run.wait(1000)
    assert run.fired == []
    run.is_barred = False
    run.step(p=3)
    run.wait(100)
    assert run.fired == [1110.0]


# ── between ─────────────────────────────────────────────────────────────────────────────────


def test_it_fires_when_its_part_of_the_day_begins():
    run = Run("when p < 5 for 10m between 23:00 and 06:00: off", at("12:00"))
    run.step(p=3)
    run.wait(4 * 3600)
    (fired,) = run.fired
    assert fired == pytest.approx(3 * 3600, abs=0.01)


def test_what_has_held_long_enough_within_its_part_of_the_day_fires_at_once():
    run = Run("when p < 5 for 10m between 12:00 and 20:00: off", at("04:00"))
    run.step(p=3)
    run.wait(700)
    assert run.fired == [600.0]


@pytest.mark.parametrize(
    ("text", "start", "is_open"),
    [
        ("23:00 and 06:00", "16:00", True),
        ("23:00 and 06:00", "14:59", False),
        ("23:00 and 06:00", "15:00", True),
        ("23:00 and 06:00", "22:00", False),
        ("08:00 and 12:00", "00:00", True),
        ("08:00 and 12:00", "04:00", False),
        ("08:00 and 12:00", "23:59", False),
    ],
)
def test_a_part_of_the_day_is_local_and_may_pass_midnight(text, start, is_open):
    run = Run(f"when p < 5 between {text}: off", at(start))
    assert run.step(p=3) is is_open


def test_while_the_time_is_not_known_no_part_of_the_day_is_open():
    run = Run("when p < 5 between 00:00 and 23:59: off")
    run.step(p=3)
    run.wait(100_000)
    assert run.fired == []
    run.local = at("12:00")
    assert run.step(p=3)


def test_a_part_of_the_day_opens_again_the_next_day():
    run = Run("when p < 5 between 20:00 and 20:01: off", at("12:02"))
    run.step(p=3)
    run.wait(25 * 3600)
    (fired,) = run.fired
    assert fired == pytest.approx(86_400 - 120, abs=0.01)


@pytest.mark.parametrize("start", ["02:30", "03:00", "01:30"])
@pytest.mark.parametrize(("month", "day"), [(3, 29), (10, 25)])
def test_daylight_saving_time_makes_no_timer_spin(start, month, day):
    moment = datetime(2026, month, day - 1, 22, 0, tzinfo=UTC)
    run = Run(
        f"when p < 5 between {start} and 05:00: off",
        LocalTime(offset=moment.timestamp(), zone="Europe/Berlin"),
    )
    run.step(p=3)
    run.wait(6 * 3600)
    assert len(run.fired) == 1

"""A value is reported when it moved far enough, not too often, and not too seldom."""

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.reporting import (
    RETOLD_S,
    Policy,
    Reported,
    Sight,
    due,
    forgotten,
    is_change,
    next_due,
    reported,
    retold,
)
from agent.settings.change import Change, parse_change

POLICY = Policy(
    min_interval_s=5,
    max_interval_s=300,
    changes={
        "voltage": parse_change("2%"),
        "active_power": parse_change("10% or 3"),
        "total_energy": parse_change(0.01),
    },
)


def sight(*, power_switch=True, voltage=230.0, active_power=60.0, version=None):
    return Sight(
        snapshot={
            "power_switch": power_switch,
            "voltage": voltage,
            "active_power": active_power,
            "count_down": 30,
        },
        versions={"count_down": version},
    )


def after_first(now=100.0):
    first = sight()
    values = due(Reported(), first, POLICY, now)
    return reported(Reported(), values, first, now)


def test_everything_known_is_reported_first_and_the_unknown_left_out():
    values = due(Reported(), sight(voltage=None), POLICY, 100.0)
    assert values == {"power_switch": True, "active_power": 60.0, "count_down": 30}


@pytest.mark.parametrize(
    ("voltage", "power", "is_due"),
    [(234.0, 60.0, False), (234.6, 60.0, True), (230.0, 62.9, False), (230.0, 63.0, True)],
)
def test_a_change_counts_from_its_bound_on(voltage, power, is_due):
    values = due(after_first(), sight(voltage=voltage, active_power=power), POLICY, 200.0)
    assert bool(values) is is_due


def test_a_measured_value_waits_for_the_minimum_interval_and_is_then_due_by_time():
    last = after_first(100.0)
    changed = sight(active_power=900.0)
    assert due(last, changed, POLICY, 104.9) == {}
    assert next_due(last, changed, POLICY, 101.0) == 105.0
    assert due(last, changed, POLICY, 105.0) == {"active_power": 900.0}


def test_a_switch_is_due_at_once_and_takes_what_else_differs_with_it():
    values = due(after_first(100.0), sight(power_switch=False, active_power=0.0), POLICY, 100.1)
    assert values == {"power_switch": False, "active_power": 0.0}


def test_a_change_without_a_bound_is_every_change():
    policy = replace(POLICY, changes={"voltage": Change()})
    last = after_first(100.0)
    assert "voltage" in due(last, sight(voltage=230.1), policy, 200.0)


def test_a_countdown_is_told_when_it_is_set_not_each_second():
    last = after_first(100.0)
    assert due(last, sight(version=None), POLICY, 160.0) == {}
    assert "count_down" in due(last, sight(version=1234.5), POLICY, 100.2)


def test_everything_is_reported_again_after_the_maximum_interval():
    last = after_first(100.0)
    assert next_due(last, sight(), POLICY, 101.0) == 400.0
    assert set(due(last, sight(), POLICY, 400.0)) == set(sight().snapshot)


def test_a_value_that_is_known_again_is_reported_when_it_differs():
    last = after_first(100.0)
    assert due(last, sight(voltage=None), POLICY, 150.0) == {}
    assert due(last, sight(voltage=240.0), POLICY, 160.0) == {"voltage": 240.0}


@given(st.lists(st.floats(0, 3000), min_size=1, max_size=60))
def test_no_pattern_of_power_is_reported_more_often_than_the_minimum_interval(powers):
    last, times = Reported(), []
    for second, power in enumerate(powers):
        now_sight = sight(active_power=power)
        values = due(last, now_sight, POLICY, float(second))
        if "active_power" in values:
            times.append(second)
        last = reported(last, values, now_sight, float(second)) if values else last
    assert all(b - a >= 5 for a, b in pairwise(times))


def test_what_stands_beside_a_value_is_told_with_it():
    snapshot = {"count_down": 60, "power_switch": True, "voltage": 230.0}
    beside = {"count_down": ("power_switch",)}
    first = Sight(snapshot=snapshot, beside=beside, versions={"count_down": 1})
    last = reported(Reported(), snapshot, first, 0.0)
    later = Sight(
        snapshot={**snapshot, "count_down": 30}, beside=beside, versions={"count_down": 2}
    )
    assert due(last, later, POLICY, 100.0) == {"count_down": 30, "power_switch": True}


def test_what_is_forgotten_is_told_again_at_once_and_nothing_else_is():
    snapshot = {"power_switch": True, "voltage": 230.0}
    sight = Sight(snapshot=snapshot)
    last = reported(Reported(), snapshot, sight, 0.0)
    assert due(last, sight, POLICY, 1.0) == {}
    assert due(forgotten(last, ["power_switch"]), sight, POLICY, 1.0) == {"power_switch": True}


def test_only_a_switch_that_moved_or_was_asked_for_makes_a_change_of_a_report():
    last = after_first()

    def says_change(last, now_seen):
        values = {"power_switch": now_seen.snapshot["power_switch"], "voltage": 231.0}
        return is_change(last, values, now_seen)

    assert not says_change(last, sight())
    assert says_change(last, sight(power_switch=False))
    assert says_change(forgotten(last, ["power_switch"]), sight())
    assert not is_change(last, {"voltage": 300.0}, sight(voltage=300.0))
    assert says_change(Reported(), sight())


def test_what_is_asked_for_again_and_again_is_told_every_two_seconds():
    sight = Sight(snapshot={"power_switch": True, "voltage": 230.0})
    last = reported(Reported(), sight.snapshot, sight, 0.0)
    times = []
    for tenth in range(1, 101):
        now = tenth / 10
        last = forgotten(last, ["power_switch", "nothing"])
        values = due(last, sight, POLICY, now)
        if values:
            assert values == {"power_switch": True}
            times.append(now)
            last = reported(last, values, sight, now)
        assert next_due(last, sight, POLICY, now) == (times[-1] + RETOLD_S if not values else 300)
        assert last.owed <= {"power_switch"}
    assert times == [0.1, 2.1, 4.1, 6.1, 8.1]


def test_what_has_changed_is_told_at_once_whatever_was_told_again():
    on, off = Sight(snapshot={"power_switch": True}), Sight(snapshot={"power_switch": False})
    last = reported(Reported(), on.snapshot, on, 0.0)
    last = reported(forgotten(last, ["power_switch"]), on.snapshot, on, 1.0)
    assert due(forgotten(last, ["power_switch"]), off, POLICY, 1.1) == {"power_switch": False}


@given(at=st.floats(0, 1e7), interval=st.floats(0.1, 1e4), value=st.floats(1, 400))
def test_what_falls_due_at_a_time_is_due_at_that_very_time(at, interval, value):
    """Or a timer would fire at once again, and again, until the clock has moved."""
    policy = Policy(min_interval_s=interval, max_interval_s=interval, changes={})
    first = Sight(snapshot={"voltage": value})
    last = reported(Reported(), first.snapshot, first, at)
    deadline = next_due(last, first, policy, at)
    assert deadline is not None
    assert due(last, first, policy, deadline)
    moved = Sight(snapshot={"voltage": value + 50})
    held_until = next_due(last, moved, policy, at)
    assert held_until is not None
    assert due(last, moved, policy, held_until)


def test_what_is_told_again_by_its_age_alone_is_named_unless_something_of_it_is_news():
    last = after_first(now=0.0)
    again = due(last, sight(), POLICY, 300.0)
    assert retold(last, again, sight()) == {"power_switch", "count_down"}
    switched = sight(power_switch=False)
    assert retold(last, due(last, switched, POLICY, 300.0), switched) == frozenset()
    asked = forgotten(last, ["power_switch"])
    assert retold(asked, due(asked, sight(), POLICY, 300.0), sight()) == frozenset()
    measured = sight(voltage=250.0)
    assert retold(last, due(last, measured, POLICY, 20.0), measured) == frozenset()

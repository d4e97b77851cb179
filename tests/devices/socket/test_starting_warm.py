"""What a start makes of the heat that had accumulated in the line."""

import pytest

from agent.model import Condition, StartCause
from tests.devices.socket.bench import Bench, settings
from tests.devices.socket.starts import last_saved, overloaded, started, stopped

HOT = (300.0, 60.0, 10.0, 3.0)


def test_a_new_socket_is_cold():
    state, _ = started(None, StartCause.FIRST, condition=Condition.NEW)
    assert state.evidence.buckets == ()


@pytest.mark.parametrize("saved", [None, {"buckets": "warm"}, {"relay_on": True}])
def test_what_is_not_known_is_hot(saved):
    state, _ = started(saved, condition=Condition.LOST)
    assert state.evidence.buckets == HOT


def test_buckets_of_another_curve_are_not_believed():
    state, _ = started({"buckets": [1.0, 2.0]})
    assert state.evidence.buckets == HOT


def test_what_accumulated_before_a_clean_stop_goes_on_with_the_time_between():
    bench = overloaded(40)
    before = bench.state.evidence.buckets
    assert 35 < before[1] < 42
    state, _ = started(stopped(bench), StartCause.RESTART, now=bench.now + 4)
    assert state.evidence.buckets[1] == pytest.approx(before[1] + 4)


def test_what_accumulated_before_a_crash_is_never_less_than_it_was():
    bench = overloaded(40)
    before = bench.state.evidence.buckets
    state, _ = started(last_saved(bench), StartCause.CRASH, now=bench.now + 1)
    assert all(
        after >= min(known, hot)
        for after, known, hot in zip(state.evidence.buckets, before, HOT, strict=True)
    )


@pytest.mark.parametrize("cause", [StartCause.POWER_LOSS, StartCause.REBOOT])
def test_over_a_boot_it_is_no_colder_than_what_was_saved(cause):
    bench = overloaded(40)
    saved = last_saved(bench)
    state, _ = started(saved, cause, now=30)
    known = saved["buckets"]
    assert isinstance(known, list)
    assert all(a >= min(k, h) for a, k, h in zip(state.evidence.buckets, known, HOT, strict=True))


def test_a_contact_that_was_opened_at_the_stop_cooled():
    bench = Bench(settings(relay={"on_start": "restore"}))
    bench.switch_on()
    bench.run(3, 0.26, 60)
    bench.run(40, 6.0, 1380.0)
    before = bench.state.evidence.buckets
    state, _ = started(stopped(bench), StartCause.RESTART, now=bench.now + 20)
    assert state.evidence.buckets == before


def test_an_overload_that_goes_on_over_a_crash_opens_when_it_would_have():
    bench = overloaded(55)
    assert bench.contact
    bench.begin(last_saved(bench), StartCause.CRASH)
    assert bench.contact
    took_s = bench.run(30, 6.0, 1380.0)
    assert took_s is not None
    assert took_s <= 8


def test_inrush_is_counted_from_the_closing_where_the_line_was_held():
    bench = overloaded(1)
    saved, closed_at = last_saved(bench), bench.state.changed_at
    state, _ = started(saved, now=bench.now + 1, is_held_on=True)
    assert state.changed_at == closed_at
    state, _ = started(saved, now=bench.now + 1)
    assert state.changed_at == bench.now + 1


def test_buckets_that_have_cooled_are_saved_as_cold():
    bench = overloaded(40)
    assert any(last_saved(bench)["buckets"])
    bench.run(400, 0.0, 0.0)
    assert not any(last_saved(bench)["buckets"])

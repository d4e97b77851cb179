import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.devices.inputs import Sensed
from agent.model import StartCause
from tests.devices.generic.bench import Bench, sensor, settings


def bench(**keys: object) -> Bench:
    return Bench(settings(sensors={"S": sensor(**keys)}))


def unknown(on: Bench) -> object:
    return on.device.describe(on.state, on.now)["unknown"]


def test_nothing_is_known_before_the_first_value():
    on = bench()
    assert on.value("S") is None
    assert unknown(on) == {"S": "not measured yet"}
    assert on.sense("S", 20.5) == 20.5
    assert unknown(on) == {}


def test_a_value_is_scaled_then_rounded_to_its_step():
    on = bench(scale=0.5, offset=-3, step=0.25, range=[-10, 10])
    assert on.sense("S", 9.7) == 1.75
    on = bench(scale=100, step=1, range=[0, 100])
    assert on.sense("S", 0.123) == 12
    assert isinstance(on.value("S"), int)


def test_no_value_is_below_zero_where_it_is_zero():
    assert math.copysign(1, bench().sense("S", -0.001)) == 1


def test_rounding_never_leaves_the_range():
    on = bench(range=[0, 9.6], step=1)
    assert on.sense("S", 9.55) == 9.6


@pytest.mark.parametrize("value", [100.1, -0.1, math.nan, math.inf, -math.inf, 1e308])
def test_what_lies_outside_the_range_is_not_known(value):
    on = bench(range=[0, 100], scale=10 if value == 1e308 else 1)
    on.sense("S", 5)
    assert on.sense("S", value) is None
    assert unknown(on) == {"S": "outside its range"}
    assert on.sense("S", 5) is not None


def test_what_cannot_be_read_is_not_known_and_no_zero():
    on = bench()
    on.sense("S", 5)
    assert on.sense("S", None) is None
    assert unknown(on) == {"S": "cannot be read"}


def test_a_median_takes_a_spike_out():
    on = bench(filter="median 3", range=[0, 1000])
    assert [on.sense("S", each) for each in (10, 12, 900, 11, 13)] == [10, 11, 12, 12, 13]


def test_a_mean_is_of_the_last_good_values():
    on = bench(filter="mean 2", range=[0, 100])
    assert [on.sense("S", each) for each in (10, 20, 999, 40)] == [10, 15, None, 30]


def test_a_value_from_before_a_long_time_outside_the_range_does_not_count_any_more():
    on = bench(filter="mean 4", range=[0, 100])
    for value in (20, 20, 20, 20, 500, 500, 500, 500):
        on.sense("S", value)
    assert on.sense("S", 60) == 60.0
    on.sense("S", 500)
    assert on.sense("S", 70) == 70.0


def test_what_was_lost_begins_its_filter_anew():
    on = bench(filter="mean 4")
    on.sense("S", 10)
    on.sense("S", None)
    assert on.sense("S", 30) == 30


def test_nothing_is_known_while_a_sensor_warms_up():
    on = bench(warm_up="3m")
    on.now += 179
    assert on.sense("S", 5) is None
    assert unknown(on) == {"S": "warming up, 1 s left"}
    on.now += 1
    assert on.sense("S", 5) == 5


@pytest.mark.parametrize("cause", list(StartCause))
def test_a_sensor_warms_up_after_every_start(cause):
    on = bench(warm_up="3m")
    on.now += 180
    on.sense("S", 5)
    on.restart(cause)
    assert on.sense("S", 5) is None
    on.now += 180
    assert on.sense("S", 5) == 5


def test_a_sensor_that_was_lost_warms_up_again():
    on = bench(warm_up="3m", range=[0, 10])
    on.now += 180
    on.sense("S", 5)
    assert on.sense("S", 11) is None
    assert on.sense("S", 5) == 5
    on.sense("S", None)
    assert on.sense("S", 5) is None
    on.now += 179.9
    assert on.sense("S", 5) is None
    on.now += 0.1
    assert on.sense("S", 5) == 5


def test_a_sensor_that_is_silent_is_not_known_any_more():
    on = bench(interval_s=10, warm_up="1m")
    on.now += 60
    on.sense("S", 5)
    on.wait(59)
    assert on.value("S") == 5
    on.wait(1)
    assert on.value("S") is None
    assert unknown(on) == {"S": "not heard of"}
    assert on.sense("S", 5) is None


def test_a_binary_sensor_says_true_or_false():
    on = bench(value=True)
    assert [on.sense("S", each) for each in (True, False, 1.0, 0)] == [True, False, True, False]
    assert on.sense("S", 0.5) is None
    assert on.sense("S", math.nan) is None


def test_a_sensor_that_the_device_does_not_have_changes_nothing():
    on = bench()
    before = on.state
    assert on.give(Sensed(sensor="other", value=3.0)) == []
    assert on.state is before


@given(
    values=st.lists(st.one_of(st.none(), st.booleans(), st.floats(), st.integers(-9, 9**20))),
    step=st.sampled_from([1, 0.1, 0.25, 1e-6, 1000]),
    bounds=st.tuples(st.integers(-100, 0), st.integers(1, 100)),
    smoothing=st.sampled_from(["none", "median 5", "mean 3"]),
)
def test_whatever_comes_is_in_range_on_its_step_or_not_known(values, step, bounds, smoothing):
    on = bench(step=step, range=bounds, filter=smoothing)
    (row,) = on.device.thing.properties
    for value in values:
        shown = on.sense("S", value)
        assert shown is None or row.field.fault(shown) is None
        assert len(on.state.sensors["S"].recent) <= 5

"""Samples for a calibration: measurements are counted, not frames."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.devices.socket.sampling import MOST_POWER, MOST_RMS, Sampler, Series, sampled, sampler_of
from agent.model import Reading
from agent.settings.meters import Pace
from tests.devices.socket.bench import FRAME_S, reading, register


def frame(volts=230.0, amps=4.0, watts=920.0, *, raw=0, updated=True, pulses=0) -> Reading:
    return reading(
        register(volts, raw=raw, is_updated=updated),
        register(amps, raw=raw, is_updated=updated),
        register(watts, raw=raw, is_updated=updated),
        pulses,
    )


def fed(frames, start=0.0) -> Sampler:
    sampler = Sampler()
    for number, each in enumerate(frames):
        sampler = sampled(sampler, each, start + number * FRAME_S)
    return sampler


def test_a_register_that_keeps_its_value_counts_each_time_it_has_stood():
    sampler = fed([frame()] * 41)  # 4.2 s
    assert len(sampler.voltage.values) == 4
    assert len(sampler.current.values) == 4
    assert len(sampler.power.values) == 9


def test_a_register_that_changes_counts_at_once():
    sampler = fed(frame(volts=230 + number % 2 / 10, raw=number) for number in range(10))
    assert len(sampler.voltage.values) == 10


def test_a_register_that_the_chip_has_not_updated_does_not_count():
    assert not fed(frame(raw=number, updated=False) for number in range(10)).power.values


def test_a_value_that_the_decoder_does_not_believe_does_not_count():
    held = frame(raw=1)
    odd = reading(register(460.0, raw=2), held.current, held.power, 0)
    doubted = Reading(
        voltage_v=230.0,
        current_a=odd.current_a,
        power_w=odd.power_w,
        pulses=0,
        pulse_pj=1,
        voltage=odd.voltage,
        current=odd.current,
        power=odd.power,
    )
    assert fed([held, doubted]).voltage.values == (230.0,)


def test_a_register_without_a_value_does_not_count():
    assert not fed([frame(volts=None, amps=None, watts=None)]).voltage.values


def test_only_the_newest_measurements_are_kept():
    sampler = fed(frame(raw=number) for number in range(100))
    assert len(sampler.voltage.values) == MOST_RMS
    assert len(sampler.power.values) == MOST_POWER


def test_another_load_begins_anew():
    sampler = fed([*(frame(watts=900.0, raw=n) for n in range(9)), frame(watts=450.0, raw=9)])
    assert sampler.power.values == (450.0,)
    assert len(sampler.voltage.values) == 10


def test_a_load_that_is_gone_leaves_nothing():
    sampler = fed([frame(raw=1), frame(watts=0.0, raw=2, updated=False)])
    assert sampler.power == Series(stands_s=0.5, most=MOST_POWER)
    assert sampler.voltage.values


def test_a_silence_leaves_nothing():
    sampler = fed(frame(raw=number) for number in range(10))
    assert sampler.at is not None
    after = sampled(sampler, frame(raw=11), sampler.at + 3.5)
    assert len(after.voltage.values) == 1


def test_a_register_that_is_not_refreshed_any_more_leaves_nothing():
    frames = [frame(raw=1)] + [frame(raw=1, updated=False)] * 40
    assert not fed(frames).power.values


def test_mean_and_spread_are_those_of_the_values():
    series = Series(stands_s=1.2, most=20, values=(99.0, 100.0, 101.0))
    assert series.mean == pytest.approx(100.0)
    assert series.spread == pytest.approx(0.01)
    assert Series(stands_s=1.2, most=20).mean is None
    assert Series(stands_s=1.2, most=20).spread is None


registers = st.builds(
    register,
    st.none() | st.floats(min_value=0, max_value=1e5),
    raw=st.integers(min_value=0, max_value=3),
    is_updated=st.booleans(),
)


@given(
    st.lists(
        st.tuples(registers, registers, registers, st.floats(min_value=0, max_value=4)),
        max_size=80,
    )
)
def test_any_frames_give_bounded_series_of_positive_values(rows):
    sampler, now = Sampler(), 0.0
    for voltage, current, power, gap_s in rows:
        now += gap_s
        sampler = sampled(sampler, reading(voltage, current, power, 0), now)
    for series in (sampler.voltage, sampler.current, sampler.power):
        assert len(series.values) <= series.most
        assert all(value > 0 for value in series.values)
        assert (series.mean is None) == (not series.values)


def test_a_meter_whose_registers_count_only_when_they_change_is_sampled_so():
    sampler, now = sampler_of(Pace(power=(0.15, float("inf")), rms=(0.25, float("inf")))), 0.0
    for _ in range(25):
        now += FRAME_S
        sampler = sampled(sampler, frame(raw=1), now)
    assert len(sampler.voltage.values) == len(sampler.power.values) == 1
    later = sampled(sampler, frame(raw=2), now + 10)
    assert later.voltage.stands_s == float("inf")
    assert len(later.voltage.values) == 1

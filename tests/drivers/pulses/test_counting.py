"""Pulses counted by the kernel's numbers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.drivers.pulses.counting import NUMBERS, Count, Stretch


@given(st.integers(1, 400), st.sets(st.integers(1, 400)))
def test_edges_that_the_kernel_had_no_room_for_are_counted(edges, lost):
    count = Count()
    kept = [number for number in range(1, edges + 1) if number not in lost or number == edges]
    for number in kept:
        count.take(number)
    assert count.total == edges
    assert count.untimed == edges - len(kept)


@given(st.lists(st.integers(1, 1000), max_size=20))
def test_the_kernels_numbers_go_round_and_the_count_goes_on(steps):
    count = Count()
    count.take(NUMBERS // 2)
    count.take(NUMBERS - 10)
    number, before = NUMBERS - 10, count.total
    for step in steps:
        number += step
        assert count.take(number % NUMBERS)
    assert count.total - before == sum(steps)


def test_an_edge_told_twice_is_counted_once():
    count = Count()
    assert count.take(1)
    assert count.take(2)
    assert not count.take(2)
    assert not count.take(1)
    assert count.total == 2


def test_a_stretch_is_long_enough_in_time_and_in_pulses():
    stretch = Stretch(0.3, 2)
    assert stretch.pulses == 0
    assert stretch.take(10.0, 1) is None
    assert stretch.take(10.5, 2) is None
    assert stretch.pulses == 1
    assert stretch.take(10.6, 3) == pytest.approx(2 / 0.6)
    assert stretch.began_at == 10.6
    assert stretch.take(10.7, 8) is None
    stretch.clear()
    assert (stretch.began_at, stretch.pulses) == (None, 0)


@given(st.floats(1.0, 3000.0), st.integers(2, 500))
def test_a_steady_line_shows_its_frequency(hz, edges):
    stretch = Stretch(0.2, 1)
    found = [stretch.take(n / hz, n) for n in range(edges)]
    assert all(each == pytest.approx(hz, rel=1e-6) for each in found if each is not None)

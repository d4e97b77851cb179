"""What the counter proves of the power, against the rule written out."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.devices.socket.evidence import COUNTED_STEPS, Sample, least_power_w, most_power_w
from tests.devices.socket.bench import FRAME_S, PULSE_J

steps = st.lists(st.integers(0, 400), min_size=1, max_size=COUNTED_STEPS)


def samples_of(counts: list[int]) -> tuple[Sample, ...]:
    found = [Sample(at=10.0, pulses=7)]
    for count in counts:
        found.append(Sample(at=found[-1].at + FRAME_S, pulses=found[-1].pulses + count))
    return tuple(found)


def proved_w(counts: list[int]) -> float:
    """The best of all runs of two or more newest steps: their sum less one, each step plus one."""
    runs = [counts[-length:] for length in range(2, len(counts) + 1)]
    shares = (min(min(run) + 1, (sum(run) - 1) / len(run)) for run in runs)
    return max(0.0, *shares, 0.0) * PULSE_J / FRAME_S


@given(steps)
def test_the_counter_proves_what_its_weakest_step_and_its_sum_allow(counts):
    assert least_power_w(samples_of(counts), PULSE_J) == pytest.approx(proved_w(counts))


@given(steps)
def test_the_cheap_bound_is_never_below_what_is_proved(counts):
    samples = samples_of(counts)
    assert most_power_w(samples, PULSE_J) >= least_power_w(samples, PULSE_J) - 1e-6


def test_one_step_proves_nothing():
    assert least_power_w(samples_of([400]), PULSE_J) == 0.0

"""A counter of large pulses, as a BL0942's, is no quick witness: a single pulse proves nothing."""

from agent.devices.socket.evidence import Sample, last_step_w, least_power_w

PULSE_J = 672.8


def samples(*pulses: int) -> tuple[Sample, ...]:
    return tuple(Sample(at=0.105 * n, pulses=count) for n, count in enumerate(pulses))


def test_a_single_pulse_may_have_been_an_hour_in_coming():
    assert last_step_w(samples(0, 0, 1), PULSE_J) == 0.0
    assert last_step_w(samples(0), PULSE_J) == 0.0
    assert least_power_w(samples(0, 0, 1), PULSE_J) == 0.0


def test_two_pulses_in_a_step_are_a_great_power():
    assert last_step_w(samples(0, 2), PULSE_J) > 6400
    assert least_power_w(samples(0, 1, 2), PULSE_J) > 3000

"""A counter of large pulses, as a BL0942's, is no quick witness: a single pulse proves nothing."""

from dataclasses import replace

from agent.devices.socket.evidence import (
    SILENT,
    Sample,
    follow_register,
    is_overclaimed,
    last_step_w,
    least_power_w,
    most_power_w,
)
from agent.model import Register
from agent.settings.meters import HLW8032_PACE, PulseMeterSettings

PULSE_J = 672.8
WATT_HOUR_J = 3600.0


def samples(*pulses: int) -> tuple[Sample, ...]:
    return tuple(Sample(at=0.105 * n, pulses=count) for n, count in enumerate(pulses))


def test_a_single_pulse_may_have_been_an_hour_in_coming():
    assert last_step_w(samples(0, 0, 1), PULSE_J) == 0.0
    assert last_step_w(samples(0), PULSE_J) == 0.0
    assert least_power_w(samples(0, 0, 1), PULSE_J) == 0.0


def test_two_pulses_in_a_step_are_a_great_power():
    assert last_step_w(samples(0, 2), PULSE_J) > 6400
    assert least_power_w(samples(0, 1, 2), PULSE_J) > 3000


def test_a_counter_of_watt_hours_is_no_witness_however_many_come():
    assert last_step_w(samples(0, 2), WATT_HOUR_J) == 0.0
    assert most_power_w(samples(0, 1, 2), WATT_HOUR_J) == 0.0
    assert least_power_w(samples(0, 5, 10), WATT_HOUR_J) == 0.0


def test_what_stands_is_measured_again_by_a_chip_with_update_bits_and_not_by_pulses():
    register = Register(raw=1, value=20.0, is_updated=True)
    twice = {}
    for name, pace in (("frames", HLW8032_PACE), ("pulses", PulseMeterSettings.PACE)):
        track = SILENT
        for n in range(30):
            track = follow_register(track, register, pace.rms, 0.105 * n)
        twice[name] = track.twice
    assert twice == {"frames": 20.0, "pulses": 0.0}


def test_what_a_register_claims_is_weighed_against_all_that_was_counted():
    claims = tuple(replace(each, claimed_j=2_500.0 * each.at) for each in samples(*[0] * 12))
    assert is_overclaimed(claims, PULSE_J)
    assert not is_overclaimed(claims[:3], PULSE_J)
    assert not is_overclaimed((*claims[:-1], replace(claims[-1], pulses=3)), PULSE_J)
    assert not is_overclaimed(claims, WATT_HOUR_J)

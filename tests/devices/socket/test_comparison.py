"""Samples against references: new factors, or a reason with what was measured and allowed."""

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.devices.socket.comparison import (
    CONTACT_OPEN,
    NO_LOAD,
    NO_REFERENCE,
    Bench,
    Proposal,
    References,
    Refused,
    judge,
    power_factor,
    unfit,
    waiting,
)
from agent.devices.socket.sampling import NEEDED, Sampler
from agent.drivers.hlw8032.decoder import Coefficients
from agent.model import Factors

BENCH = Bench(
    factors=Factors(), scale=Coefficients(kv=3.069, ki=1.007, kp=3.108), is_on=True, now=100.0
)
REFERENCE = References(voltage=230.0, current=4.0, power=920.0)


def samples(volts=225.0, amps=4.0, watts=900.0, *, count=NEEDED, spread=0.0) -> Sampler:
    """Samples of these means, the last further off by *spread*."""
    empty = Sampler()

    def series(kind, mean):
        values = tuple([mean] * (count - 1) + [mean * (1 + spread)]) if mean and count else ()
        return replace(kind, values=values, at=100.0, raw=1)

    return Sampler(
        voltage=series(empty.voltage, volts),
        current=series(empty.current, amps),
        power=series(empty.power, watts),
        at=100.0,
    )


def refusal(sampler, references=REFERENCE, bench=BENCH, **more) -> str:
    judged = judge(sampler, references, bench, **more)
    assert isinstance(judged, Refused)
    return "; ".join(judged.reasons)


def proposal(sampler, references=REFERENCE, bench=BENCH, **more) -> Proposal:
    judged = judge(sampler, references, bench, **more)
    assert isinstance(judged, Proposal), judged
    return judged


def test_each_factor_moves_by_its_reference_over_what_was_measured():
    found = proposal(samples(225.0, 4.1, 905.0))
    assert found.factors.voltage == pytest.approx(230 / 225)
    assert found.factors.current == pytest.approx(4.0 / 4.1)
    assert found.factors.power == pytest.approx(920 / 905)
    assert found.compared["voltage"].move == pytest.approx(230 / 225 - 1)
    assert found.made_from["measured_power"] == pytest.approx(905.0)
    assert found.made_from["reference_current"] == 4.0
    assert found.notes == ()


def test_factors_in_force_are_moved_on():
    bench = replace(BENCH, factors=Factors(voltage=1.1, current=0.9, power=1.05))
    found = proposal(samples(230.0, 4.0, 920.0), bench=bench)
    assert found.factors == Factors(voltage=1.1, current=0.9, power=1.05)


def test_a_quantity_without_a_reference_keeps_its_factor():
    found = proposal(samples(), References(voltage=230.0))
    assert found.factors.current == found.factors.power == 1.0
    assert set(found.compared) == {"voltage"}


def test_voltage_and_power_of_a_plug_in_meter_give_the_current_too_and_it_is_said():
    found = proposal(samples(), References(voltage=230.0, power=920.0))
    assert found.compared["current"].reference == pytest.approx(4.0)
    assert "derived" in found.notes[0]


def test_an_open_contact_is_refused():
    assert refusal(samples(), bench=replace(BENCH, is_on=False)) == CONTACT_OPEN


def test_a_silent_meter_is_refused():
    assert "silent" in refusal(samples(), bench=replace(BENCH, now=104.0))
    assert "silent" in refusal(Sampler())


@pytest.mark.parametrize("missing", [{"watts": 0}, {"amps": 0}])
def test_no_load_is_refused(missing):
    assert refusal(samples(**missing)) == NO_LOAD


def test_no_voltage_is_refused():
    assert refusal(samples(volts=0)) == "voltage: nothing is measured yet"


def test_too_few_measurements_are_refused_with_their_number():
    assert "power: 19 of 20 measurements" in refusal(samples(count=19))


def test_a_register_that_is_not_calibrated_needs_one_measurement_only():
    few = samples(count=1)
    sampler = replace(samples(), current=few.current, power=few.power)
    proposal(sampler, References(voltage=230.0))


def test_a_load_that_varies_is_refused_with_how_much():
    assert "power: varies by ±1.9%, at most ±1%" in refusal(samples(spread=0.02))


def test_too_little_voltage_is_refused():
    assert "measured 79.0 V, at least 80 V" in refusal(samples(volts=79.0), References(power=900.0))


def test_too_little_power_is_refused():
    small = samples(watts=39.0, amps=0.17)
    assert "measured 39.0 W, at least 40 W" in refusal(small, References(voltage=230.0))


def test_a_low_power_factor_is_refused_and_force_does_not_help():
    motor = samples(watts=860.0)
    references = References(voltage=230.0, power=900.0)
    assert "measured 0.96, at least 0.97" in refusal(motor, references, is_forced=True)


def test_a_board_that_is_far_off_is_calibrated_with_all_three_references():
    board = samples(watts=860.0)
    assert proposal(board).factors.power == pytest.approx(920 / 860)


def test_even_with_all_three_references_a_motor_is_refused():
    assert "measured 0.89, at least 0.90" in refusal(samples(watts=800.0), is_forced=True)


def test_a_factor_that_would_move_far_is_refused_unless_it_is_forced():
    references = References(power=1120.0)
    text = refusal(samples(), references)
    assert "measured 900.000 W, reference 1120 W" in text
    assert "+24.4%, allowed is ±20%" in text
    assert proposal(samples(), references, is_forced=True).factors.power == pytest.approx(
        1120 / 900
    )


def test_references_that_disagree_are_refused():
    references = References(voltage=230.0, current=4.0, power=880.0)
    assert "disagree" in refusal(samples(), references, is_forced=True)


def test_no_reference_is_refused():
    assert refusal(samples(), References()) == NO_REFERENCE


@pytest.mark.parametrize("value", [0.0, -5.0, math.nan, math.inf, 1e9])
@pytest.mark.parametrize("name", ["voltage", "current", "power"])
def test_a_reference_that_no_meter_can_say_is_refused(name, value):
    assert f"reference {name}" in refusal(samples(), References(**{name: value}), is_forced=True)


@pytest.mark.parametrize(("name", "value"), [("voltage", 12.0), ("power", 5.0)])
def test_a_reference_of_an_unfit_load_is_refused(name, value):
    assert f"reference {name}" in refusal(samples(), References(**{name: value}), is_forced=True)


def test_what_is_waited_for_and_what_no_waiting_cures_are_told_apart():
    motor = samples(watts=500.0, count=3)
    assert len(waiting(motor, BENCH)) == 3
    assert "power factor" in unfit(motor)[0]
    assert power_factor(motor) == pytest.approx(500 / 900)
    assert unfit(Sampler()) == ()
    assert power_factor(Sampler()) is None


numbers = st.none() | st.floats(allow_nan=True, allow_infinity=True)


@given(numbers, numbers, numbers, st.booleans())
def test_no_references_bring_anything_but_finite_positive_factors(volts, amps, watts, is_forced):
    references = References(voltage=volts, current=amps, power=watts)
    judged = judge(samples(), references, BENCH, is_forced=is_forced)
    if isinstance(judged, Proposal):
        for row in judged.compared.values():
            assert is_forced or abs(row.move) <= 0.2
        factors = judged.factors
        for factor in (factors.voltage, factors.current, factors.power):
            assert math.isfinite(factor)
            assert factor > 0
    else:
        assert judged.reasons

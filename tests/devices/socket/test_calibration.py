"""Calibration in the device: local only, kept, undone honestly, and told to the meter."""

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.devices.effects import Answer, Log, Record, Rescale, Save
from agent.devices.inputs import Calibrate
from agent.devices.socket.calibration import CALIBRATIONS_KEPT, in_force
from agent.devices.socket.kept import read
from agent.messages import Outcome, RefusalKind
from agent.model import Factors, Origin, OriginKind, StartCause
from tests.devices.socket.bench import CLOUD, LOCAL, Bench, settings

BUTTON = Origin(kind=OriginKind.BUTTON, name="button")
AGENT = Origin(kind=OriginKind.AGENT, name="schedule")
TWO_UP = Factors(voltage=1.02, current=1.01, power=1.03)
FOUR_UP = Factors(voltage=1.04, current=1.02, power=1.06)


def calibrate(bench: Bench, factors: Factors | None, origin: Origin = LOCAL, **made_from: float):
    effects = bench.give(
        Calibrate(factors=factors, made_from=made_from, origin=origin, wall_time=1.8e9)
    )
    (answer,) = (effect for effect in effects if isinstance(effect, Answer))
    return effects, answer.outcome


def force(bench: Bench) -> Factors:
    return in_force(bench.state.calibrations, bench.device.settings.meter)


def of_type(effects, kind):
    return [effect for effect in effects if isinstance(effect, kind)]


def test_new_factors_reach_the_meter_the_ledger_and_the_store_at_once():
    bench = Bench()
    effects, outcome = calibrate(bench, TWO_UP, reference_voltage=230.0)
    assert outcome.refusal is None
    assert of_type(effects, Rescale) == [Rescale(factors=TWO_UP)]
    (record,) = of_type(effects, Record)
    assert (record.topic, record.name) == ("energy", "calibration_changed")
    assert record.details["old"] == {"voltage": 1.0, "current": 1.0, "power": 1.0}
    assert record.details["new"] == {"voltage": 1.02, "current": 1.01, "power": 1.03}
    assert record.details["made_from"]["reference_voltage"] == 230.0
    assert record.details["by"] == "maker"
    json.dumps(record.details)
    (save,) = of_type(effects, Save)
    assert save.saved["calibrations"][0]["at"] == 1.8e9


def test_energy_that_was_counted_stays_as_it_was():
    bench = Bench()
    bench.switch_on()
    bench.run(5, 4.0, 900.0)
    before = bench.state.energy
    calibrate(bench, TWO_UP)
    assert bench.state.energy == before


@pytest.mark.parametrize("origin", [CLOUD, BUTTON, AGENT])
@pytest.mark.parametrize("factors", [TWO_UP, None])
def test_only_a_person_at_the_gateway_calibrates(origin, factors):
    bench = Bench()
    calibrate(bench, FOUR_UP)
    before = bench.state
    effects, outcome = calibrate(bench, factors, origin)
    assert outcome.refusal is not None
    assert outcome.refusal.kind is RefusalKind.NOT_ALLOWED
    assert bench.state == before
    assert [type(effect) for effect in effects] == [Answer]


def test_undo_brings_back_what_was_before_and_is_written_down_itself():
    bench = Bench()
    calibrate(bench, TWO_UP)
    calibrate(bench, FOUR_UP)
    effects, _ = calibrate(bench, None)
    assert force(bench) == TWO_UP
    assert of_type(effects, Rescale) == [Rescale(factors=TWO_UP)]
    calibrate(bench, None)
    assert force(bench) == Factors()
    assert [row.is_undo for row in bench.state.calibrations] == [False, False, True, True]


def test_an_undo_too_many_is_refused():
    bench = Bench()
    calibrate(bench, TWO_UP)
    calibrate(bench, None)
    _, outcome = calibrate(bench, None)
    assert outcome.refusal is not None
    assert "no calibration to take back" in outcome.refusal.reason


def test_an_undo_whose_calibration_is_not_kept_any_more_takes_nothing_of_a_later_one():
    bench = Bench()
    calibrate(bench, TWO_UP)
    for _ in range(CALIBRATIONS_KEPT - 1):
        calibrate(bench, FOUR_UP)
    calibrate(bench, None)
    assert len(bench.state.calibrations) == CALIBRATIONS_KEPT
    for _ in range(CALIBRATIONS_KEPT - 2):
        _, outcome = calibrate(bench, None)
    held = force(bench)
    assert outcome.refusal is not None
    assert held == FOUR_UP


def test_an_undo_that_outlives_its_calibration_in_the_list_takes_nothing_from_later_ones():
    bench = Bench()
    calibrate(bench, TWO_UP)
    calibrate(bench, None)
    for _ in range(CALIBRATIONS_KEPT - 1):
        calibrate(bench, FOUR_UP)
    assert bench.state.calibrations[0].is_undo
    _, outcome = calibrate(bench, None)
    assert outcome == Outcome()
    assert force(bench) == FOUR_UP


@pytest.mark.parametrize("factor", [0.0, -1.0, math.nan, math.inf, 400.0])
def test_coefficients_stay_within_what_a_configuration_may_hold(factor):
    bench = Bench()
    before = bench.state
    _, outcome = calibrate(bench, Factors(voltage=factor))
    assert outcome.refusal is not None
    assert outcome.refusal.kind is RefusalKind.OUT_OF_RANGE
    assert "at most 1000" in outcome.refusal.reason
    assert bench.state == before


def restarted(bench: Bench, cause: StartCause, **meter: object) -> tuple[Bench, list]:
    (*_, save) = of_type(bench.effects, Save)
    saved = json.loads(json.dumps(save.saved))
    other = Bench(settings(meter={"driver": "hlw8032", **meter}))
    other.effects.clear()
    other.begin(saved, cause)
    return other, other.effects


@pytest.mark.parametrize("cause", StartCause)
def test_a_calibration_survives_every_start(cause):
    bench = Bench()
    calibrate(bench, TWO_UP)
    other, effects = restarted(bench, cause)
    assert other.state.calibrations == bench.state.calibrations
    assert of_type(effects, Rescale) == [Rescale(factors=TWO_UP)]
    assert not of_type(effects, Log)


def test_without_a_calibration_the_meter_is_told_nothing_at_a_start():
    _, effects = restarted(Bench(), StartCause.RESTART)
    assert not of_type(effects, Rescale)


def test_coefficients_changed_in_the_file_since_are_told_and_multiplied():
    bench = Bench()
    calibrate(bench, TWO_UP)
    _, effects = restarted(bench, StartCause.RESTART, kv=3.1)
    assert of_type(effects, Rescale) == [Rescale(factors=TWO_UP)]
    (log,) = of_type(effects, Log)
    assert log.event == "calibration.file_changed"


def test_a_calibration_that_the_file_leaves_no_room_for_does_not_hold():
    bench = Bench()
    calibrate(bench, TWO_UP)
    other, effects = restarted(bench, StartCause.RESTART, kv=999.0)
    assert of_type(effects, Rescale) == [Rescale(factors=Factors())]
    assert force(other) == Factors()
    (log,) = of_type(effects, Log)
    assert log.event == "calibration.unfit"
    assert "kv = 1018.98" in log.details["reason"]


def test_what_is_kept_without_calibrations_is_still_read():
    kept, dropped = read({"relay_on": True})
    assert (kept.calibrations, dropped) == ([], ())


factors = st.builds(
    Factors,
    voltage=st.floats(min_value=0.5, max_value=2),
    current=st.floats(min_value=0.5, max_value=2),
    power=st.floats(min_value=0.5, max_value=2),
)


@given(st.lists(factors | st.none(), max_size=2 * CALIBRATIONS_KEPT))
def test_any_history_undoes_like_a_pile_as_far_as_it_is_kept(steps):
    bench, pile = Bench(), [Factors()]
    for step in steps:
        before = force(bench)
        _, outcome = calibrate(bench, step)
        if outcome != Outcome():
            assert step is None
            assert force(bench) == before
            assert len(pile) == 1 or len(bench.state.calibrations) == CALIBRATIONS_KEPT
            continue
        if step is None:
            pile.pop()
        else:
            pile.append(step)
        assert force(bench) == pile[-1]
        assert len(bench.state.calibrations) <= CALIBRATIONS_KEPT


def test_no_number_of_calibrations_moves_protection_out_of_reach():
    bench = Bench()
    factor = 1.0
    for _ in range(20):
        factor *= 0.81
        calibrate(bench, Factors(voltage=1.0, current=factor, power=factor))
    assert force(bench).current >= 0.5
    _, outcome = calibrate(bench, Factors(voltage=1.0, current=2.1, power=1.0))
    assert outcome.refusal is not None

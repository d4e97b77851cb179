"""A calibration in virtual time: what it makes of the factors, and what it refuses."""

import pytest
from structlog.testing import capture_logs

from agent.app.readings import Readings
from agent.errors import ControlError
from agent.model import Factors, StartCause
from tests.app.calibrating_stand import BOARD, CONFIGURED, Stand


@pytest.fixture
def stand():
    made = Stand()
    made.begin()
    return made


def test_a_board_that_is_2_percent_off_measures_right_after_it(stand):
    before = stand.values
    assert before["voltage"] == pytest.approx(225.5, abs=0.1)
    assert before["active_power"] == pytest.approx(882.4, abs=1)
    answer = stand.ask("calibrate", voltage_v=230.0, power_w=900.0)
    assert answer["applied"]
    assert answer["registers"]["voltage"]["change_percent"] == pytest.approx(2.0, abs=0.1)
    assert answer["new"]["kv"] == pytest.approx(BOARD.kv, rel=1e-3)
    stand.run(0.2)
    assert stand.values["voltage"] == pytest.approx(230.0, rel=1e-3)
    assert stand.values["current"] == pytest.approx(900 / 230, rel=1e-3)
    assert stand.values["active_power"] == pytest.approx(900.0, rel=1e-3)
    assert stand.runtime.state.evidence.pulse_j == pytest.approx(BOARD.kp * 5.115, rel=1e-3)


def test_it_survives_a_restart_and_undo_brings_back_what_was_configured(stand):
    stand.ask("calibrate", voltage_v=230.0, power_w=900.0)
    stand.start(StartCause.RESTART)
    stand.switch(on=True)
    stand.run(5)
    assert stand.values["voltage"] == pytest.approx(230.0, rel=1e-3)
    answer = stand.ask("calibration_undo")
    assert answer["new"]["kv"] == CONFIGURED.kv
    stand.run(0.2)
    assert stand.values["voltage"] == pytest.approx(225.5, abs=0.1)
    with pytest.raises(ControlError, match="no calibration to take back"):
        stand.ask("calibration_undo")


def test_every_change_is_a_row_of_the_ledger_and_of_the_list(stand):
    stand.ask("calibrate", voltage_v=230.0)
    stand.ask("calibration_undo")
    rows = [row for row in stand.records if row.name == "calibration_changed"]
    assert [row.details["is_undo"] for row in rows] == [False, True]
    assert all(row.topic == "energy" for row in rows)
    listed = stand.ask("calibration_list")
    assert listed["in_force"]["kv"] == listed["configured"]["kv"] == CONFIGURED.kv
    assert [row["is_undo"] for row in listed["calibrations"]] == [False, True]
    assert listed["calibrations"][0]["made_from"]["reference_voltage"] == 230.0


def test_energy_goes_on_in_the_new_worth_of_a_pulse(stand):
    stand.ask("calibrate", power_w=900.0)
    before, stand_at = stand.runtime.state.energy.total_mj, stand.time
    stand.run(60)
    used_j = (stand.runtime.state.energy.total_mj - before) / 1000
    assert used_j == pytest.approx(900.0 * (stand.time - stand_at), rel=2e-3)


def test_a_preview_changes_nothing(stand):
    assert not stand.ask("calibrate", voltage_v=230.0, preview=True)["applied"]
    assert stand.runtime.state.calibrations == ()


def test_other_references_than_those_shown_are_judged_on_what_is_measured_now(stand):
    stand.ask("calibrate", voltage_v=230.0, preview=True)
    stand.plant.plug(None, now=stand.time)
    stand.run(20)
    with pytest.raises(ControlError, match="no load is measured"):
        stand.ask("calibrate", voltage_v=231.0)


def test_a_phone_charger_cannot_calibrate():
    stand = Stand("phone_charger", 60.0)
    stand.begin()
    assert "power factor" in stand.ask("calibration_read")["unfit"][0]
    with pytest.raises(ControlError, match=r"at least 0\.97 is needed"):
        stand.ask("calibrate", voltage_v=230.0, power_w=60.0)


def test_a_meter_without_rescale_says_so(stand):
    stand.readings = Readings(object(), "socket-1", lambda: print)
    with pytest.raises(ControlError, match="cannot be calibrated here"):
        stand.ask("calibration_begin")


@pytest.mark.parametrize(
    "params",
    [
        {"voltage_v": "230"},
        {"voltage_v": True},
        {"voltage_v": 10**400},
        {"force": 1},
        {"volts": 230.0},
        {},
        {"voltage_v": float("nan")},
    ],
)
def test_a_request_that_makes_no_sense_is_refused_and_changes_nothing(stand, params):
    with pytest.raises(ControlError):
        stand.ask("calibrate", **params)
    assert stand.runtime.state.calibrations == ()
    assert "calibration_changed" not in [row.name for row in stand.records]


def test_a_meter_that_cannot_take_a_kept_calibration_is_told_of():
    readings = Readings(object(), "socket-1", lambda: print)
    with capture_logs() as logs:
        readings.rescale(Factors(voltage=1.02))
    assert [(each["event"], each["device"]) for each in logs] == [
        ("calibration.unused", "socket-1")
    ]

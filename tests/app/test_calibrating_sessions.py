"""A calibration session: its progress, its samples, whose it is and when it ends."""

import pytest

from agent.errors import ControlError
from tests.app.calibrating_stand import Stand


@pytest.fixture
def stand():
    made = Stand()
    made.begin()
    return made


def test_progress_tells_what_is_missing():
    stand = Stand()
    stand.run(2)
    begun = stand.ask("calibration_begin")
    assert not begun["relay_on"]
    assert "contact is open" in begun["waiting_for"][0]
    stand.switch(on=True)
    stand.run(5)
    early = stand.ask("calibration_read")
    assert not early["is_settled"]
    assert "of 20 measurements" in early["waiting_for"][0]
    stand.run(25)
    settled = stand.ask("calibration_read")
    assert settled["is_settled"]
    assert settled["unfit"] == []
    assert settled["registers"]["power"]["measurements"] == 20
    assert settled["registers"]["voltage"]["mean"] == pytest.approx(225.5, abs=0.1)


def test_what_was_shown_is_what_is_put_in_force_even_when_the_kettle_has_boiled(stand):
    shown = stand.ask("calibrate", voltage_v=230.0, preview=True)
    stand.plant.plug(None, now=stand.time)
    stand.run(20)
    assert stand.ask("calibrate", voltage_v=230.0)["new"] == shown["new"]


@pytest.mark.parametrize("method", ["calibrate", "calibration_undo"])
def test_samples_of_the_old_scale_are_not_used_again(stand, method):
    stand.ask("calibrate", voltage_v=230.0)
    if method == "calibration_undo":
        stand.ask("calibration_begin")
        stand.run(30)
        stand.ask("calibration_undo")
    with pytest.raises(ControlError, match="begin again"):
        stand.ask("calibrate", voltage_v=230.0)


def test_no_measurement_reaches_back_before_the_closing():
    stand = Stand()
    stand.run(2.05)  # a mean over the closing is 2 % off: too near to be another load
    stand.ask("calibration_begin")
    stand.switch(on=True)
    stand.run(12)
    registers = stand.ask("calibration_read")["registers"].values()
    assert all(row["spread_percent"] < 0.1 for row in registers)
    assert all(row["measurements"] >= 6 for row in registers)


def test_switching_off_begins_everything_anew(stand):
    stand.switch(on=False)
    stand.run(1)
    stand.switch(on=True)
    stand.run(3)
    with pytest.raises(ControlError, match="measurements so far"):
        stand.ask("calibrate", voltage_v=230.0)


def test_a_session_that_nobody_reads_ends_by_itself(stand):
    stand.run(125)
    assert not stand.readings.watchers
    for method, more in (("calibration_read", {}), ("calibrate", {"voltage_v": 230.0})):
        with pytest.raises(ControlError, match="begin again"):
            stand.ask(method, **more)


def test_a_session_is_one_persons_while_it_is_read(stand):
    stand.ask("calibration_read")
    with pytest.raises(ControlError, match="maker is calibrating socket-1 already"):
        stand.ask("calibration_begin")
    stand.run(6)
    stand.ask("calibration_begin")
    assert len(stand.readings.watchers) == 1


def test_a_session_that_was_ended_leaves_room_for_another(stand):
    stand.ask("calibration_read")
    assert stand.ask("calibration_end")["ended"]
    assert not stand.readings.watchers
    assert not stand.ask("calibration_end")["ended"]
    stand.ask("calibration_begin")

"""An output that took a level and did not confirm it: told once, tried until it does."""

from agent.devices.effects import MAIN
from agent.messages import EventReport
from tests.test_runtime import Told, at_work, switch


def told_faults(told):
    messages = [what for who, what in told.history if who == "cloud"]
    return [each for each in messages if isinstance(each, EventReport)]


def closed():
    told = Told()
    runtime = at_work(told)
    switch(runtime, on=True)
    told.history.clear()
    return told, runtime


def test_a_doubt_that_has_passed_drives_once_more_and_nothing_else():
    told, runtime = closed()
    runtime.doubt(MAIN)
    assert [what for what in told.history if what[0] == "relay"] == [("relay", True)]
    assert told_faults(told) == []


def test_a_doubt_is_a_hardware_fault_and_told_once():
    told, runtime = closed()
    told.fails = True
    runtime.doubt(MAIN)
    runtime.doubt(MAIN)
    assert [fault.name for fault in told_faults(told)] == ["hardware_fault"]
    assert told.armed is not None
    assert told.armed <= told.time + 1


def test_what_is_in_doubt_is_tried_each_second_until_it_obeys():
    told, runtime = closed()
    told.fails = True
    runtime.doubt(MAIN)
    told.time += 1
    runtime.wake()
    told.fails = False
    told.time += 1
    runtime.wake()
    assert [what for what in told.history if what[0] == "relay"] == [("relay", True)]
    assert runtime.state.changed_at == told.time


def test_a_doubt_of_an_open_contact_opens_it():
    told, runtime = closed()
    switch(runtime, on=False)
    told.history.clear()
    runtime.doubt(MAIN)
    assert told.history[0] == ("relay", False)

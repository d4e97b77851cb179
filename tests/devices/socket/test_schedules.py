"""Schedules of a socket: each run once, at its time; a trip and min_off_s hold for them too."""

from dataclasses import replace

import pytest

from agent.devices.effects import Raise, Save
from agent.devices.inputs import ClockTold, Tick
from agent.devices.socket.socket import Socket
from agent.devices.socket.state import State, Trip
from agent.recording.forms import plain, typed
from tests.devices.socket.bench import settings
from tests.devices.socket.planned import BERLIN, PLACE, Clocked, unix

TRIP = Trip(cause="overcurrent", value=7.3, limit=5.0, duration_s=3.0, evidence="current", at=0.0)
MORNING = {"morning": "on at 07:00 mon-fri", "night": "off at 22:30"}


def test_the_contact_follows_the_schedules_of_the_file():
    bench = Clocked("2026-03-02T06:00", schedules=MORNING)
    bench.tell()
    assert bench.next() == {
        "name": "morning",
        "at": unix("2026-03-02T07:00"),
        "local": "Mon 2026-03-02 07:00:00",
        "text": "on at 07:00 mon-fri",
    }
    bench.until("2026-03-02T06:59:59")
    assert not bench.contact
    bench.until("2026-03-02T07:00:01")
    assert bench.contact
    bench.until("2026-03-03T08:00")
    assert bench.moved() == ["on morning", "off night", "on morning"]
    why = bench.rows("relay")[1][1]
    assert why == {"why": "schedule", "name": "morning", "text": "on at 07:00 mon-fri"}
    assert bench.told() == []


def test_a_run_is_on_the_disk_with_the_decision_that_made_it():
    bench = Clocked("2026-03-02T06:00", schedules=MORNING)
    bench.tell()
    bench.until("2026-03-02T07:00:01")
    saved = next(each.saved for each in reversed(bench.effects) if isinstance(each, Save))
    assert saved["relay_on"] is True
    assert saved["plan"]["looked_at"] == unix("2026-03-02T07:00")
    (mark,) = [mark for mark in saved["plan"]["marks"] if mark["name"] == "morning"]
    assert (mark["ran_at"], mark["result"]) == (unix("2026-03-02T07:00"), "done")


def test_a_run_that_changes_nothing_is_told():
    bench = Clocked("2026-03-02T06:00", schedules=MORNING)
    bench.tell()
    bench.switch_on()
    bench.until("2026-03-02T07:00:01")
    assert bench.told() == ["ran morning"]


def test_nothing_runs_while_the_time_is_not_known():
    bench = Clocked("2026-03-02T06:00", schedules=MORNING)
    bench.give(ClockTold(offset=None, zone=BERLIN))
    bench.until("2026-03-02T12:00")
    assert not bench.contact
    assert bench.next() == {"name": None, "at": None, "text": "waits: the time is not known"}
    bench.tell()
    bench.until("2026-03-02T22:00")
    assert not bench.contact
    bench.give(ClockTold(offset=None, zone=BERLIN))
    assert bench.device.next_deadline(bench.state, bench.now) is None


def test_a_socket_without_schedules_has_no_deadline_and_keeps_no_plan():
    bench = Clocked("2026-03-02T06:00")
    bench.tell()
    assert bench.state.plan.kept == ((), (), None, "", ())
    assert bench.device.next_deadline(bench.state, bench.now) is None
    assert bench.next() is None


def test_a_schedule_is_refused_while_tripped_and_resets_nothing():
    schedules = MORNING | {"count": "set count_down = 60 at 08:00"}
    bench = Clocked("2026-03-02T06:00", schedules=schedules)
    bench.state = replace(bench.state, trip=TRIP)
    bench.tell()
    bench.until("2026-03-02T23:00")
    assert not bench.contact
    assert bench.state.trip == TRIP
    assert bench.told() == ["refused morning", "refused count", "ran night"]
    reason = bench.rows()[0][1]["reason"]
    assert reason == "tripped: overcurrent 7.3 A; a schedule never resets a trip"
    assert bench.rows()[1][1]["reason"].endswith("a schedule never resets a trip")


def test_min_off_s_holds_for_a_schedule_and_says_so():
    bench = Clocked("2026-03-02T06:00", schedules={"a": "on at 07:00"}, relay={"min_off_s": 180})
    bench.tell()
    bench.until("2026-03-02T06:58")
    bench.command(power_switch=True)
    bench.until("2026-03-02T06:59")
    bench.command(power_switch=False)
    bench.until("2026-03-02T07:01:59")
    assert not bench.contact
    assert bench.rows()[-1][1]["reason"] == "min_off_s holds it back"
    bench.until("2026-03-02T07:02:01")
    assert bench.contact
    last = bench.rows("relay")[-1][1]
    assert (last["why"], last["by"]) == ("min_off_s", "schedule a")


def test_what_is_due_at_once_runs_in_the_order_of_its_times():
    schedules = {"b": "off at 06:59", "a": "on at 07:00", "c": "event x at 06:59"}
    bench = Clocked("2026-03-02T06:58", schedules=schedules)
    bench.tell()
    bench.switch_on()
    bench.now += 118.5
    bench.give(Tick())
    assert bench.told() == ["ran c", "ran a"]
    assert bench.moved()[-1] == "off b"
    bench.tick_until(bench.now + 1)
    assert bench.contact
    assert bench.state.plan.looked_at == unix("2026-03-02T07:00")


def test_a_property_is_set_through_the_checks_of_a_command():
    schedules = {
        "limit": "set current_limit = 2 at 07:00",
        "wrong": "set current_limit = 99 at 07:01",
        "count": "set count_down = 600 at 07:02",
        "off": "set power_switch = off at 07:03",
    }
    bench = Clocked("2026-03-02T06:00", schedules=schedules)
    bench.tell()
    bench.switch_on()
    bench.until("2026-03-02T07:02:01")
    assert bench.state.limit_a == 2
    assert bench.told() == ["ran limit", "refused wrong", "ran count"]
    assert bench.state.countdown_by.by == "schedule count"
    bench.until("2026-03-02T07:03:01")
    assert bench.moved()[-1] == "off off"


def test_an_event_is_raised():
    bench = Clocked("2026-03-02T06:00", schedules={"bell": "event breakfast at 07:00"})
    bench.tell()
    bench.until("2026-03-02T07:00:01")
    (raised,) = [effect for effect in bench.effects if isinstance(effect, Raise)]
    assert raised == Raise(event="notice", values={"name": "breakfast", "text": "schedule bell"})


def test_a_changed_file_is_looked_at_when_it_is_loaded():
    bench = Clocked("2026-03-02T08:00", schedules={"a": "on at 07:00"})
    bench.tell()
    changed = settings(schedules={"a": "on at 07:30", "b": "off at 09:00"})
    bench.device = Socket(settings=changed)
    assert bench.device.next_deadline(bench.state, bench.now) == bench.now
    bench.give(Tick())
    assert [due.name for due in bench.state.plan.agenda.dues] == ["b", "a"]
    assert not bench.contact
    bench.device = Socket(settings=settings())
    assert bench.device.next_deadline(bench.state, bench.now) is None
    bench.give(Tick())
    assert bench.state.plan.marks == ()
    assert bench.state.plan.agenda is None


def test_a_stopped_service_starts_nothing():
    bench = Clocked("2026-03-02T06:59", schedules={"a": "on at 07:00"})
    bench.tell()
    bench.switch_on()
    bench.state, _ = bench.device.stop(bench.state, bench.now)
    bench.now += 120
    bench.give(Tick())
    assert not bench.state.relay_on
    assert bench.device.next_deadline(bench.state, bench.now) is None


def test_a_sun_that_does_not_rise_is_looked_for_again():
    place = {"latitude": 89.9, "longitude": 0}
    bench = Clocked("2026-05-01T06:00", zone="UTC", schedules={"a": "on at sunset"}, place=place)
    bench.tell()
    assert bench.next() is None
    bench.tick_until(bench.now + 200 * 86_400)
    assert bench.state.plan.marks[0].ran_at is None or bench.contact


def test_another_zone_moves_the_runs_and_misses_none():
    bench = Clocked("2026-03-02T08:00", schedules={"a": "off at 12:00 missed run"})
    bench.tell()
    bench.switch_on()
    bench.zone = "Asia/Shanghai"
    bench.tell()
    assert bench.contact
    assert bench.next()["at"] == unix("2026-03-03T12:00", "Asia/Shanghai")


def test_frames_alone_decide_no_schedule():
    bench = Clocked("2026-03-02T07:00", schedules={"a": "on at 08:00"}, place=PLACE)
    bench.tell()
    plan = bench.state.plan
    bench.run(5, 0.0, 0.0)
    assert bench.state.plan is plan


@pytest.mark.parametrize("doing", ["on", "toggle", "set power_switch = true"])
def test_no_way_of_switching_on_resets_a_trip(doing):
    bench = Clocked("2026-03-02T06:00", schedules={"a": f"{doing} at 07:00"})
    bench.state = replace(bench.state, trip=TRIP)
    bench.tell()
    bench.until("2026-03-02T07:00:01")
    assert bench.state.trip == TRIP
    assert bench.told() == ["refused a"]


def test_a_recording_holds_the_plan():
    bench = Clocked("2026-03-02T06:00", schedules=MORNING | {"off": "disabled on at 05:00"})
    bench.tell()
    bench.until("2026-03-02T08:00")
    assert typed(State, plain(bench.state)) == bench.state

"""What was due while nobody watched, and clocks that are set: each run once, or by its policy."""

import pytest

from agent.devices.inputs import ClockTold
from agent.model import StartCause
from tests.devices.socket.planned import BERLIN, Clocked, unix

RESTORE = {"on_start": "restore", "on_stop": "keep"}


def away(text, away_s=2 * 3600, *, is_on=False):
    """A socket that was not there from 08:00 on, and what its schedule did when it was back."""
    bench = Clocked("2026-03-02T08:00", schedules={"a": text}, relay=RESTORE)
    bench.tell()
    if is_on:
        bench.switch_on()
    bench.restart(away_s)
    assert bench.contact is is_on
    bench.tell()
    bench.tick_until(bench.now + 5)
    return bench


@pytest.mark.parametrize(
    ("text", "is_on", "contact", "told"),
    [
        ("on at 09:00", False, False, "skipped a"),
        ("off at 09:00", True, False, "ran a"),
        ("toggle at 09:00", True, False, "ran a"),
        ("toggle at 09:00", False, False, "skipped a"),
        ("set power_switch = off at 09:00", True, False, "ran a"),
        ("set power_switch = on at 09:00", False, False, "skipped a"),
        ("set current_limit = 2 at 09:00", True, True, "skipped a"),
        ("event x at 09:00", True, True, "skipped a"),
        ("off at 09:00 missed skip", True, True, "skipped a"),
        ("on at 09:00 missed run", False, True, "ran a"),
        ("set current_limit = 2 at 09:00 missed run", True, True, "ran a"),
        ("cycle 30m/20m 08:00-09:55", True, False, "ran a"),
    ],
)
def test_a_missed_run_may_switch_off_and_not_on_unless_it_is_said(text, is_on, contact, told):
    bench = away(text, is_on=is_on)
    assert bench.contact is contact
    assert bench.told() == [told]
    name, details = bench.rows()[0]
    assert details["missed"] is True
    assert ("reason" in details) is (name == "skipped")


def test_only_the_last_of_each_schedule_counts_and_they_come_in_the_order_of_their_times():
    schedules = {"b": "on cron 0 * * * * missed run", "a": "off at 09:30"}
    bench = Clocked("2026-03-02T08:30", schedules=schedules, relay=RESTORE)
    bench.tell()
    bench.restart(3 * 3600)
    bench.tell()
    assert bench.contact
    assert [(name, row["schedule"], row["at"]) for name, row in bench.rows()] == [
        ("ran", "a", unix("2026-03-02T09:30")),
        ("ran", "b", unix("2026-03-02T11:00")),
    ]


def test_no_more_than_a_week_is_made_up_for():
    assert away("on at 2026-03-02 09:00 missed run", 6 * 86_400).contact
    bench = away("on at 2026-03-02 09:00 missed run", 8 * 86_400)
    assert not bench.contact
    assert bench.told() == []


def test_a_missed_run_while_tripped_is_refused():
    bench = Clocked("2026-03-02T08:00", schedules={"a": "on at 09:00 missed run"}, relay=RESTORE)
    bench.tell()
    bench.switch_on()
    bench.run(30, 9.0, 2070.0)
    assert bench.state.trip is not None
    bench.restart(2 * 3600, StartCause.POWER_LOSS)
    bench.tell()
    assert bench.told() == ["refused a"]
    assert bench.state.trip is not None


@pytest.mark.parametrize(
    ("cause", "is_known_late"), [(StartCause.CRASH, False), (StartCause.POWER_LOSS, True)]
)
def test_a_restart_over_a_run_does_it_neither_twice_nor_unwatched(cause, is_known_late):
    bench = Clocked("2026-03-02T06:59:59", schedules={"a": "toggle at 07:00"}, relay=RESTORE)
    bench.tell()
    bench.until("2026-03-02T07:00:01")
    assert bench.contact
    bench.restart(1, cause)
    if is_known_late:
        bench.give(ClockTold(offset=None, zone=BERLIN))
        bench.tick_until(bench.now + 60)
    bench.tell()
    bench.tick_until(bench.now + 60)
    assert bench.contact
    assert bench.told() == []


def test_a_schedule_that_was_changed_in_the_file_while_away_is_not_missed():
    bench = Clocked("2026-03-02T08:00", schedules={"a": "on at 07:00"})
    bench.tell()
    changed = Clocked("2026-03-02T08:00", schedules={"a": "on at 09:00 missed run"})
    bench.device = changed.device
    bench.restart(2 * 3600)
    bench.tell()
    assert bench.told() == []
    assert bench.next()["at"] == unix("2026-03-03T09:00")


# ── clocks that are set ──


def test_a_clock_set_back_by_an_hour_runs_nothing_twice():
    bench = Clocked("2026-03-02T06:30", schedules={"a": "toggle at 07:00", "b": "toggle at 07:40"})
    bench.tell()
    bench.until("2026-03-02T07:30")
    bench.set_clock(-3600)
    assert bench.next()["name"] == "b"
    bench.until("2026-03-02T08:00")
    assert bench.moved() == ["on a", "off b"]


def test_a_clock_set_back_by_a_day_begins_anew():
    bench = Clocked("2026-03-03T06:30", schedules={"a": "toggle at 07:00"})
    bench.tell()
    bench.until("2026-03-03T07:30")
    bench.set_clock(-86_400)
    bench.until("2026-03-02T08:00")
    assert bench.moved() == ["on a"]
    bench.until("2026-03-03T08:00")
    assert bench.moved() == ["on a", "off a"]
    assert [name for name, _ in bench.rows()] == ["anew"]


def test_a_kept_time_that_lies_far_ahead_begins_anew_too():
    bench = Clocked("2026-03-03T06:30", schedules={"a": "toggle at 07:00"})
    bench.tell()
    bench.until("2026-03-03T07:30")
    bench.offset -= 86_400
    bench.restart(1)
    bench.tell()
    assert bench.told() == ["anew"]
    bench.until("2026-03-02T08:00")
    assert bench.moved() == ["on a"]


@pytest.mark.parametrize(
    ("by_s", "contact", "told"),
    [(0.7, True, []), (59, True, []), (61, False, ["skipped a"]), (7200, False, ["skipped a"])],
)
def test_a_leap_over_a_run_is_a_missed_one_and_a_small_step_is_not(by_s, contact, told):
    bench = Clocked("2026-03-02T06:59", schedules={"a": "on at 07:00"})
    bench.tell()
    bench.until("2026-03-02T06:59:59.500")
    bench.set_clock(by_s)
    assert bench.contact is contact
    assert bench.told() == told


def test_a_loop_that_stood_still_has_missed_what_is_more_than_a_minute_late():
    bench = Clocked("2026-03-02T06:59", schedules={"a": "on at 07:00"})
    bench.tell()
    bench.now += 121
    bench.tick_until(bench.now)
    bench.tick_until(bench.now + 1)
    assert not bench.contact
    assert bench.told() == ["skipped a"]

"""The timers that a cloud manages: some of the schedules, and no others."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.automation.timers import MOST
from agent.devices.effects import Save
from agent.devices.socket.state import Trip
from agent.devices.socket.thing_table import SOCKET
from agent.messages import PropertySet, RefusalKind
from agent.rights import Rights
from tests.devices.socket.bench import CLOUD
from tests.devices.socket.planned import Clocked

TRIP = Trip(cause="overcurrent", value=7.3, limit=5.0, duration_s=3.0, evidence="current", at=0.0)
MONDAY = "2026-03-02T08:00"


def started(at=MONDAY, **sections):
    bench = Clocked(at, **sections)
    bench.tell()
    return bench


def told(bench):
    return SOCKET.snapshot(bench.state, bench.now)["timers"]


def put(bench, text, *, is_live=True):
    return bench.command(CLOUD, is_live=is_live, timers=text)


def refusal(bench, text, **more):
    before = bench.state
    found = put(bench, text, **more).refusal
    assert bench.state == before
    return found.kind, found.reason


def named(bench):
    return {entry.name: entry.text for entry in bench.state.plan.entries}


def test_none_are_told_as_an_empty_text():
    assert told(started()) == ""


def test_lines_become_schedules_of_their_slots_and_are_carried_out():
    bench = started()
    assert put(bench, "on at 08:30 mon,tue\n\noff at 09:00").refusal is None
    assert named(bench) == {"timer-1": "on at 08:30 mon,tue", "timer-3": "off at 09:00"}
    assert told(bench) == "on at 08:30 mon,tue\n\noff at 09:00"
    bench.until("2026-03-02T09:00:01")
    assert bench.moved() == ["on timer-1", "off timer-3"]


def test_what_happens_once_gets_a_date_and_goes_when_it_has_happened():
    bench = started()
    put(bench, "on at 08:30 once\noff at 03-03 07:00")
    assert told(bench) == "on at 2026-03-02 08:30\noff at 2026-03-03 07:00"
    bench.until("2026-03-02T08:30:01")
    assert told(bench) == "\noff at 2026-03-03 07:00"
    bench.until("2026-03-03T07:00:01")
    assert (told(bench), bench.moved()) == ("", ["on timer-1", "off timer-2"])


def test_only_the_slots_are_replaced_and_a_disabled_one_waits():
    bench = started()
    bench.edit("noon", "on at 12:00")
    put(bench, "on at 08:30\noff at 08:45")
    put(bench, "disabled on at 08:40 mon")
    assert named(bench) == {"noon": "on at 12:00", "timer-1": "disabled on at 08:40 mon"}
    bench.until("2026-03-02T12:00:01")
    assert bench.moved() == ["on noon"]
    put(bench, "")
    assert named(bench) == {"noon": "on at 12:00"}


def test_a_timer_that_is_moved_ahead_of_all_others_is_carried_out_then():
    bench = started()
    bench.edit("noon", "on at 12:00")
    put(bench, "on at 09:00\noff at 11:00")
    bench.until("2026-03-02T08:10")
    put(bench, "on at 08:20\noff at 11:00")
    bench.until("2026-03-02T08:20:01")
    assert bench.moved() == ["on timer-1"]
    bench.until("2026-03-02T10:00")
    assert bench.moved() == ["on timer-1"]


def test_what_a_cloud_plans_outlives_a_restart():
    bench = started()
    put(bench, "on at 08:30")
    assert any(isinstance(effect, Save) for effect in bench.effects[-4:])
    bench.restart(60)
    bench.tell()
    assert told(bench) == "on at 08:30"
    bench.until("2026-03-02T08:30:01")
    assert bench.moved() == ["on timer-1"]


def test_the_journal_tells_who_planned_what_and_only_once():
    bench = started()
    put(bench, "on at 08:30\n\noff at 09:00")
    (row,) = bench.rows()
    assert row[0] == "timers"
    assert row[1]["text"] == "on at 08:30\n\noff at 09:00"
    assert row[1]["by"] == "cloud tencent"
    put(bench, "on at 08:30\n\noff at 09:00")
    assert len(bench.rows()) == 1


@pytest.mark.parametrize(
    ("text", "kind", "says"),
    [
        ("toggle at 08:30", RefusalKind.MALFORMED, "is no timer; allowed:"),
        ("on at sunset", RefusalKind.MALFORMED, "is no timer"),
        ("\n".join(["on at 08:30"] * (MOST + 1)), RefusalKind.MALFORMED, "at most 13 lines"),
        ("x" * 2049, RefusalKind.OUT_OF_RANGE, "0 to 2048"),
        ("on at 08:30 utc+08:00", RefusalKind.OUT_OF_RANGE, "not the device's own time"),
    ],
)
def test_what_cannot_be_is_refused_whole(text, kind, says):
    bench = started()
    put(bench, "off at 07:00")
    found, reason = refusal(bench, text)
    assert found is kind
    assert says in reason


def test_a_bad_timer_keeps_the_switch_from_moving_too():
    bench = started()
    outcome = bench.command(CLOUD, power_switch=True, timers="soon")
    assert outcome.refusal.kind is RefusalKind.MALFORMED
    assert not bench.contact
    bench.tick_until(bench.now + 2)
    assert not bench.contact
    assert bench.command(CLOUD, power_switch=True, timers="off at 08:30").refusal is None
    assert bench.contact


def test_without_a_clock_only_what_needs_none_is_taken():
    bench = Clocked(MONDAY)
    kind, reason = refusal(bench, "on at 08:30 once")
    assert (kind, "does not know the time yet" in reason) == (RefusalKind.FAILED, True)
    assert put(bench, "on at 08:30 mon").refusal is None
    bench.tell()
    bench.until("2026-03-02T08:30:01")
    assert bench.moved() == ["on timer-1"]


def test_a_name_of_the_file_is_the_files():
    bench = started(schedules={"timer-2": "off at 22:00"})
    assert put(bench, "on at 08:30").refusal is None
    kind, reason = refusal(bench, "on at 08:30\non at 08:45")
    assert (kind, "timer-2 stands in the configuration" in reason) == (
        RefusalKind.NOT_ALLOWED,
        True,
    )
    assert told(bench) == "on at 08:30"


def test_there_is_room_for_so_many_schedules_in_all():
    bench = started()
    for number in range(8):
        bench.edit(f"s{number}", "on at 12:00")
    full = "\n".join(["on at 08:30"] * MOST)
    kind, reason = refusal(bench, full)
    assert kind is RefusalKind.NOT_ALLOWED
    assert "8 schedules were added beside the timers, and 20 are the most" in reason
    bench.edit("s0", removes=True)
    assert put(bench, full).refusal is None
    assert put(bench, full).refusal is None


def test_a_stored_timer_may_switch_on_only_where_stored_commands_may():
    bench = started(protection={"accept_stored_on": False, "meter_lost": "keep"})
    kind, _ = refusal(bench, "off at 07:00\non at 08:30", is_live=False)
    assert kind is RefusalKind.NOT_ALLOWED
    assert put(bench, "off at 07:00\ndisabled on at 08:30", is_live=False).refusal is None
    assert put(bench, "on at 08:30").refusal is None
    assert put(started(), "on at 08:30", is_live=False).refusal is None


def test_a_cloud_that_may_only_switch_off_plans_nothing():
    rights = Rights(commands="off_only")
    request = PropertySet(request_id="1", values={"timers": "off at 08:30"})
    assert rights.refusal(request).kind is RefusalKind.NOT_ALLOWED


def test_a_timer_never_closes_a_tripped_socket():
    bench = started()
    bench.state = replace(bench.state, trip=TRIP)
    assert put(bench, "on at 08:30").refusal is None
    bench.until("2026-03-02T08:31")
    assert not bench.contact
    assert bench.state.trip == TRIP
    assert bench.told()[-1] == "refused timer-1"


lines = st.sampled_from(
    [
        "",
        "on at 08:30",
        "off at 08:31 mon,fri",
        "disabled on at 23:59 once",
        "on at 02-29 07:30",
        "off at 08:00 once utc+01:00",
    ]
)


@given(st.lists(lines, max_size=MOST))
def test_what_is_told_may_be_written_back_and_changes_nothing(each):
    bench = started()
    assert put(bench, "\n".join(each)).refusal is None
    text, plan = told(bench), bench.state.plan
    assert put(bench, text).refusal is None
    assert (told(bench), bench.state.plan.entries) == (text, plan.entries)

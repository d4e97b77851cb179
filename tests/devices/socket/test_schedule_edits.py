"""Schedules that are written, removed and turned at run time."""

import pytest

from agent.automation.schedules.plan import Entry
from agent.devices.automated.schedule_list import listed, preview
from agent.devices.inputs import ClockTold
from agent.model import StartCause
from tests.devices.socket.planned import BERLIN, PLACE, Clocked, unix

FILE = {"morning": "on at 07:00 mon-fri"}


def names(bench):
    return [each["name"] for each in listed(bench.device.actor, bench.state)]


def started(at="2026-03-02T08:00", **sections):
    bench = Clocked(at, **({"schedules": FILE} | sections))
    bench.tell()
    return bench


def test_an_added_schedule_runs_from_now_on_and_survives_a_restart():
    bench = started()
    assert bench.edit("noon", "on at 12:00").refusal is None
    assert bench.edit("early", "on at 07:30 missed run").refusal is None
    assert bench.told() == ["written noon", "written early"]
    assert bench.rows()[0][1] == {"schedule": "noon", "text": "on at 12:00", "by": "local maker"}
    bench.restart(60)
    bench.tell()
    assert names(bench) == ["morning", "noon", "early"]
    assert not bench.contact
    bench.until("2026-03-02T12:00:01")
    assert bench.moved() == ["on noon"]


def test_a_text_replaces_the_one_of_that_name():
    bench = started()
    bench.edit("noon", "on at 12:00")
    bench.edit("other", "on at 18:00")
    bench.edit("noon", "off at 13:00", is_enabled=False)
    texts = {entry.name: entry.text for entry in bench.state.plan.entries}
    assert texts == {"noon": "disabled off at 13:00", "other": "on at 18:00"}


def test_one_of_the_file_is_turned_but_neither_changed_nor_removed():
    bench = started()
    assert "change it there and reload" in bench.refusal("morning", "on at 08:00")
    assert "take it out there and reload" in bench.refusal("morning", removes=True)
    assert bench.edit("morning", is_enabled=False).refusal is None
    assert bench.next() is None
    bench.restart(60)
    bench.tell()
    bench.until("2026-03-03T12:00")
    assert not bench.contact
    assert bench.edit("morning", is_enabled=True).refusal is None
    assert bench.told() == ["disabled morning", "enabled morning"]
    assert not bench.contact
    bench.until("2026-03-04T07:00:01")
    assert bench.contact


def test_an_added_one_is_turned_and_removed():
    bench = started()
    bench.edit("a", "on at 12:00")
    bench.edit("b", "on at 13:00")
    bench.edit("a", is_enabled=False)
    assert bench.next()["name"] == "b"
    bench.edit("a", is_enabled=True)
    assert bench.next()["name"] == "a"
    assert bench.edit("a", removes=True).refusal is None
    assert names(bench) == ["morning", "b"]
    assert [mark.name for mark in bench.state.plan.marks] == ["morning", "b"]


def test_a_name_that_the_file_takes_later_hides_the_added_one_which_can_be_removed():
    bench = started(schedules={})
    bench.edit("morning", "on at 06:00")
    other = started()
    other.state = bench.state
    assert [each["from"] for each in listed(other.device.actor, other.state)] == ["file"]
    assert other.edit("morning", removes=True).refusal is None
    assert other.state.plan.entries == ()


@pytest.mark.parametrize(
    ("name", "text", "more", "says"),
    [
        ("Noon", "on at 12:00", {}, "'Noon' is no name of a schedule; allowed: 1 to 32 of a-z"),
        ("n", "on at noon", {}, "'noon' is no time; allowed: HH:MM"),
        ("n", "on at sunset", {}, "allowed: one once latitude and longitude stand in"),
        ("n", "set voltage = 5 at 12:00", {}, "voltage can only be read"),
        ("n", "set current_limit = 99 at 12:00", {}, "current_limit is 0 to"),
        ("n", "on at 2026-03-02 07:59", {}, "is over; allowed: a time to come"),
        ("n", None, {"removes": True}, "no schedule is named 'n'; there is: morning"),
        ("mornin", None, {"is_enabled": True}, "did you mean 'morning'?"),
        ("n", None, {}, "the edit changes nothing"),
    ],
)
def test_what_cannot_be_is_refused_and_changes_nothing(name, text, more, says):
    assert says in started().refusal(name, text, **more)


def test_twenty_are_the_most():
    bench = started(schedules={})
    for number in range(20):
        assert bench.edit(f"n{number}", "on at 12:00").refusal is None
    assert "20 schedules were added, and that is the most" in bench.refusal("more", "on at 12:00")
    assert bench.edit("n3", "off at 12:00").refusal is None


def test_one_that_comes_once_is_gone_after_it_ran():
    bench = started()
    bench.edit("once", "on at 2026-03-02 09:00")
    bench.until("2026-03-02T09:00:01")
    assert bench.contact
    assert names(bench) == ["morning"]


def test_one_of_the_file_that_comes_once_is_over_after_it_ran():
    bench = started(schedules={"once": "on at 2026-03-02 09:00"})
    bench.until("2026-03-02T09:00:01")
    (entry,) = listed(bench.device.actor, bench.state)
    assert entry["is_over"]
    assert entry["last"]["result"] == "done"
    assert entry["last"]["local"] == "Mon 2026-03-02 09:00:00"


def test_one_whose_time_went_by_while_the_clock_was_not_known_is_taken_out():
    bench = Clocked("2026-03-02T08:00")
    bench.give(ClockTold(offset=None, zone=BERLIN))
    assert bench.edit("once", "on at 2026-03-02 07:00").refusal is None
    bench.tell()
    assert not bench.contact
    assert bench.told() == ["written once", "over once"]
    assert bench.state.plan.entries == ()


def test_a_schedule_that_this_version_cannot_read_is_kept_for_another():
    bench = started(schedules={})
    bench.edit("a", "on at 12:00")
    saved = [effect.saved for effect in bench.effects if hasattr(effect, "saved")][-1]
    plan = dict(saved["plan"]) | {"entries": [{"name": "z", "text": "on at full moon"}]}
    bench.begin(dict(saved) | {"plan": plan}, StartCause.RESTART)
    bench.tell()
    assert names(bench) == []
    assert bench.state.plan.entries[0].text == "on at full moon"


def previewed(bench, text, count):
    entry = Entry(name="s1", text=text)
    return preview(bench.device.actor, bench.state, entry, bench.now, count)


def test_a_preview_tells_the_next_runs_and_adds_nothing():
    bench = started(place=PLACE)
    found = previewed(bench, "cycle 30m/30m 09:00-10:00", 3)
    assert [(each["local"], each["does"]) for each in found] == [
        ("Mon 2026-03-02 09:00:00", "on"),
        ("Mon 2026-03-02 09:30:00", "off"),
        ("Mon 2026-03-02 10:00:00", "off"),
    ]
    assert len(previewed(bench, "on at 2026-12-24 18:00", 5)) == 1
    bench.give(ClockTold(offset=None, zone=BERLIN))
    assert previewed(bench, "on at 09:00", 3) is None


def test_the_list_says_where_each_comes_from_and_when_it_runs():
    bench = started()
    bench.edit("noon", "disabled on at 12:00")
    assert listed(bench.device.actor, bench.state) == [
        {
            "name": "morning",
            "text": "on at 07:00 mon-fri",
            "enabled": True,
            "from": "file",
            "next": {"at": unix("2026-03-03T07:00"), "local": "Tue 2026-03-03 07:00:00"},
            "is_over": False,
            "last": None,
        },
        {
            "name": "noon",
            "text": "on at 12:00",
            "enabled": False,
            "from": "added",
            "next": None,
            "is_over": False,
            "last": None,
        },
    ]

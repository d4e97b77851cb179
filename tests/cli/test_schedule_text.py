"""Schedules in tables and in the journal, as sentences."""

import pytest

from agent.cli.journal import happening
from agent.cli.schedule_text import schedules_text
from agent.cli.table import status_text

FACTS = {"schedule": "a", "text": "on at 07:00"}
RAN = {**FACTS, "at": 1.8e9, "missed": True, "reason": "missed skip"}


@pytest.mark.parametrize(
    ("topic", "name", "details", "says"),
    [
        ("relay", "on", {"why": "schedule", "name": "a", "text": "on at 07:00"}, "on: schedule a "),
        ("schedule", "skipped", RAN, ": missed, left out: missed skip"),
        ("schedule", "ran", {**FACTS, "at": None}, "due at an unknown time: done"),
        ("schedule", "refused", {**RAN, "missed": False}, ": REFUSED: missed skip"),
        ("schedule", "written", {**FACTS, "by": "local anna"}, "written by local anna"),
        ("schedule", "removed", {"schedule": "a", "by": "x"}, "schedule a removed by x"),
        ("schedule", "over", FACTS, "its time went by before it could run; removed"),
        ("schedule", "anew", {"looked_at": 1.8e9}, "the plan begins anew from here"),
        ("schedule", "later_version", {"x": 1}, "later version: x 1"),
    ],
)
def test_a_row_is_a_sentence(topic, name, details, says):
    assert says in happening({"topic": topic, "name": name, "details": details})


def test_the_list_says_when_each_runs_and_what_came_of_it_last():
    schedules = [
        {
            "name": "a",
            "text": "on at 07:00",
            "enabled": True,
            "from": "file",
            "next": {"at": 1, "local": "Mon 2026-03-02 07:00:00"},
            "last": {"at": 0, "local": "Sun 2026-03-01 07:00:00", "result": "done"},
        },
        {"name": "b", "text": "off at 8:00", "enabled": False, "from": "added"},
        {"name": "c", "text": "on at dawn", "enabled": True, "is_over": True, "from": "added"},
        {"name": "d", "text": "on at dusk", "enabled": True, "from": "added", "next": None},
    ]
    answer = {"device": "s", "zone": "UTC", "is_time_known": True, "schedules": schedules}
    assert schedules_text(answer).splitlines() == [
        "s (UTC)",
        (
            "  a  on at 07:00  next Mon 2026-03-02 07:00:00  from the file;"
            " last Sun 2026-03-01 07:00:00: done"
        ),
        "  b  off at 8:00  disabled",
        "  c  on at dawn   over",
        "  d  on at dusk   next —",
    ]


def test_an_empty_list_says_how_to_add_one_and_an_unknown_time_that_nothing_runs():
    text = schedules_text({"device": "s", "zone": "UTC"})
    assert "nothing runs until it is" in text
    assert "polycloud schedule add" in text


@pytest.mark.parametrize(
    ("told", "says"),
    [
        (
            {"name": "a", "at": 1.8e9, "text": "on at 07:00", "local": "Fri 2027-01-15 16:00:00"},
            "a: on at 07:00, next Fri 2027-01-15",
        ),
        ({"name": None, "at": None, "text": "waits: the time is not known"}, "waits: the time"),
    ],
)
def test_the_status_shows_the_next_run(told, says):
    text = status_text({"devices": [{"id": "s", "kind": "socket", "next_schedule": told}]})
    assert says in text

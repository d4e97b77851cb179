"""An outage in virtual time, short, and what its books must not let pass."""

from dataclasses import replace
from functools import cache

import pytest
from structlog.testing import capture_logs

from chaos.outages.account import account
from chaos.outages.day import play
from chaos.outages.outages import ROWS, Found, Work, row
from chaos.report import Verdict


@cache
def played(cloud, hours=1.0, rows=ROWS, events=8):
    with capture_logs():
        return play(cloud, seed=1, hours=hours, rows=rows, events=events, memory=None)


@pytest.mark.parametrize(("cloud", "rows"), [("tencent", ROWS), ("onenet", 100)])
def test_what_was_kept_through_an_outage_and_a_restart_arrives_in_order_and_as_it_was(cloud, rows):
    home = played(cloud, rows=rows)
    books = account(home.day, home.home.noted.rows, home.home.noted.newest)
    assert books.faults == []
    assert books.events == 8
    assert books.kept > 250
    assert (books.heard < books.kept - 100) is (rows < ROWS)


def faults(change):
    """The faults of a day of which *change* makes another."""
    home = played("tencent")
    day = home.day
    told = change(list(day.told))
    return account(replace(day, told=told), home.home.noted.rows, home.home.noted.newest).faults


def of(told, *, is_event):
    """Where what had waited for long is."""
    return [
        index
        for index, each in enumerate(told)
        if bool(each.event) is is_event and each.stamp and each.at - each.stamp / 1000 > 100
    ]


@pytest.mark.parametrize("is_event", [True, False])
@pytest.mark.parametrize("kind", ["missing", "twice", "swapped", "late"])
def test_what_is_missing_doubled_out_of_order_or_of_another_time_is_found(kind, is_event):
    def change(told):
        at = of(told, is_event=is_event)
        first, second = at[2], at[4]
        match kind:
            case "missing":
                del told[first]
            case "twice":
                told.insert(second, told[first])
            case "swapped":
                told[first], told[second] = told[second], told[first]
            case _:
                told[first] = replace(told[first], stamp=told[first].stamp + 700)
        return told

    assert faults(lambda told: told) == []
    assert faults(change)


def test_a_command_that_waits_too_long_or_a_pace_above_the_platforms_is_found():
    home = played("tencent")
    for changed in (
        replace(home.day, answers_s=[0.0, 6.0]),
        replace(home.day, unanswered=1),
        replace(home.day, sessions=2),
        replace(home.day, entries=[home.day.entries[-1]] * 11),
    ):
        assert len(account(changed, home.home.noted.rows, home.home.noted.newest).faults) == 1


FOUND = Found(
    events=100,
    kept=10,
    heard=10,
    thinned=0,
    lost=0,
    local=0,
    in_memory=130,
    disk_bytes=1000,
    drain_s=1.0,
    messages=10,
    per_s=1,
    slowest_s=0.0,
    answers=3,
    faults=[],
)


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"in_memory": 900}, "900 messages in memory"),
        ({"disk_bytes": 1 << 30}, "bytes on the disk"),
        ({"events": 99}, "only 99 events"),
        ({"thinned": 1}, "though there was room"),
        ({"faults": ["no"]}, "no"),
    ],
)
def test_a_row_fails_for_what_grows_or_is_left_out(changes, why):
    work = Work(cloud="tencent")
    assert row(work, FOUND, FOUND).verdict is Verdict.HELD
    found = row(work, replace(FOUND, **changes), FOUND)
    assert found.verdict is Verdict.BROKEN
    assert why in found.why

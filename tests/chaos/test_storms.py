"""Some random storms at every platform, and what their books must not let pass."""

from dataclasses import replace
from functools import cache

import pytest
from structlog.testing import capture_logs

from agent.demo.dialects import DIALECTS
from agent.outbox import Counters
from chaos.report import Verdict
from chaos.storm import play
from chaos.storms import Sum, Work, row, work
from chaos.wrongs import wrongs


@pytest.mark.parametrize("cloud", DIALECTS)
def test_after_any_storm_the_link_is_up_again_and_nothing_is_lost(cloud):
    with capture_logs():
        total = work(Work(cloud=cloud, seed=7, first=0, count=8))
    assert total.wrongs == []
    assert total.storms == 8
    assert sum(total.faults.values()) >= 8
    assert total.raised > 40


@cache
def storm():
    with capture_logs():
        return play("tencent", "7/tencent/1")


def test_the_same_seed_is_the_same_storm():
    with capture_logs():
        again = play("tencent", "7/tencent/1")
    assert (again.faults, again.events) == (storm().faults, storm().events)


def test_a_storm_without_wrongs_has_none():
    assert list(wrongs(storm())) == []


def heard_at(change):
    times = {number: list(each) for number, each in storm().heard_at.items()}
    change(times)
    return times


def swap(times):
    first, second = storm().events[0], storm().events[-1]
    times[first], times[second] = times[second], times[first]


LAST = 1e9


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        (lambda: {"back_s": None}, "was not up"),
        (lambda: {"pending": 2}, "2 messages wait for ever"),
        (lambda: {"heard_at": heard_at(lambda times: times.popitem())}, "never heard"),
        (lambda: {"counters": Counters(lost=1)}, "with room to spare"),
        (lambda: {"counters": Counters(unconfirmed=99)}, "99 unconfirmed"),
        (lambda: {"heard_at": heard_at(swap)}, "events came out of order"),
        (
            lambda: {"heard_at": heard_at(lambda t: t.update({max(t): [LAST, LAST]}))},
            "came 2 times in good weather",
        ),
        (lambda: {"connects": [1.0, 5.5]}, "two connects 4.50 s apart"),
        (lambda: {"sent": [1.0] * 11}, "11 messages within a second"),
    ],
)
def test_each_wrong_is_found(changes, why):
    assert why in "; ".join(wrongs(replace(storm(), **changes())))


def test_the_row_of_storms_fails_with_the_seed_of_the_first_wrong_one():
    assert row("tencent", Sum(storms=3), 1.0).verdict is Verdict.HELD
    found = row("tencent", Sum(storms=3, wrongs=["storm 1/tencent/2: lost"]), 1.0)
    assert found.verdict is Verdict.BROKEN
    assert "storm 1/tencent/2: lost" in found.why

"""Rules that have fired: they rest, come through a restart, and fire once whatever comes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.automation.rules.book import Remembered, RuleBook, after_start
from agent.automation.rules.memory import rests_until
from agent.automation.rules.rule import HOUR_S, MAX_PER_HOUR
from agent.automation.rules.stepping import hold
from tests.automation.rules.running import Run, at

# ── rest ────────────────────────────────────────────────────────────────────────────────────


def test_it_rests_after_firing_and_fires_then_if_it_still_holds():
    run = Run("when p < 5 rest 5m: off")
    run.step(p=3)
    run.now = 10.0
    run.step(p=9)
    run.step(p=3)
    run.wait(1000)
    assert run.fired == [0.0, 300.0]


def test_one_that_fires_too_often_rests_for_an_hour_and_says_so_once():
    run = Run("when p < 5 rest 1s: off")
    for second in range(0, 200, 2):
        run.now = float(second)
        run.step(p=3)
        run.step(p=9)
    assert len(run.fired) == MAX_PER_HOUR
    assert run.rested == [24.0]
    assert rests_until(run.rule, run.memory) == 22.0 + HOUR_S
    run.step(p=3)
    run.wait(2 * HOUR_S)
    assert run.fired[-1] == 22.0 + HOUR_S
    assert run.memory.fired == (22.0 + HOUR_S,)
    assert not run.memory.is_resting


def test_when_it_fired_last_is_remembered_by_the_wall_clock():
    run = Run("when p < 5: off", at("12:00"))
    run.step(p=3)
    assert run.memory.fired_wall == run.local.wall_time(0.0)


# ── starts ──────────────────────────────────────────────────────────────────────────────────


def restarted(run, *, is_same_boot=True, away_s=0.0):
    row = Remembered(name="r", text="t", memory=run.memory)
    run.now += away_s or 0.0
    book = after_start(RuleBook(memory=(row,)), run.now, is_same_boot=is_same_boot, away_s=away_s)
    run.memory = book.memory[0].memory
    run.values = {}


def test_a_short_restart_breaks_no_hold():
    run = Run("when p < 5 for 10m: off")
    run.step(p=3)
    run.wait(500)
    restarted(run, away_s=5.0)
    run.step()
    run.now += 3
    run.step(p=3)
    run.wait(200)
    assert run.fired == [605.0], "nobody watched for five seconds"


def test_a_value_that_stays_unknown_after_a_restart_is_a_break():
    run = Run("when p < 5 for 10m: off")
    run.step(p=3)
    run.wait(595)
    restarted(run)
    run.wait(100)
    assert (run.fired, run.memory.since) == ([], None)


@pytest.mark.parametrize("is_same_boot", [True, False])
def test_a_longer_absence_is_a_break(is_same_boot):
    run = Run("when p < 5 for 10m: off")
    run.step(p=3)
    run.wait(500)
    restarted(run, is_same_boot=is_same_boot, away_s=None)
    run.step(p=3)
    run.wait(599)
    assert run.fired == []


def test_after_a_reboot_what_came_before_and_that_it_has_fired_are_known():
    run = Run("when p < 5 after > 30: off")
    run.step(p=31)
    run.step(p=3)
    run.wait(5000)
    restarted(run, is_same_boot=False, away_s=None)
    run.now = 7.0
    assert not run.step(p=3)
    assert run.memory.is_spent
    run.step(p=31)
    restarted(run, is_same_boot=False, away_s=None)
    assert run.memory.is_ready
    run.now += 61
    assert run.step(p=3)


# ── whatever comes ──────────────────────────────────────────────────────────────────────────

VALUES = st.sampled_from([None, 0, 3, 10, 40])
EVENTS = st.lists(
    st.one_of(
        st.tuples(st.just("value"), VALUES),
        st.tuples(st.just("wait"), st.sampled_from([0.1, 1, 30, 61, 700, 4000])),
        st.tuples(st.just("restart"), st.sampled_from([None, 0.5, 10.0])),
        st.tuples(st.just("on"), st.booleans()),
        st.tuples(st.just("barred"), st.booleans()),
    ),
    max_size=60,
)
TEXTS = st.sampled_from(
    [
        "when p < 5: off",
        "when p < 5 rest 1s: off",
        "when p < 5 for 1m: off",
        "when p < 5 for 10m after > 30: off",
        "when p < 5 after > 30 for 30s between 22:00 and 04:00 rest 2m: off",
    ]
)


@given(TEXTS, EVENTS)
def test_it_fires_once_an_edge_never_behind_a_trip_and_not_too_often(text, events):
    run = Run(text, at("12:00"))
    was_false = True
    for kind, what in events:
        before = len(run.fired)
        if kind == "value":
            run.step(p=what)
        elif kind == "wait":
            run.wait(what)
        elif kind == "restart":
            restarted(run, away_s=what)
        elif kind == "on":
            run.is_on = what
        else:
            run.is_barred = what
        news = len(run.fired) - before
        assert news <= int(was_false)
        assert not (news and run.is_barred)
        was_false = (was_false and not news) or hold(run.rule, run.values) is False
        assert len(run.memory.fired) <= MAX_PER_HOUR
    for first, later in zip(run.fired, run.fired[MAX_PER_HOUR:], strict=False):
        assert later - first >= HOUR_S
    for first, later in zip(run.fired, run.fired[1:], strict=False):
        assert later - first >= run.rule.rest_s

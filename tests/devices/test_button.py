"""Gestures come from edges and time alone, each once."""

from dataclasses import replace

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from agent.devices.button import (
    AWAY,
    CLICK_S,
    Finger,
    Gesture,
    Timing,
    held,
    moved,
    next_at,
    tiers,
    waited,
    without_click,
)

CLICK, DOUBLE = Gesture.CLICK, Gesture.DOUBLE_CLICK
HOLD, RESET = Gesture.HOLD, Gesture.RESET_HOLD
SECOND_S = 0.35
BOTH = Timing(double_click_s=SECOND_S, hold_s=5, reset_hold_s=10, cancel_hold_s=15)
SINGLE = replace(BOTH, double_click_s=None)


class Hand:
    """A finger on the button in time; ticks come when they are due."""

    def __init__(self, timing: Timing = BOTH, *, acts_at_once: bool = False) -> None:
        self.timing = timing
        self.acts_at_once = acts_at_once
        self.finger = AWAY
        self.now = 1000.0
        self.said: list[tuple[float, Gesture]] = []

    def wait(self, seconds: float, *, ticks: bool = True) -> None:
        end = self.now + seconds
        due = next_at(self.finger, self.timing)
        if ticks and due is not None and due <= end:
            self.now = max(due, self.now)
            self.tick()
            assert next_at(self.finger, self.timing) is None
        self.now = end

    def tick(self) -> None:
        self._take(waited(self.finger, self.timing, self.now))

    def edge(self, *, is_pressed: bool) -> tuple[Gesture, ...]:
        now, is_now = self.now, self.acts_at_once
        return self._take(
            moved(self.finger, self.timing, now, is_pressed=is_pressed, acts_at_once=is_now)
        )

    def press(self, held_s: float) -> tuple[Gesture, ...]:
        self.edge(is_pressed=True)
        self.wait(held_s)
        return self.edge(is_pressed=False)

    def _take(self, result) -> tuple[Gesture, ...]:
        self.finger, gestures = result
        self.said += [(round(self.now - 1000, 6), gesture) for gesture in gestures]
        return gestures

    @property
    def gestures(self) -> list[Gesture]:
        return [gesture for _, gesture in self.said]


@pytest.mark.parametrize(
    ("held_s", "means"),
    [
        (0.02, CLICK),
        (0.99, CLICK),
        (1.0, None),
        (4.9, None),
        (5.0, HOLD),
        (9.9, HOLD),
        (10.0, RESET),
        (14.9, RESET),
        (15.0, None),
        (3600.0, None),
    ],
)
def test_what_a_press_means_is_decided_when_it_is_let_go(held_s, means):
    hand = Hand(SINGLE)
    assert hand.press(held_s) == (() if means is None else (means,))
    assert hand.finger == AWAY


@pytest.mark.parametrize(
    ("after_s", "shows"),
    [(0, None), (4.9, None), (5, HOLD), (9.9, HOLD), (10, RESET), (14.9, RESET), (15, None)],
)
def test_what_it_would_mean_is_known_while_it_is_held(after_s, shows):
    assert held(Finger(pressed_at=1000.0), BOTH, 1000.0 + after_s) is shows


def test_the_tiers_begin_at_known_times():
    assert tiers(Finger(pressed_at=1000.0), BOTH) == (1005, 1010, 1015)
    assert tiers(AWAY, BOTH) == ()
    assert held(AWAY, BOTH, 1000.0) is None


def test_a_button_that_is_let_go_and_was_not_pressed_says_nothing():
    hand = Hand(SINGLE)
    assert hand.edge(is_pressed=False) == ()
    assert hand.finger == AWAY


def test_a_press_whose_end_was_missed_counts_from_the_next_one():
    hand = Hand(SINGLE)
    hand.edge(is_pressed=True)
    hand.wait(12)
    assert hand.press(0.2) == (CLICK,)


def test_a_single_click_waits_for_a_second_one_and_is_told_once():
    hand = Hand()
    assert hand.press(0.1) == ()
    hand.wait(60)
    assert hand.said == [(0.45, CLICK)]


def test_a_click_that_may_not_wait_is_told_at_its_release_and_not_again():
    hand = Hand(acts_at_once=True)
    assert hand.press(0.1) == (CLICK,)
    assert next_at(hand.finger, BOTH) is None
    hand.wait(60)
    assert hand.gestures == [CLICK]


def test_two_quick_clicks_are_a_double_click():
    hand = Hand()
    hand.press(0.1)
    hand.wait(0.2)
    assert hand.press(0.1) == (DOUBLE,)
    hand.wait(60)
    assert hand.said == [(0.4, DOUBLE)]


def test_the_second_press_counts_by_its_beginning():
    hand = Hand()
    hand.press(0.1)
    hand.wait(SECOND_S - 0.01)
    assert hand.press(0.9) == (DOUBLE,)


def test_a_second_click_that_comes_late_is_a_click_of_its_own():
    hand = Hand()
    hand.press(0.1)
    hand.wait(SECOND_S)
    hand.press(0.1)
    hand.wait(1)
    assert hand.said == [(0.45, CLICK), (0.9, CLICK)]


def test_after_a_click_that_was_told_at_once_a_second_one_is_still_a_double_click():
    hand = Hand(acts_at_once=True)
    hand.press(0.1)
    hand.wait(0.1)
    assert hand.press(0.1) == (DOUBLE,)
    assert hand.gestures == [CLICK, DOUBLE]


def test_three_quick_clicks_are_a_double_click_and_a_click():
    hand = Hand()
    for _ in range(3):
        hand.press(0.1)
        hand.wait(0.1)
    hand.wait(1)
    assert hand.gestures == [DOUBLE, CLICK]


def test_four_quick_clicks_are_two_double_clicks():
    hand = Hand()
    for _ in range(4):
        hand.press(0.1)
        hand.wait(0.1)
    hand.wait(1)
    assert hand.gestures == [DOUBLE, DOUBLE]


@pytest.mark.parametrize("ticks", [True, False])
def test_a_click_before_a_hold_is_a_click_of_its_own(ticks):
    hand = Hand()
    hand.press(0.1)
    hand.wait(0.1)
    hand.edge(is_pressed=True)
    hand.wait(6, ticks=ticks)
    hand.edge(is_pressed=False)
    assert hand.gestures == [CLICK, HOLD]


def test_without_a_double_click_a_waiting_click_is_due_at_once():
    hand = Hand()
    hand.press(0.1)
    hand.timing = SINGLE
    due = next_at(hand.finger, SINGLE)
    assert due is not None
    assert due <= hand.now
    hand.tick()
    assert hand.gestures == [CLICK]


def test_a_click_that_is_forgotten_is_never_told():
    hand = Hand()
    hand.press(0.1)
    hand.finger = without_click(hand.finger)
    hand.wait(60)
    assert hand.gestures == []


MOMENTS = st.one_of(
    st.floats(0.001, 2), st.sampled_from([SECOND_S, CLICK_S, 5.0, 10.0, 15.0, 0.1, 4.9])
)
PRESSES = st.lists(st.tuples(MOMENTS, MOMENTS), max_size=8)


@given(presses=PRESSES, timing=st.sampled_from([BOTH, SINGLE]))
@example(presses=[(0.1, 0.1), (0.1, 0.1), (0.1, 0.1)], timing=BOTH)
@example(presses=[(0.1, 0.1), (7.0, 0.1)], timing=BOTH)
def test_every_press_is_part_of_one_gesture(presses, timing):
    hand, short = Hand(timing), 0
    for held_s, pause_s in presses:
        begin = hand.now
        hand.press(held_s)
        short += hand.now < begin + CLICK_S
        hand.wait(pause_s)
    hand.wait(60)
    assert hand.gestures.count(CLICK) + 2 * hand.gestures.count(DOUBLE) == short
    assert len(hand.gestures) <= len(presses)
    assert hand.finger == AWAY


@given(presses=PRESSES)
def test_a_click_that_may_not_wait_is_never_told_later_than_its_release(presses):
    hand = Hand(acts_at_once=True)
    for held_s, pause_s in presses:
        begin = hand.now
        said = hand.press(held_s)
        if hand.now < begin + CLICK_S:
            assert said in ((CLICK,), (DOUBLE,))
        count = len(hand.said)
        hand.wait(pause_s)
        assert len(hand.said) == count


EVENTS = st.lists(st.tuples(MOMENTS, st.sampled_from(["down", "up", "tick"])), max_size=20)


@given(events=EVENTS, acts_at_once=st.booleans())
def test_edges_and_ticks_in_any_order_mean_the_same_with_more_ticks(events, acts_at_once):
    """A tick may come at any time, or not at all, and changes nothing of what is told."""
    lazy, eager = Hand(acts_at_once=acts_at_once), Hand(acts_at_once=acts_at_once)
    for seconds, what in events:
        lazy.wait(seconds, ticks=False)
        eager.wait(seconds)
        eager.tick()
        if what != "tick":
            lazy.edge(is_pressed=what == "down")
            eager.edge(is_pressed=what == "down")
    for hand in (lazy, eager):
        hand.wait(60)
        hand.tick()
    assert lazy.gestures == eager.gestures
    assert replace(lazy.finger, clicked_at=None) == replace(eager.finger, clicked_at=None)

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.retry import (
    CALM,
    MOST_COUNTED,
    Pace,
    Setback,
    Streak,
    after,
    after_boot_s,
    over_boot,
    read_streak,
    wait_s,
    write_streak,
)

PACE = Pace(floor_s=5, rejected_s=60)
JITTER = st.floats(min_value=0, max_value=1, exclude_max=True)

COUNTS = st.integers(0, MOST_COUNTED)


def streak(*setbacks):
    now = CALM
    for setback, session_s in setbacks:
        now = after(now, setback, session_s)
    return now


@given(jitter=JITTER)
def test_the_first_retry_after_a_single_drop_comes_within_twice_the_floor(jitter):
    dropped = streak((Setback.CLOSED, 3600))
    assert 5 <= wait_s(dropped, PACE, jitter) < 10


@given(failures=st.integers(1, 200), jitter=JITTER)
def test_no_wait_is_shorter_than_the_floor_or_longer_than_the_cap(failures, jitter):
    waited = wait_s(streak(*[(Setback.FAILED, 0)] * failures), PACE, jitter)
    assert 5 <= waited <= 120


def test_waits_grow_with_full_jitter_above_the_floor():
    widest = [wait_s(Streak(failures=n), PACE, 1.0) for n in range(1, 8)]
    assert widest == pytest.approx([9.5, 14, 23, 41, 77, 120, 120])
    assert {wait_s(Streak(failures=n), PACE, 0.0) for n in range(1, 8)} == {5.0}


def test_only_a_session_that_has_lasted_makes_the_past_forgotten():
    failed = streak(*[(Setback.FAILED, 0)] * 5)
    assert after(failed, Setback.CLOSED, 29.9).failures == 6
    assert after(failed, Setback.CLOSED, 30.0).failures == 1


def test_sessions_that_lasted_are_never_taken_for_kicks():
    assert streak(*[(Setback.CLOSED, 3600)] * 5) == Streak(failures=1)


def test_three_sessions_in_a_row_that_did_not_last_mean_kicked():
    twice = streak((Setback.CLOSED, 10), (Setback.CLOSED, 29))
    assert not twice.is_kicked
    kicked = after(twice, Setback.CLOSED, 1)
    assert kicked.is_kicked
    assert wait_s(kicked, PACE, 0.0) >= 60
    assert wait_s(after(kicked, Setback.CLOSED, 1), PACE, 1.0) > wait_s(kicked, PACE, 1.0)


def test_a_failed_connect_between_two_kicks_does_not_hide_them():
    kicked = streak(
        (Setback.CLOSED, 1), (Setback.FAILED, 0), (Setback.CLOSED, 1), (Setback.CLOSED, 1)
    )
    assert kicked.is_kicked
    assert not after(kicked, Setback.CLOSED, 31).is_kicked


@given(times=st.integers(1, 100), jitter=JITTER)
def test_a_refusal_waits_minutes_and_grows_to_a_cap(times, jitter):
    waited = wait_s(streak(*[(Setback.REJECTED, 0)] * times), PACE, jitter)
    assert 60 <= waited <= 900


def test_repeated_refusals_wait_longer():
    widest = [wait_s(Streak(rejections=n), PACE, 1.0) for n in range(1, 7)]
    assert widest == pytest.approx([114, 168, 276, 492, 900, 900])


def test_another_setback_ends_a_run_of_refusals():
    assert streak((Setback.REJECTED, 0), (Setback.FAILED, 0)).rejections == 0


@pytest.mark.parametrize("setback", list(Setback))
def test_counting_changes_no_streak_in_place(setback):
    before = Streak(failures=1)
    after(before, setback)
    assert before == Streak(failures=1)


@given(st.builds(Streak, failures=COUNTS, short_sessions=COUNTS, rejections=COUNTS))
def test_a_streak_is_read_as_it_was_written(written):
    assert read_streak(write_streak(written)) == written


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "3",
        "[1, 2, 3]",
        '{"failures": -1}',
        '{"failures": 1.5}',
        '{"failures": true}',
        '{"failures": "4"}',
        '{"failures": 99999999999999999999}',
        '{"failures": 3, "other": 1}',
        "[" * 100_000,
    ],
)
def test_a_damaged_streak_counts_as_none(text):
    assert read_streak(text) == CALM


@given(st.text() | st.binary().map(lambda data: data.decode("latin-1")))
def test_no_text_keeps_the_device_away(text):
    assert isinstance(read_streak(text), Streak)


def test_no_streak_is_written_as_nothing():
    assert write_streak(CALM) == ""


def test_over_a_boot_only_what_the_platform_did_is_kept():
    known = Streak(failures=7, short_sessions=2, rejections=1)
    assert over_boot(known) == Streak(short_sessions=2, rejections=1)
    assert after_boot_s(CALM, PACE) == PACE.floor_s
    assert after_boot_s(over_boot(known), PACE) == PACE.rejected_s


def test_a_network_that_dies_is_a_failure_and_no_kick():
    died = streak(*[(Setback.DIED, 2)] * 5)
    assert died.failures == 5
    assert not died.is_kicked


@pytest.mark.parametrize(("session_s", "kept"), [(29, True), (30, False)])
def test_a_planned_end_is_no_setback_and_forgets_only_what_a_session_outlasted(session_s, kept):
    failed = after(CALM, Setback.FAILED)
    assert after(failed, Setback.PLANNED, session_s) == (failed if kept else CALM)

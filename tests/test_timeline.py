"""What is known of a boot's time, and what changes that."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.model import Stamp, Trust
from agent.timeline import STEP_S, Timeline, carried, stamp_of, told, watched

UNKNOWN, PLAUSIBLE, PLATFORM, SYNCHRONISED = Trust
A, B = 1_800_000_000.0, 1_800_028_800.0


def known(trust: Trust, offset: float = A) -> Timeline:
    return Timeline(trust=trust, offset=offset, shown=offset)


def test_a_moment_is_stamped_by_the_seconds_since_boot():
    assert known(PLATFORM).stamp(5.0) == Stamp(at=5.0, wall_time=A + 5, trust=PLATFORM)
    assert Timeline().stamp(5.0) == Stamp(at=5.0, wall_time=None, trust=UNKNOWN)
    assert stamp_of(5.0, None).trust is UNKNOWN
    assert stamp_of(5.0, A).trust is SYNCHRONISED


def test_a_stamp_tells_of_other_moments_of_its_boot():
    assert carried(stamp_of(5.0, A), 2.0) == A - 3
    assert carried(stamp_of(5.0, None), 2.0) is None


def test_the_first_look_at_a_clock_is_no_step():
    line, by_s = watched(Timeline(), A)
    assert (line.shown, by_s) == (A, None)


@pytest.mark.parametrize("by_s", [28_800.0, -3_600.0, 1.5, -1.5])
def test_a_clock_that_was_set_is_told_once(by_s: float):
    line, told_s = watched(known(PLAUSIBLE), A + by_s)
    assert told_s == by_s
    assert watched(line, A + by_s)[1] is None


def test_small_steps_count_together():
    line, first = watched(known(PLAUSIBLE), A + 0.75)
    _, second = watched(line, A + 1.5)
    assert (first, second) == (None, 1.5)


@pytest.mark.parametrize(
    ("before", "offset", "trust", "after", "repairs"),
    [
        (UNKNOWN, B, PLAUSIBLE, B, True),
        (UNKNOWN, B, PLATFORM, B, True),
        (PLAUSIBLE, A, PLATFORM, A, True),
        (PLAUSIBLE, B, PLAUSIBLE, B, True),
        (PLATFORM, A + 0.5, PLATFORM, A + 0.5, False),
        (PLATFORM, B, PLATFORM, B, True),
        (PLATFORM, B, PLAUSIBLE, A, False),
        (PLATFORM, B, UNKNOWN, A, False),
        (SYNCHRONISED, B, UNKNOWN, A, False),
        (SYNCHRONISED, B, PLATFORM, A, False),
        (SYNCHRONISED, B, SYNCHRONISED, B, True),
        (PLAUSIBLE, B, UNKNOWN, None, False),
        (UNKNOWN, B, UNKNOWN, None, False),
    ],
)
def test_the_best_that_is_known_holds(before, offset, trust, after, repairs):
    line, mends = told(known(before) if before else Timeline(shown=A), offset, trust)
    assert (line.offset, mends) == (after, repairs)
    assert line.trust is (before if before >= PLATFORM and trust < before else trust)


tellings = st.lists(st.tuples(st.sampled_from(Trust), st.sampled_from([A, A + 0.5, B])), max_size=8)


@settings(max_examples=60)
@given(tellings)
def test_what_was_stamped_is_never_further_off_than_a_step_from_what_is_known(tellings):
    """Stamps that are mended as told agree with the line whenever it is as good as they are."""
    line, stamp = Timeline(), Stamp(at=0.0, wall_time=None, trust=UNKNOWN)
    for trust, offset in tellings:
        line, repairs = told(line, offset, trust)
        assert (line.offset is None) == (line.trust is UNKNOWN)
        if repairs and stamp.trust <= line.trust:
            stamp = line.stamp(0.0)
        if line.trust >= stamp.trust and line.offset is not None:
            assert stamp.wall_time is not None
            assert abs(stamp.wall_time - line.offset) <= STEP_S

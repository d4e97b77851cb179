"""A platform's rate, held in every second and not only in the long run."""

from bisect import bisect_left

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.clouds.pacing import TokenBucket

WAITS = st.lists(st.floats(0, 3), min_size=1, max_size=80)


def sent(per_s, waits):
    """When messages leave that want to leave after these pauses."""
    now, bucket, times = 0.0, TokenBucket(per_s=per_s, now=0.0), []
    for wait in waits:
        now += wait
        now += bucket.delay_s(now)
        bucket.spend(now)
        times.append(now)
    return times


@given(per_s=st.sampled_from([1, 2, 10, 30]), waits=WAITS)
def test_no_second_holds_more_than_the_platform_takes(per_s, waits):
    times = sent(per_s, waits)
    for number, began in enumerate(times):
        assert bisect_left(times, began + 1 - 1e-6) - number <= per_s


@pytest.mark.parametrize("per_s", [1, 10, 30])
def test_what_waits_leaves_at_most_of_the_rate(per_s):
    times = sent(per_s, [0.0] * 300)
    assert per_s * 0.75 <= 300 / times[-1] <= per_s * 1.01


def test_a_few_leave_at_once():
    assert sent(10, [0.0] * 3) == [0, 0, pytest.approx(0.125)]


def test_what_could_not_wait_delays_the_others_by_a_second_and_a_quarter_at_most():
    bucket = TokenBucket(per_s=10, now=0.0)
    for _ in range(100):
        bucket.spend(0.0)
    assert bucket.delay_s(0.0) == pytest.approx(11 / 8)

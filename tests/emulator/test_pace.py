"""A second that ends when it says that it ends."""

from hypothesis import example, given
from hypothesis import strategies as st

from agent.emulator.pace import Pace

AWKWARD = next(
    start for start in (number / 1000 for number in range(10**6)) if (start + 1.0) - start < 1.0
)


@given(st.floats(0, 1e9))
@example(AWKWARD)
def test_the_next_second_begins_at_the_moment_that_it_names(start):
    pace = Pace()
    pace.start = start
    pace.count = 1
    assert not pace.allows(1, start + 0.5)
    assert pace.allows(1, pace.next_start)

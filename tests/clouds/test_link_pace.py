"""How soon a link tries again."""

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st
from structlog.testing import capture_logs

from agent.clouds.link import KICKED
from agent.clouds.simulated import Trouble
from agent.errors import AuthRejectedError, TransportError
from tests.clouds.support import Bench


@given(jitter=st.floats(0, 1, exclude_max=True), lasted=st.floats(31, 5000))
@settings(max_examples=30, deadline=None)
def test_after_a_single_drop_it_is_back_within_twice_the_floor(jitter, lasted):
    bench = Bench(Trouble(lasts_s=lasted)).run(for_s=lasted + 20, jitter=jitter)
    first, second = bench.attempts
    assert lasted + 4.999 <= second - first < lasted + 10.001


@given(jitter=st.floats(0, 1, exclude_max=True))
@settings(max_examples=20, deadline=None)
def test_attempts_are_never_closer_than_the_platform_allows(jitter):
    refusals = [Trouble(refusal=TransportError("no route"))] * 20
    bench = Bench(*refusals).run(for_s=2000, jitter=jitter)
    gaps = [late - early for early, late in pairwise(bench.attempts)]
    assert min(gaps) >= 4.999


def test_a_refused_identity_is_tried_again_in_minutes_and_for_ever():
    refusal = Trouble(refusal=AuthRejectedError("refused with code 4: bad user name"))
    with capture_logs() as logs:
        bench = Bench(*[refusal] * 100).run(for_s=7200)
    gaps = [late - early for early, late in pairwise(bench.attempts)]
    assert min(gaps) >= 60
    assert max(gaps) <= 900
    assert len(gaps) >= 10
    assert [entry["event"] for entry in logs if entry["log_level"] == "warning"] == ["cloud.down"]
    assert bench.link.status.last_error == "refused with code 4: bad user name"
    assert bench.link.status.next_attempt_at > bench.attempts[-1]


def test_three_short_sessions_are_recognised_as_a_kick_and_said_in_plain_words():
    bench = Bench(*[Trouble(lasts_s=2)] * 4)
    with capture_logs() as logs:
        bench.run(for_s=600)
    gaps = [late - early for early, late in pairwise(bench.attempts)]
    assert max(gaps[:2]) < 20
    assert min(gaps[2:4]) >= 60
    assert any(KICKED in str(entry.get("error")) for entry in logs)


def test_a_session_that_lasts_after_a_kick_clears_the_suspicion():
    bench = Bench(*[Trouble(lasts_s=2)] * 3, Trouble(lasts_s=31)).run(for_s=600)
    assert not bench.link.status.is_kicked
    assert bench.attempts[-1] - bench.attempts[-2] < 31 + 10.001

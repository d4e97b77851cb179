"""A message upon which the platform closes each time keeps the others away for a while only."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from structlog.testing import capture_logs

from agent.clouds.suspects import MOST_ENDS, MOST_KNOWN, SOON_S, Suspects
from agent.messages import PropertyReport
from agent.outbox import Counters
from tests.clouds.support import Bench, bodies

POISON = 13.0
DAY_S = 86_400


def poisoned(bench):
    """Have the platform close whenever it hears of one voltage, and answer everything else."""
    answer = bench.transport.answer

    def answered(message):
        answers = answer(message)
        if bench.platform.heard[-1].get("params", {}).get("voltage") == POISON:
            bench.transport.session.end()
        return answers

    bench.transport.answer = answered


@pytest.mark.parametrize("kind", ["event", "report"])
def test_a_message_that_ends_each_session_is_given_up_counted_and_said_and_the_rest_gets_through(
    kind,
):
    bench = Bench()
    bench.snapshot = PropertyReport(values={"current": 1.0}, wall_time=None)
    poisoned(bench)
    for voltage in (POISON, 230.0):
        if kind == "event":
            bench.event(voltage)
        else:
            values = {"voltage": voltage}
            bench.outbox.append(PropertyReport(values=values, wall_time=None))
    with capture_logs() as logs:
        bench.run(for_s=DAY_S)
    method = "event_post" if kind == "event" else "report"
    params = [body["params"] for body in bodies(bench, method)]
    voltages = [each["voltage"] for each in params if "voltage" in each]
    assert voltages.count(POISON) <= MOST_ENDS + 1  # the first may have come before all others
    assert voltages[-1] == 230.0
    assert bench.outbox.pending == 0
    assert (bench.outbox.counters.unconfirmed, bench.outbox.counters.lost) == (1, 0)
    (given_up,) = [entry for entry in logs if entry["event"] == "report.ends_sessions"]
    assert given_up["log_level"] == "warning"
    told = [entry["error"] for entry in logs if entry["event"] == "cloud.down"]
    assert not any("another client" in text for text in told)
    assert "right after the same report or event" in told[-1]


def test_where_nothing_else_gets_through_it_lies_not_in_the_message():
    bench = Bench()
    poisoned(bench)
    bench.event(POISON)
    bench.run(for_s=3600)
    assert bench.outbox.counters == Counters()
    assert bench.outbox.pending == 1


def test_a_session_that_ends_later_blames_nobody():
    now = [0.0]
    suspects = Suspects(lambda: now[0])
    for _ in range(MOST_ENDS):
        suspects.begin()
        suspects.answered("other")
        suspects.sent("one")
        now[0] += SOON_S + 1
        assert not suspects.closed()
    assert not suspects.is_given_up("one")


@given(ids=st.lists(st.integers(0, 500), max_size=400))
def test_it_knows_a_bounded_number_of_messages(ids):
    suspects = Suspects(lambda: 0.0)
    for each in ids:
        suspects.begin()
        suspects.answered("other")
        suspects.sent(str(each))
        suspects.closed()
    assert len(suspects._ends) <= MOST_KNOWN

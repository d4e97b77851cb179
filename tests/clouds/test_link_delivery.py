"""What waits goes out: in order, once, and within the platform's limits."""

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st
from structlog.testing import capture_logs

from agent.clouds.simulated import Trouble
from agent.messages import (
    InfoReport,
    PropertyReport,
)
from agent.outbox import Counters
from tests.clouds.support import Bench, bodies

TROUBLES = st.lists(
    st.builds(
        Trouble,
        cut_after=st.integers(1, 12),
        cut_is_heard=st.booleans(),
        repeats=st.booleans(),
    ),
    max_size=6,
)


@given(troubles=TROUBLES, count=st.integers(0, 8))
@settings(max_examples=60, deadline=None)
def test_each_message_arrives_at_least_once_and_in_order_across_any_drops(troubles, count):
    bench = Bench(*troubles)
    for value in range(count):
        bench.report(value)
        bench.event(200.0 + value)
    bench.run(for_s=3600)
    assert deduplicated(bench.platform.values("count_down")) == list(range(count))
    events = [body["params"]["voltage"] for body in bodies(bench, "event_post")]
    assert deduplicated(events) == [200.0 + value for value in range(count)]
    assert bench.outbox.pending == 0
    assert bench.outbox.counters == Counters(delivered=2 * count)


def deduplicated(values):
    return list(dict.fromkeys(values))


def test_a_message_that_is_sent_again_keeps_its_id_and_its_bytes():
    bench = Bench(Trouble(cut_after=3))
    bench.report(1)
    bench.run(for_s=100)
    first, second = [each for each in bench.transport.sent if b"count_down" in each.payload]
    assert first == second


def test_without_a_reply_it_sends_four_times_and_then_counts_it_as_unconfirmed():
    bench = Bench()
    bench.platform.is_mute_to = {"report"}
    bench.report(1)
    bench.report(2)
    bench.run(for_s=45)
    assert bench.platform.values("count_down") == [1, 1, 1, 1, 2]
    assert bench.outbox.counters == Counters(unconfirmed=1)


def test_repeats_are_ten_seconds_apart():
    bench = Bench()
    bench.platform.is_mute_to = {"report"}
    times = []
    answer = bench.transport.answer

    def timed(message):
        if b'"report"' in message.payload and b'"params"' in message.payload:
            times.append(bench.clock.now())
        return answer(message)

    bench.transport.answer = timed
    bench.report(1)
    bench.run(for_s=60)
    assert [round(late - early) for early, late in pairwise(times)] == [10] * 3


def test_events_do_not_wait_behind_telemetry_that_is_not_answered():
    bench = Bench()
    bench.platform.is_mute_to = {"report"}
    for value in range(5):
        bench.report(value)
        bench.event(float(value))
    bench.run(for_s=5)
    assert len(bodies(bench, "event_post")) == 5
    assert bench.platform.values("count_down") == [0]


def test_a_refused_event_is_counted_and_never_repeated():
    bench = Bench()
    bench.platform.code_for = lambda body: 403 if body["method"] == "event_post" else 0
    bench.event(1.0)
    with capture_logs() as logs:
        bench.run(for_s=60)
    assert len(bodies(bench, "event_post")) == 1
    assert bench.outbox.counters == Counters(refused=1)
    (entry,) = [entry for entry in logs if entry["event"] == "report.refused"]
    assert entry["code"] == 403


def test_an_identifier_that_the_model_lacks_is_found_and_then_left_out():
    bench = Bench()
    bench.platform.code_for = lambda body: 403 if "power_factor" in body.get("params", {}) else 0
    values = {"voltage": 230.0, "current": 1.0, "power_factor": 0.9, "active_power": 207.0}
    for _ in range(2):
        bench.outbox.append(PropertyReport(values=values, wall_time=1.0))
    with capture_logs() as logs:
        bench.run(for_s=60)
    assert bench.platform.values("voltage") == [230.0] * 3
    assert bench.platform.heard[-1]["params"] == {
        "voltage": 230.0,
        "current": 1.0,
        "active_power": 207.0,
    }
    assert {body["timestamp"] for body in bodies(bench, "report")} == {1000}
    (entry,) = [entry for entry in logs if entry["event"] == "report.left_out"]
    assert (entry["name"], entry["log_level"]) == ("power_factor", "warning")
    assert "polycloud model diff tencent FILE" in entry["see"]


def test_what_was_left_out_is_tried_again_at_the_next_connection():
    bench = Bench(Trouble(lasts_s=40))
    bench.platform.code_for = lambda body: 403 if "power_factor" in body.get("params", {}) else 0
    values = {"voltage": 230.0, "power_factor": 0.9}

    async def scenario(bench):
        bench.outbox.append(PropertyReport(values=values, wall_time=1.0))
        await bench.clock.sleep(30)
        bench.platform.code_for = lambda _body: 0
        bench.outbox.append(PropertyReport(values=values, wall_time=2.0))
        await bench.clock.sleep(30)
        bench.outbox.append(PropertyReport(values=values, wall_time=3.0))

    bench.run(scenario)
    reports = {body["timestamp"]: body["params"] for body in bodies(bench, "report")}
    assert reports[2000] == {"voltage": 230.0}
    assert reports[3000] == values


def test_a_platform_that_refuses_everything_for_a_while_silences_nothing():
    bench = Bench()
    bench.platform.code_for = lambda _body: 403
    values = {"voltage": 230.0, "current": 1.0, "current_limit": 5.0}  # the last is not listed
    bench.outbox.append(PropertyReport(values=values, wall_time=1.0))

    async def scenario(bench):
        await bench.clock.sleep(30)
        bench.platform.code_for = lambda _body: 0
        bench.outbox.append(PropertyReport(values=values, wall_time=2.0))

    bench.run(scenario)
    assert bodies(bench, "report")[-1]["params"] == {"voltage": 230.0, "current": 1.0}


def test_a_value_out_of_the_models_range_is_dropped_once_and_not_for_ever():
    bench = Bench()
    bench.platform.code_for = lambda body: 406 if body["params"].get("voltage", 0) > 400 else 0
    for voltage in (410.0, 230.0):
        values = {"voltage": voltage, "current": 1.0}
        bench.outbox.append(PropertyReport(values=values, wall_time=None))
    bench.run(for_s=60)
    assert bench.platform.values("voltage")[-1] == 230.0
    assert bench.platform.values("current") == [1.0, 1.0, 1.0]


def test_a_refusal_that_blames_no_identifier_is_not_taken_apart():
    bench = Bench()
    bench.platform.code_for = lambda body: 405 if body["method"] == "report" else 0
    bench.outbox.append(PropertyReport(values={"voltage": 1.0, "current": 1.0}, wall_time=1.0))
    bench.run(for_s=60)
    assert len(bodies(bench, "report")) == 1


def test_a_message_that_is_too_large_is_refused_here_and_blocks_nothing():
    bench = Bench()
    bench.outbox.append(InfoReport(facts={"name": "x" * 20_000}))
    bench.report(1)
    bench.run(for_s=10)
    assert bench.platform.values("count_down") == [1]
    assert bench.outbox.counters == Counters(delivered=1, refused=1)


def test_a_report_of_nothing_is_taken_as_said():
    bench = Bench()
    bench.outbox.append(PropertyReport(values={}, wall_time=None))
    bench.run(for_s=10)
    assert bench.outbox.pending == 0


def test_it_keeps_below_the_platforms_rate():
    bench = Bench()
    for value in range(100):
        bench.report(value)
    bench.run(for_s=5)
    assert 40 <= len(bench.platform.heard) <= 10 * 5 + 10 + 2

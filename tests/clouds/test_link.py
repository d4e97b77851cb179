import asyncio
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from structlog.testing import capture_logs

from agent.clouds.link import KICKED, NO_CLOCK
from agent.clouds.simulated import Trouble
from agent.errors import AuthRejectedError, TransportError
from agent.messages import (
    ActionCall,
    InfoReport,
    PropertyReport,
    PropertySet,
    RefusalKind,
    refused,
)
from agent.outbox import Counters
from agent.ports import Message
from tests.clouds.support import DEVICE, Bench, TestClock, run_virtually

DOWN = "$thing/down/property"


def bodies(bench, method):
    return [body for body in bench.platform.heard if body.get("method") == method]


# ── connecting ──────────────────────────────────────────────────────────────────────────────


def test_it_subscribes_one_by_one_before_it_says_anything():
    bench = Bench().run()
    assert [each.topic for each in bench.transport.subscribed] == [
        each.topic for each in bench.codec.subscriptions()
    ]
    assert bench.platform.methods()[:2] == ["report_version", "get_status"]


def test_it_tells_the_runtime_when_it_is_up_and_when_it_is_down():
    bench = Bench(Trouble(lasts_s=100)).run(for_s=300)
    assert bench.changes == [True, False, True, False]
    assert bench.link.status.sessions == 2


def test_after_each_connect_it_tells_facts_and_everything_it_knows():
    bench = Bench(Trouble(lasts_s=100))
    bench.info = InfoReport(facts={"name": "socket-1"})
    bench.snapshot = PropertyReport(values={"voltage": 230.0}, wall_time=None)
    bench.run(for_s=300)
    assert len(bodies(bench, "report_info")) == 2
    assert bench.platform.values("voltage") == [230.0, 230.0]


def test_a_greeting_that_never_left_is_replaced_not_repeated():
    silent = [Trouble(cut_after=1, cut_is_heard=False)] * 2
    bench = Bench(*silent)
    bench.snapshot = PropertyReport(values={"voltage": 230.0}, wall_time=None)
    bench.run(for_s=300)
    assert bench.platform.values("voltage") == [230.0]


def test_every_connect_is_signed_anew():
    bench = Bench(*[Trouble(refusal=TransportError("no route"))] * 3).run(for_s=300)
    names = [params.username for params in bench.transport.connects]
    assert len(set(names)) == len(names) == 4


def test_a_subscription_that_is_refused_waits_as_long_as_a_refused_identity():
    bench = Bench(Trouble(refused_topic=f"{DOWN}/{DEVICE}")).run(for_s=300)
    first, second = bench.attempts
    assert second - first >= 60


def test_without_a_clock_it_says_so_once_and_waits_without_connecting():
    clock = TestClock(wall=None, tls=False)
    with capture_logs() as logs:
        bench = Bench(clock=clock).run(for_s=60)
    assert not bench.transport.connects
    assert bench.link.status.last_error == NO_CLOCK
    assert NO_CLOCK.endswith("connect to a time server or set the time")
    assert [entry["event"] for entry in logs] == ["cloud.waits"]


def test_when_the_clock_is_set_it_connects():
    clock = TestClock(tls=False)

    async def scenario(bench):
        await bench.clock.sleep(30)
        clock.tls = True

    assert Bench(clock=clock).run(scenario).changes[0]


def test_a_plain_connection_needs_no_clock():
    clock = TestClock(wall=None, tls=False)
    bench = Bench(clock=clock, tls=False).run()
    assert bench.transport.connects[0].username.endswith(";2147483647")


# ── pace ────────────────────────────────────────────────────────────────────────────────────


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


def test_it_can_be_told_to_wait_before_the_first_connect():
    bench = Bench()

    async def main():
        link = bench.make_link(0.5)
        began = bench.clock.now()
        running = asyncio.create_task(link.run(first_delay_s=5))
        await asyncio.wait([running], timeout=20)
        running.cancel()
        await asyncio.wait([running])
        return bench.attempts[0] - began

    assert run_virtually(main()) == 5


# ── delivery ────────────────────────────────────────────────────────────────────────────────

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
    assert "docs/clouds.md" in entry["see"]


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


# ── commands ────────────────────────────────────────────────────────────────────────────────


def test_a_command_is_executed_and_answered_before_anything_else():
    bench = Bench()

    async def scenario(bench):
        await bench.clock.sleep(1)
        bench.report(7)
        params = {"power_switch": 1}
        bench.say(DOWN, method="control", clientToken="t", params=params)

    bench.run(scenario)
    assert bench.requests == [PropertySet(request_id="t", values={"power_switch": True})]
    assert bodies(bench, "control_reply") == [
        {"method": "control_reply", "clientToken": "t", "code": 0, "status": ""}
    ]


def test_a_refused_command_is_answered_with_the_platforms_code():
    bench = Bench()
    bench.outcome = refused(RefusalKind.TRIPPED, "tripped: overcurrent 7.3 A")

    async def scenario(bench):
        await bench.clock.sleep(1)
        bench.say(DOWN, method="control", clientToken="t", params={"power_switch": 1})

    (reply,) = bodies(bench.run(scenario), "control_reply")
    assert (reply["code"], reply["status"]) == (503, "tripped: overcurrent 7.3 A")


def test_a_command_that_makes_no_sense_is_answered_and_not_executed():
    async def scenario(bench):
        await bench.clock.sleep(1)
        bench.say(DOWN, method="control", clientToken="t", params={"power_switch": None})

    bench = Bench().run(scenario)
    assert bench.requests == []
    assert bodies(bench, "control_reply")[0]["code"] == 406


def test_an_action_is_executed_and_answered():
    async def scenario(bench):
        await bench.clock.sleep(1)
        bench.say("$thing/down/action", method="action", clientToken="t", actionId="reset_energy")

    bench = Bench().run(scenario)
    assert bench.requests == [ActionCall(request_id="t", name="reset_energy", values={})]
    assert bodies(bench, "action_reply")[0]["code"] == 0


def test_commands_are_answered_while_delivery_waits():
    bench = Bench()
    bench.platform.is_mute_to = {"report", "event_post"}
    bench.report(1)
    bench.event(1.0)

    async def scenario(bench):
        await bench.clock.sleep(3)
        bench.say(DOWN, method="control", clientToken="t", params={"power_switch": 0})

    bench.run(scenario, for_s=1)
    assert len(bodies(bench, "control_reply")) == 1


def test_garbage_changes_nothing_and_is_told_once():
    async def scenario(bench):
        await bench.clock.sleep(1)
        for payload in (b"\xff", b"[]", b"{}", b'{"method":"control"}', b"{" * 5000):
            bench.transport.session.say(Message(topic=f"{DOWN}/{DEVICE}", payload=payload))
        bench.say(DOWN, method="control", clientToken="t", params={"power_switch": 0})

    with capture_logs() as logs:
        bench = Bench().run(scenario)
    assert len(bench.requests) == 1
    warned = [entry for entry in logs if entry["log_level"] == "warning"]
    assert [entry["event"] for entry in warned] == ["message.dropped"]
    assert bench.changes == [True, False]


def test_a_notice_is_told():
    async def scenario(bench):
        await bench.clock.sleep(1)
        bench.say("$thing/down/service", method="unbind_device", clientToken="t", timestamp=1)

    with capture_logs() as logs:
        Bench().run(scenario)
    assert [entry["notice"] for entry in logs if entry["event"] == "cloud.notice"] == [
        "unbind_device"
    ]


# ── resync ──────────────────────────────────────────────────────────────────────────────────


def test_a_stored_command_is_executed_once_answered_and_cleared():
    bench = Bench(Trouble(lasts_s=100))
    bench.platform.stored = {"power_switch": 0}
    bench.run(for_s=300)
    (request,) = bench.requests
    assert request.values == {"power_switch": False}
    assert not request.is_live
    token = bodies(bench, "get_status")[0]["clientToken"]
    assert [body["clientToken"] for body in bodies(bench, "control_reply")] == [token]
    assert [body["clientToken"] for body in bodies(bench, "clear_control")] == [token]


def test_a_refused_stored_command_is_cleared_too():
    bench = Bench()
    bench.platform.stored = {"power_switch": 1}
    bench.outcome = refused(RefusalKind.TRIPPED, "tripped")
    bench.run()
    assert bodies(bench, "control_reply")[0]["code"] == 503
    assert len(bodies(bench, "clear_control")) == 1


def test_a_resync_that_is_not_answered_holds_nothing_back_and_is_asked_again():
    bench = Bench()
    bench.platform.is_mute_to = {"get_status"}
    bench.report(1)
    bench.event(1.0)
    bench.run(for_s=20)
    assert bench.platform.values("count_down") == [1]
    assert len(bodies(bench, "event_post")) == 1
    assert len(bodies(bench, "get_status")) == 3


def test_an_answer_to_a_question_of_another_session_is_not_executed():
    async def scenario(bench):
        bench.platform.is_mute_to = {"get_status"}
        await bench.clock.sleep(1)
        data = {"control": {"power_switch": 1}}
        body = {"method": "get_status_reply", "code": 0, "data": data}
        bench.say(DOWN, clientToken="CS0SLTKSYA-99999", **body)

    assert Bench().run(scenario).requests == []


def test_a_stored_command_in_an_answer_that_comes_twice_is_executed_once():
    bench = Bench(Trouble(repeats=True))
    bench.platform.stored = {"power_switch": 0}
    assert len(bench.run().requests) == 1


def test_a_stored_command_whose_clearing_was_lost_is_answered_again_and_not_executed_again():
    bench = Bench(Trouble(cut_after=4, cut_is_heard=False))
    bench.platform.stored = {"power_switch": 1}
    bench.run()
    assert len(bench.requests) == 1
    assert bench.platform.stored == {}
    assert len(bodies(bench, "control_reply")) == 2


def test_another_command_that_is_stored_meanwhile_is_executed():
    bench = Bench(Trouble(cut_after=4, cut_is_heard=False))
    bench.platform.stored = {"power_switch": 1}

    async def scenario(bench):
        await bench.clock.sleep(1)
        bench.platform.stored = {"power_switch": 0}

    bench.run(scenario)
    assert [each.values["power_switch"] for each in bench.requests] == [True, False]


def test_the_same_command_stored_again_after_it_was_cleared_is_executed_again():
    bench = Bench(Trouble(lasts_s=40))
    bench.platform.stored = {"power_switch": 1}

    async def scenario(bench):
        await bench.clock.sleep(39)
        assert bench.platform.stored == {}
        bench.platform.stored = {"power_switch": 1}

    bench.run(scenario)
    assert len(bench.requests) == 2


# ── time ────────────────────────────────────────────────────────────────────────────────────


def test_the_platform_is_asked_for_the_time_only_by_who_does_not_know_it():
    bench = Bench(clock=TestClock(wall=None))

    async def scenario(bench):
        await bench.clock.sleep(0.25)
        bench.say("$sys/operation/result", type="get", time=1621562342)

    bench.run(scenario)
    ((answer, round_trip_s),) = bench.times
    assert answer.server_sent == 1621562342
    assert round_trip_s == pytest.approx(0.25)
    assert b'"time"' not in b"".join(each.payload for each in Bench().run().transport.sent)


def test_the_status_tells_what_a_person_wants_to_know():
    bench = Bench(Trouble(lasts_s=100))
    seen = []

    async def scenario(bench):
        await bench.clock.sleep(1)
        seen.append(bench.link.status)
        await bench.clock.sleep(101)
        seen.append(bench.link.status)

    bench.run(scenario)
    up, down = seen
    assert (up.is_connected, up.last_error, up.next_attempt_at) == (True, None, None)
    assert up.since == 1_800_000_000.0 + 1000.0
    assert (down.is_connected, down.last_error) == (False, "the connection was cut")
    assert bench.link.pending == 0
    assert bench.link.counters == bench.outbox.counters

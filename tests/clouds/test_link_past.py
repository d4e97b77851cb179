"""What is over: in its own form, oldest first, in bursts, and never in the way of what is now."""

import json
from dataclasses import replace

import pytest

from agent.messages import EventReport, PropertyReport
from agent.outbox import PAST_S, Counters
from agent.ports import Batch, Publish
from tests.clouds.support import Bench, TestClock, bodies

BOOT = 1000.0
WALL = 1_800_000_000.0
"""The clock's wall time is this and the loop's time."""


def add(bench, *reports, **more):
    """Let reports wait that were measured so many seconds before the link begins."""
    for ago, values in reports:
        at = BOOT - ago
        report = PropertyReport(values=values, wall_time=WALL + at, at=at)
        bench.outbox.append(replace(report, **more))


FULL = PropertyReport(values={"voltage": 1.0, "power_switch": True}, wall_time=None)


def told(bench):
    return [(body.get("timestamp"), body["params"]) for body in bodies(bench, "report")]


def stamp(ago):
    return int((WALL + BOOT - ago) * 1000)


def test_it_tells_measured_values_alone_oldest_first_and_then_everything_as_it_is():
    bench = Bench()
    bench.snapshot = FULL
    add(
        bench,
        (200, {"voltage": 2.0, "power_switch": False}),
        (100, {"power_switch": True}),
        (50, {"voltage": 3.0}),
    )
    bench.run(for_s=20)
    whole = {"voltage": 1.0, "power_switch": 1}
    assert told(bench) == [
        (None, whole),
        (stamp(200), {"voltage": 2.0}),
        (stamp(50), {"voltage": 3.0}),
        (None, whole),
    ]
    assert bench.outbox.counters == Counters(delivered=4, local=1)


def test_each_burst_ends_with_a_full_report_and_what_is_of_now_overtakes_the_past():
    bench = Bench()
    bench.snapshot = FULL
    add(bench, *[(600 - number, {"voltage": 100.0 + number}) for number in range(50)])

    async def scenario(bench):
        await bench.clock.sleep(2.0)
        bench.outbox.append(
            PropertyReport(values={"current": 7.0}, wall_time=None, at=bench.clock.since_boot())
        )

    bench.run(scenario, for_s=30)
    values = [params for _, params in told(bench)]
    assert sum("power_switch" in params for params in values) == 1 + 3
    assert values.index({"current": 7.0}) < values.index({"voltage": 149.0})
    past = [each["voltage"] for each in values if list(each) == ["voltage"]]
    assert past == [100.0 + number for number in range(50)]


def test_what_the_platform_takes_no_more_stays_here_and_an_old_event_has_its_time_in_its_text():
    bench = Bench()
    day = 86_400
    add(bench, (day + 100, {"voltage": 1.0}), (day - 1000, {"voltage": 2.0}))
    at = BOOT - day - 50
    trip = {"cause": "overcurrent", "value": 7.3, "limit": 5.0, "duration_s": 10.0}
    bench.outbox.append(EventReport(name="trip", values=trip, wall_time=WALL + at, at=at))
    bench.run(for_s=20)
    assert told(bench) == [(stamp(day - 1000), {"voltage": 2.0})]
    (event,) = bodies(bench, "event_post")
    assert "timestamp" not in event
    assert event["params"]["message"].startswith("overcurrent at 2027-01-14 ")
    assert bench.outbox.counters == Counters(delivered=2, local=1)


def test_what_was_measured_before_the_time_was_known_waits_and_is_stamped_then():
    clock = TestClock(wall=None)
    bench = Bench(clock=clock)
    add(bench, (100, {"voltage": 2.0}), wall_time=None)

    async def scenario(bench):
        await bench.clock.sleep(100)
        assert told(bench) == []
        clock.wall = WALL

    bench.run(scenario, for_s=30)
    assert told(bench) == [(stamp(100), {"voltage": 2.0})]


def test_a_stamp_that_was_wrong_is_put_right_and_one_that_was_right_stays_to_the_millisecond():
    bench = Bench()
    at = BOOT - 100
    for wall_time in (WALL + at - 3600, WALL + at + 0.4):
        bench.outbox.append(PropertyReport(values={"voltage": 2.0}, wall_time=wall_time, at=at))
    bench.run(for_s=20)
    assert [each for each, _ in told(bench)] == [stamp(100), stamp(100) + 400]


def test_of_another_boot_what_has_no_time_stays_here_and_an_event_goes_without():
    bench = Bench()
    add(bench, (100, {"voltage": 2.0}), wall_time=None)
    bench.event(180.0)
    bench.outbox = bench.open_outbox(first_id=100, boot_id="another")
    bench.run(for_s=20)
    assert told(bench) == []
    (event,) = bodies(bench, "event_post")
    assert "timestamp" not in event
    assert bench.outbox.counters == Counters(delivered=1, local=1)


def test_an_event_whose_time_is_not_known_yet_waits_a_while_for_it():
    clock = TestClock(wall=None)
    bench = Bench(clock=clock)
    bench.outbox.append(
        EventReport(name="low_voltage", values={"voltage": 1.0}, wall_time=None, at=BOOT - 100)
    )

    async def scenario(bench):
        await bench.clock.sleep(PAST_S / 2)
        assert bodies(bench, "event_post") == []
        clock.wall = WALL

    bench.run(scenario, for_s=30)
    (event,) = bodies(bench, "event_post")
    assert event["timestamp"] == stamp(100)


def batching(bench, code=0, *, mute=False):
    """Have the codec put all that is over into one message, which the platform answers so."""
    encode = bench.codec.encode

    def encode_past(messages, message_id, wall_time=None):
        one = encode(messages[0], message_id, wall_time)
        if len(messages) == 1:
            return Batch(publish=one)
        body = json.loads(one.payload) | {"method": "batch", "several": len(messages)}
        batch = Publish(topic=one.topic, payload=json.dumps(body).encode())
        return Batch(publish=batch, taken=len(messages))

    bench.codec.encode_past = encode_past
    platform = bench.platform
    platform.code_for = lambda body: code if "several" in body else 0
    answer = platform.__call__

    def answered(message):
        body = json.loads(message.payload)
        if body.get("method") != "batch":
            return answer(message)
        platform.heard.append(body)
        return [] if mute else [platform._down(message, body, "report_reply", code)]

    bench.transport.answer = answered


@pytest.mark.parametrize(("code", "mute"), [(0, False), (403, False), (500, False), (0, True)])
def test_a_batch_that_is_not_taken_goes_one_by_one_and_nothing_is_lost(code, mute):
    bench = Bench()
    batching(bench, code, mute=mute)
    add(bench, *[(300 - number, {"voltage": float(number)}) for number in range(6)])
    bench.run(for_s=120)
    batches = [body["several"] for body in bodies(bench, "batch")]
    is_taken = code == 0 and not mute
    assert batches == [6] * (4 if mute else 1)
    singles = [params["voltage"] for _, params in told(bench)]
    assert singles == ([] if is_taken else [float(number) for number in range(6)])
    assert bench.outbox.counters == Counters(delivered=6)


def test_a_batch_that_blames_a_value_is_tried_again_later_and_another_refusal_ends_them():
    for code, expected in ((403, 2), (500, 1)):
        bench = Bench()
        batching(bench, code)
        add(bench, *[(300 - number, {"voltage": float(number)}) for number in range(3)])

        async def scenario(bench):
            await bench.clock.sleep(20)
            add(bench, *[(200 - number, {"voltage": float(number)}) for number in range(3)])

        bench.run(scenario, for_s=60)
        assert len(bodies(bench, "batch")) == expected
        assert bench.outbox.counters.delivered == 6


@pytest.mark.parametrize(("code", "mute"), [(403, False), (500, False), (0, True)])
def test_what_is_of_now_does_not_wait_for_the_rest_of_a_batch_that_is_not_taken(code, mute):
    bench = Bench()
    batching(bench, code, mute=mute)
    add(bench, *[(900 - number, {"voltage": float(number)}) for number in range(100)])

    async def scenario(bench):
        await bench.clock.sleep(41.0 if mute else 1.0)
        now = bench.clock.since_boot()
        bench.outbox.append(
            PropertyReport(values={"current": 7.0}, wall_time=WALL + now, at=now, is_change=True)
        )
        await bench.clock.sleep(1.0)
        assert {"current": 7.0} in [params for _, params in told(bench)]
        assert bench.outbox.pending > 50

    bench.run(scenario, for_s=60)
    assert bench.outbox.counters == Counters(delivered=101)


def test_a_platform_that_answered_no_batch_for_a_while_gets_the_next_ones_later():
    bench = Bench()
    batching(bench, mute=True)
    add(bench, *[(900 - number, {"voltage": float(number)}) for number in range(3)])

    async def scenario(bench):
        for _ in range(2):
            await bench.clock.sleep(400)
            add(bench, *[(200 - number, {"voltage": float(number)}) for number in range(3)])

    bench.run(scenario, for_s=100)
    assert [body["several"] for body in bodies(bench, "batch")] == [3] * 8
    assert bench.outbox.counters == Counters(delivered=9)


def test_the_past_has_its_turn_where_what_is_of_now_leaves_no_room():
    bench = Bench()
    add(bench, *[(900 - number, {"voltage": float(number)}) for number in range(200)])

    async def scenario(bench):
        for number in range(600):
            now = bench.clock.since_boot()
            values = {"current": float(number)}
            bench.outbox.append(PropertyReport(values=values, wall_time=WALL + now, at=now))
            await bench.clock.sleep(0.05)

    bench.run(scenario, for_s=0.1)
    assert 20 <= sum("voltage" in params for _, params in told(bench)) <= 40

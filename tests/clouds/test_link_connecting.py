"""Connecting: subscribing, signing, greeting, and waiting for the clock."""

from collections.abc import Sequence

import pytest
from structlog.testing import capture_logs

from agent.clouds.link import NO_CLOCK
from agent.clouds.simulated import Trouble
from agent.clouds.tencent.codec import TencentCodec
from agent.devices.socket.thing_table import SOCKET
from agent.errors import TransportError
from agent.messages import (
    InfoReport,
    PropertyReport,
)
from agent.ports import Subscription
from tests.clouds.support import DEVICE, DOWN, Bench, TestClock, bodies, settings


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
    assert bench.transport.connects[0].username.endswith(";9223372036854775807")


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


class Choosy(TencentCodec):
    """Tencent's, where one of the topics is not needed."""

    def subscriptions(self) -> Sequence[Subscription]:
        return [*super().subscriptions(), Subscription(topic="spare", is_needed=False)]


def test_a_topic_that_is_not_needed_may_be_refused_which_is_said_once():
    bench = Bench(*[Trouble(refused_topic="spare", lasts_s=40)] * 2)
    bench.codec = Choosy(settings(), SOCKET)
    with capture_logs() as logs:
        bench.run(for_s=70)
    assert bench.changes[:3] == [True, False, True]
    told = [entry for entry in logs if entry["event"] == "subscription.refused"]
    assert [entry["log_level"] for entry in told] == ["warning", "debug"]


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
    assert up.since == 1000.0
    assert (down.is_connected, down.last_error) == (False, "the connection was cut")
    assert bench.link.pending == 0
    assert bench.link.counters == bench.outbox.counters


def test_sessions_are_clean_so_that_nothing_old_is_replayed():
    bench = Bench(Trouble(lasts_s=40)).run(for_s=100)
    assert [params.clean_session for params in bench.transport.connects] == [True, True]

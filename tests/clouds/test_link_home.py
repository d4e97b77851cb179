"""A link to a platform that shows what it was told last, and where others come and go."""

import json

from agent.clouds.homeassistant.codec import HomeassistantCodec
from agent.clouds.newcomers import SPREAD_S
from agent.devices.socket.thing_table import SOCKET
from agent.messages import InfoReport, Outcome, PropertyReport, Refusal, RefusalKind
from agent.ports import Message
from tests.clouds.support import Bench
from tests.contract.platforms_home import CONFIG, ROOT, section

WALL = 1_800_000_000.0
BORN = Message(topic="homeassistant/status", payload=b"online")
FULL = PropertyReport(values={"power_switch": False, "voltage": 230.0}, wall_time=None, at=1000.0)


def bench_of(**more):
    bench = Bench()
    bench.codec = HomeassistantCodec(section(**more), SOCKET)
    bench.platform = lambda _message: []
    bench.transport.answer = bench.platform
    bench.info = InfoReport(facts={"version": "0.1.0"})
    bench.snapshot = FULL
    return bench


def states(bench):
    sent = [each for each in bench.transport.sent if each.topic == f"{ROOT}/state"]
    told = [json.loads(each.payload) for each in sent]
    return [{key: each[key] for key in each if key != "measured_at"} for each in told]


def topics(bench):
    return [each.topic for each in bench.transport.sent]


def test_it_takes_its_will_back_first_then_tells_what_it_is_and_how_it_is():
    bench = bench_of().run(for_s=5)
    assert topics(bench) == [f"{ROOT}/availability", CONFIG, f"{ROOT}/state"]
    (params,) = bench.transport.connects
    assert (params.will.payload, bench.transport.sent[0]) == (b"offline", params.birth)


def test_a_newcomer_is_told_everything_again_after_a_moment_and_several_at_once():
    bench = bench_of()

    async def scenario(bench):
        await bench.clock.sleep(1)
        bench.transport.sent.clear()
        for _ in range(5):
            bench.transport.session.say(BORN)
        await bench.clock.sleep(SPREAD_S * 0.4)
        assert topics(bench) == []
        await bench.clock.sleep(SPREAD_S)
        assert topics(bench) == [CONFIG, f"{ROOT}/state"]
        bench.transport.session.say(BORN)
        await bench.clock.sleep(SPREAD_S)
        assert topics(bench) == [CONFIG, f"{ROOT}/state"] * 2

    bench.run(scenario)


def test_a_newcomer_that_was_there_before_is_no_news_and_no_command():
    bench = bench_of()

    async def scenario(bench):
        await bench.clock.sleep(1)
        bench.transport.sent.clear()
        kept = Message(topic=BORN.topic, payload=BORN.payload, is_retained=True)
        bench.transport.session.say(kept)
        await bench.clock.sleep(SPREAD_S * 2)
        assert topics(bench) == []

    bench.run(scenario)


def test_a_refused_setting_is_answered_at_once_by_what_stands():
    bench = bench_of()
    bench.outcome = Outcome(refusal=Refusal(kind=RefusalKind.TRIPPED, reason="tripped"))

    async def scenario(bench):
        await bench.clock.sleep(1)
        bench.transport.sent.clear()
        bench.transport.session.say(Message(topic=f"{ROOT}/count_down/set", payload=b"5"))
        await bench.clock.sleep(0.001)
        assert states(bench) == [{"count_down": 0}]

    bench.run(scenario)


def test_no_report_follows_a_full_one_that_was_made_later():
    bench = bench_of()
    for at, is_on in ((999.0, True), (999.5, False)):
        values = {"power_switch": is_on}
        bench.outbox.append(PropertyReport(values=values, wall_time=WALL + at, at=at))
    later = PropertyReport(values={"voltage": 231.0}, wall_time=None, at=1000.5)
    bench.outbox.append(later)
    bench.run(for_s=5)
    assert states(bench) == [{"voltage": 230.0, "power_switch": "OFF"}, {"voltage": 231.0}]
    assert bench.outbox.counters.local == 2


def test_what_another_boot_has_left_is_not_told_as_of_now():
    bench = bench_of()
    bench.outbox.append(PropertyReport(values={"power_switch": True}, wall_time=WALL, at=1001.0))
    bench.outbox = bench.open_outbox(first_id=9, boot_id="another")
    bench.run(for_s=5)
    assert {each.get("power_switch") for each in states(bench)} == {"OFF"}


def test_without_a_full_report_nothing_is_overtaken():
    bench = bench_of()
    bench.snapshot = None
    bench.outbox.append(PropertyReport(values={"power_switch": True}, wall_time=None, at=999.0))
    bench.run(for_s=5)
    assert states(bench) == [{"power_switch": "ON"}]

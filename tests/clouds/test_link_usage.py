"""Whatever a link sends is counted with its bytes, and nothing else is."""

import asyncio

from agent.clouds.limits import TENCENT
from agent.clouds.pacing import Pacers
from agent.clouds.simulated import Trouble
from tests.clouds.support import DOWN, Bench, run_virtually


def counted(bench):
    now = bench.link.pace
    return now.messages_last_minute, now.connects_last_minute


def test_every_message_is_counted_with_its_payload_and_every_connect():
    bench = Bench(Trouble(lasts_s=2))
    seen = {}

    async def scenario(bench):
        bench.report(1)
        bench.event(180.0)
        await bench.clock.sleep(20)
        bench.say(DOWN, method="control", clientToken="c1", params={"power_switch": True})
        await bench.clock.sleep(5)
        usage = bench.link._pacer._usage
        seen["bytes"] = usage._hours.total(bench.clock.now()).payload_bytes
        seen["counted"] = counted(bench)
        seen["sent"] = list(bench.transport.sent)

    bench.run(scenario)
    sent = seen["sent"]
    assert any(b"control_reply" in each.payload for each in sent)
    assert seen["bytes"] == sum(len(each.payload) for each in sent) > 0
    assert seen["counted"] == (len(sent), 2)


def test_a_session_that_has_nothing_to_say_costs_no_message():
    bench = Bench()
    seen = []

    async def scenario(bench):
        await bench.clock.sleep(600)
        seen.append(bench.link.pace)

    bench.run(scenario)
    (pace,) = seen
    assert pace.messages_last_minute == 0
    assert pace.publish_headroom == 1.0
    assert pace.forecast is not None


def test_the_next_link_of_an_identity_goes_on_counting_in_the_same_window():
    bench = Bench()

    async def main():
        pacers = Pacers(bench.clock)
        for _ in range(3):
            link = bench.make_link(0.5, pacer=pacers.of("dev1", TENCENT, is_resumed=False))
            running = asyncio.create_task(link.run())
            await bench.clock.sleep(7)
            running.cancel()
            await asyncio.wait([running])
        return link.pace

    pace = run_virtually(main())
    assert pace.connects_last_minute == 3
    assert pace.messages_last_minute == len(bench.transport.sent) > 0
    assert pace.observed_s == 21

"""What a platform had stored is executed once, answered and cleared."""

import asyncio

import pytest
from structlog.testing import capture_logs

from agent.answers import REMEMBERED_S, stored_key
from agent.clouds.simulated import Trouble
from agent.messages import Outcome, PropertySet, RefusalKind, refused
from agent.rights import Rights
from tests.clouds.support import DOWN, Bench, bodies, run_virtually
from tests.memories import Disk


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


def test_a_stored_off_is_carried_out_again_whatever_was_carried_out_before():
    bench = Bench(Trouble(cut_after=4, cut_is_heard=False))
    bench.platform.stored = {"power_switch": 0}
    bench.run()
    assert [each.values for each in bench.requests] == [{"power_switch": False}] * 2
    assert bench.platform.stored == {}


@pytest.mark.parametrize("values", [{"power_switch": 1}, {"count_down": 60}])
def test_what_the_process_itself_has_carried_out_counts_for_five_minutes(values):
    bench = Bench(Trouble(cut_after=4, cut_is_heard=False))
    bench.platform.stored = dict(values)

    async def scenario(bench):
        await bench.clock.sleep(2)
        assert len(bench.requests) == 1
        bench.platform.is_mute_to = {"get_status"}
        await bench.clock.sleep(REMEMBERED_S)
        bench.platform.is_mute_to = set()

    bench.run(scenario, for_s=600)
    assert len(bench.requests) == 2


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


# ── rights ──────────────────────────────────────────────────────────────────────────────────


def test_a_stored_command_that_this_cloud_has_no_right_to_stays_stored_and_is_told_here():
    bench = Bench(Trouble(lasts_s=100))
    bench.platform.stored = {"power_switch": 1}
    refusal = Rights(commands="none").refusal(PropertySet(request_id="", values={}))
    bench.outcome = Outcome(refusal=refusal, is_forbidden=True)
    with capture_logs() as logs:
        bench.run(for_s=200)
    assert bodies(bench, "control_reply") == bodies(bench, "clear_control") == []
    told = [entry["reason"] for entry in logs if entry["event"] == "stored.left"]
    assert told == ['this cloud only watches (commands = "none")'] * 2
    assert bench.platform.stored == {"power_switch": 1}
    assert len(bench.requests) == 2, "asked about anew in each session: the rights may change"


# ── once, across sessions, links and processes ──────────────────────────────────────────────


async def live(bench, for_s):
    """Run another process on the same disk for a while, and kill it."""
    running = asyncio.create_task(bench.make_link(0.5).run())
    await asyncio.wait([running], timeout=for_s)
    running.cancel()
    await asyncio.wait([running])


def lives(bench, *lengths_s, stored_again=None):
    async def main():
        for for_s in lengths_s:
            await live(bench, for_s)
            if stored_again is not None:
                bench.platform.stored = dict(stored_again)

    run_virtually(main())
    return bench


@pytest.mark.parametrize("cut_after", [2, 3, 4])
def test_a_stored_command_is_executed_once_though_the_process_ends_before_it_is_cleared(cut_after):
    bench = Bench(Trouble(cut_after=cut_after, cut_is_heard=cut_after == 2))
    bench.platform.stored = {"power_switch": 1}
    lives(bench, 3, 60)
    assert len(bench.requests) == 1
    assert bench.platform.stored == {}


def test_a_slow_disk_holds_back_the_clearing_and_not_the_command():
    bench = Bench()
    bench.memory = Disk(delay_s=1.0)
    bench.platform.stored = {"power_switch": 0}

    async def scenario(bench):
        while not bench.platform.heard:
            await bench.clock.sleep(0.01)
        await bench.clock.sleep(0.5)
        assert len(bench.requests) == 1
        assert bodies(bench, "clear_control") == []

    bench.run(scenario)
    assert len(bodies(bench, "clear_control")) == 1


def test_the_same_command_stored_again_after_a_restart_is_executed_again():
    bench = Bench()
    bench.platform.stored = {"power_switch": 1}
    lives(bench, 20, 20, stored_again={"power_switch": 1})
    assert len(bench.requests) == 2


def test_what_the_platform_no_longer_stores_is_forgotten_though_its_word_was_lost():
    bench = Bench(Trouble(cut_after=4))  # cleared, and the acknowledgement is lost

    async def scenario(bench):
        await bench.clock.sleep(35)
        bench.platform.stored = {"power_switch": 1}
        bench.transport.session.end()

    bench.platform.stored = {"power_switch": 1}
    bench.run(scenario)
    assert len(bench.requests) == 2


def test_what_is_found_on_the_disk_counts_for_five_minutes():
    bench = Bench(*[Trouble(cut_after=3)] * 2)
    bench.platform.stored = {"power_switch": 1}

    async def main():
        await live(bench, 3)
        link = bench.make_link(0.5)
        await bench.clock.sleep(300)
        running = asyncio.create_task(link.run())
        await asyncio.wait([running], timeout=20)
        running.cancel()
        await asyncio.wait([running])

    run_virtually(main())
    assert len(bench.requests) == 2


@pytest.mark.parametrize("text", ["", "[]", "{", "[1,2,3]", '["a", 1]', '["a", "{}"]', "[" * 99999])
def test_a_memory_that_is_damaged_is_none(text):
    bench = Bench()
    bench.platform.stored = {"power_switch": 1}

    async def main():
        await bench.memory.remember("socket-1", stored_key("dev1"), text)
        await live(bench, 20)

    run_virtually(main())
    assert len(bench.requests) == 1

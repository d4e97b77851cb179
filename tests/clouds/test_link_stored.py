"""What a platform had stored is executed once, answered and cleared."""

from agent.clouds.simulated import Trouble
from agent.messages import (
    RefusalKind,
    refused,
)
from tests.clouds.support import DOWN, Bench, bodies


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

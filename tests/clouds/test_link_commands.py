"""What a platform asks for is answered at once."""

from structlog.testing import capture_logs

from agent.clouds.exchange import MAX_ACTIONS
from agent.clouds.simulated import Trouble
from agent.messages import (
    ActionCall,
    PropertySet,
    RefusalKind,
    refused,
)
from agent.ports import Message
from tests.clouds.support import DEVICE, DOWN, Bench, bodies

ACTION = "$thing/down/action"


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


# ── actions wait for the disk, nothing else does ────────────────────────────────────────────


def call(bench, token):
    bench.say(ACTION, method="action", clientToken=token, actionId="reset_energy")


def test_a_live_off_acts_at_once_while_an_action_waits_for_the_disk():
    bench = Bench()
    bench.disk_answers.clear()

    async def scenario(bench):
        await bench.clock.sleep(1)
        call(bench, "slow")
        await bench.clock.sleep(0)
        bench.say(DOWN, method="control", clientToken="off", params={"power_switch": 0})
        await bench.clock.sleep(0.01)
        assert [each.values for each in bench.requests] == [{"power_switch": False}]
        assert bodies(bench, "control_reply")[0]["clientToken"] == "off"
        assert bodies(bench, "action_reply") == []
        bench.disk_answers.set()

    bench.run(scenario)
    (reply,) = bodies(bench, "action_reply")
    assert (reply["clientToken"], reply["code"]) == ("slow", 0)
    assert len(bench.requests) == 2


def test_actions_are_answered_each_under_its_own_id_in_whatever_order_they_end():
    bench = Bench()
    bench.disk_answers.clear()

    async def scenario(bench):
        await bench.clock.sleep(1)
        for token in ("a", "b", "c"):
            call(bench, token)
        await bench.clock.sleep(1)
        bench.disk_answers.set()

    bench.run(scenario)
    assert {body["clientToken"] for body in bodies(bench, "action_reply")} == {"a", "b", "c"}


def test_more_actions_than_may_wait_are_refused_at_once_and_there_is_room_again_later():
    bench = Bench()
    bench.disk_answers.clear()

    async def scenario(bench):
        await bench.clock.sleep(1)
        for number in range(MAX_ACTIONS + 2):
            call(bench, f"n{number}")
        await bench.clock.sleep(1)
        replies = bodies(bench, "action_reply")
        assert [body["clientToken"] for body in replies] == ["n8", "n9"]
        assert {body["code"] for body in replies} == {503}
        assert replies[0]["status"] == "too many actions wait for the disk already; ask again later"
        bench.disk_answers.set()
        await bench.clock.sleep(1)
        call(bench, "later")

    bench.run(scenario)
    assert (
        bodies(bench, "action_reply")[-1] | {"clientToken": "later", "code": 0}
        == (bodies(bench, "action_reply")[-1])
    )
    assert len(bench.requests) == MAX_ACTIONS + 1


def test_a_session_that_ends_while_an_action_waits_takes_it_along():
    bench = Bench(Trouble(lasts_s=31))
    bench.disk_answers.clear()

    async def scenario(bench):
        await bench.clock.sleep(1)
        call(bench, "lost")
        await bench.clock.sleep(32)
        bench.disk_answers.set()
        await bench.clock.sleep(20)
        call(bench, "next")

    bench.run(scenario)
    assert [each.request_id for each in bench.requests] == ["next"]
    assert [body["clientToken"] for body in bodies(bench, "action_reply")] == ["next"]

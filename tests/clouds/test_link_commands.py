"""What a platform asks for is answered at once."""

from structlog.testing import capture_logs

from agent.messages import (
    ActionCall,
    PropertySet,
    RefusalKind,
    refused,
)
from agent.ports import Message
from tests.clouds.support import DEVICE, DOWN, Bench, bodies


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

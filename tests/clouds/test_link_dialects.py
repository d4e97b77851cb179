"""What clouds other than Tencent need of a link."""

import json
from collections.abc import Sequence
from dataclasses import replace

import pytest
from structlog.testing import capture_logs

from agent.clouds.exchange import MAX_ACTIONS, MAX_TOGGLES
from agent.clouds.tencent.codec import TencentCodec
from agent.devices.socket.thing_table import SOCKET
from agent.errors import CodecError
from agent.messages import (
    Ack,
    Answerable,
    Downlink,
    Notice,
    Outcome,
    PropertyGet,
    PropertySet,
    PropertyToggle,
    RefusalKind,
    Uplink,
    refused,
)
from agent.ports import Message, PlatformLimits, Publish
from tests.clouds.support import DOWN, Bench, bodies, settings

FORBIDDEN = Outcome(refusal=refused(RefusalKind.NOT_ALLOWED, "no").refusal, is_forbidden=True)


class Dialect(TencentCodec):
    """Tencent's, with what the others have; odd requests come as JSON on topics of their own."""

    clears: bool = True
    replays_s: float = 0.0
    stores: bool = True
    is_answered: bool = True

    @property
    def limits(self) -> PlatformLimits:
        return replace(super().limits, replays_s=self.replays_s)

    def decode(self, topic: str, payload: bytes) -> Downlink | None:
        match topic.partition("/")[0]:
            case "get":
                names = tuple(json.loads(payload))
                return PropertyGet(request_id="g", names=names)
            case "toggle":
                return PropertyToggle(request_id="t", name="power_switch")
            case "bare":
                return PropertyToggle(request_id="", name="power_switch")
            case "notice":
                return Notice(name="disabled", request_id="n")
            case "bad":
                raise CodecError("bad")
            case _:
                return self._ignoring(super().decode(topic, payload))

    def _ignoring(self, downlink: Downlink | None) -> Downlink | None:
        if isinstance(downlink, Ack) and self.is_answered and downlink.is_accepted:
            return Ack(message_id=downlink.message_id, is_accepted=True, ignored=("power_factor",))
        return downlink

    def on_connected(self, message_id: str) -> Sequence[Publish]:
        return super().on_connected(message_id) if self.stores else ()

    def encode(
        self, message: Uplink, message_id: str, wall_time: float | None = None
    ) -> Publish | None:
        publish = super().encode(message, message_id, wall_time)
        if publish is None or self.is_answered:
            return publish
        return Publish(topic=publish.topic, payload=publish.payload, is_answered=False)

    def encode_reply(self, request: Answerable, outcome: Outcome) -> Sequence[Publish]:
        if isinstance(request, PropertyGet):
            return (_said("got", dict(outcome.values)),)
        if isinstance(request, Notice):
            return (_said("noted", {}),)
        return super().encode_reply(request, outcome)

    def encode_taken(self, live: PropertySet) -> Sequence[Publish]:
        return (_said("taken", {"names": sorted(live.values)}),) if self.clears else ()


def _said(method: str, more: dict[str, object]) -> Publish:
    return Publish(topic=f"up/{method}", payload=json.dumps({"method": method, **more}).encode())


class DialectBench(Bench):
    """A bench whose codec is the dialect."""

    def __init__(self, **differences: float) -> None:
        super().__init__()
        self.codec = Dialect(settings(), SOCKET)
        for name, value in differences.items():
            setattr(self.codec, name, value)

    def hear(self, message: Message) -> None:
        assert self.transport.session is not None
        self.transport.session.say(message)


def heard(message: Message, **differences: float) -> DialectBench:
    async def scenario(bench: DialectBench) -> None:
        await bench.clock.sleep(1)
        bench.hear(message)

    bench = DialectBench(**differences)
    bench.run(scenario)
    return bench


def test_a_question_for_values_is_answered_with_what_is_known():
    bench = heard(Message(topic="get/x", payload=b'["voltage", "current"]'))
    assert bodies(bench, "got") == [{"method": "got", "voltage": 0, "current": 0}]
    assert bench.requests == []


def test_a_toggle_may_wait_for_the_disk_and_nothing_waits_behind_it():
    async def scenario(bench: DialectBench) -> None:
        bench.disk_answers.clear()
        await bench.clock.sleep(1)
        bench.hear(Message(topic="toggle/x", payload=b""))
        bench.say(DOWN, method="control", clientToken="t2", params={"power_switch": 0})
        await bench.clock.sleep(1)
        assert [each.request_id for each in bench.requests] == ["t2"]
        bench.disk_answers.set()

    bench = DialectBench()
    bench.run(scenario)
    assert [each.request_id for each in bench.requests] == ["t2", "t"]
    assert [body["clientToken"] for body in bodies(bench, "control_reply")] == ["t2", "t"]


@pytest.mark.parametrize(("toggles", "refused_ones"), [(MAX_ACTIONS + 1, 0), (MAX_TOGGLES + 1, 1)])
def test_a_toggle_is_not_refused_because_some_wait_for_the_disk(toggles, refused_ones):
    async def scenario(bench: DialectBench) -> None:
        bench.disk_answers.clear()
        await bench.clock.sleep(1)
        for _ in range(toggles):
            bench.hear(Message(topic="toggle/x", payload=b""))
        await bench.clock.sleep(1)
        codes = [body["code"] for body in bodies(bench, "control_reply")]
        assert codes == [503] * refused_ones
        bench.disk_answers.set()

    bench = DialectBench()
    bench.run(scenario)
    assert len(bench.requests) == toggles - refused_ones


def test_a_notice_that_wants_an_answer_gets_one_and_is_told():
    with capture_logs() as logs:
        bench = heard(Message(topic="notice/x", payload=b""))
    assert bodies(bench, "noted") == [{"method": "noted"}]
    assert [entry["notice"] for entry in logs if entry["event"] == "cloud.notice"] == ["disabled"]


def test_a_retained_message_is_no_command():
    body = {"method": "control", "clientToken": "t", "params": {"power_switch": 1}}
    payload = json.dumps(body).encode()
    topic = f"{DOWN}/CS0SLTKSYA/dev1"
    with capture_logs() as logs:
        bench = heard(Message(topic=topic, payload=payload, is_retained=True))
    assert bench.requests == []
    (entry,) = [entry for entry in logs if entry["event"] == "message.dropped"]
    assert "retained" in entry["error"]
    assert [r.request_id for r in heard(Message(topic=topic, payload=payload)).requests] == ["t"]


def test_what_a_live_command_asked_for_is_cleared_at_the_platform_in_one_message():
    async def scenario(bench: DialectBench) -> None:
        await bench.clock.sleep(1)
        bench.say(DOWN, method="control", clientToken="a", params={"power_switch": 1})
        bench.say(DOWN, method="control", clientToken="b", params={"count_down": 5})

    bench = DialectBench()
    bench.run(scenario)
    assert bodies(bench, "taken") == [{"method": "taken", "names": ["count_down", "power_switch"]}]
    methods = bench.platform.methods()
    assert methods.index("control_reply") < methods.index("taken")


def test_what_a_cloud_has_no_right_to_is_not_cleared():
    async def scenario(bench: DialectBench) -> None:
        bench.outcome = FORBIDDEN
        await bench.clock.sleep(1)
        bench.say(DOWN, method="control", clientToken="a", params={"power_switch": 1})

    bench = DialectBench()
    bench.run(scenario)
    assert bodies(bench, "control_reply")[0]["code"] == 403
    assert bodies(bench, "taken") == []


def test_a_platform_that_stores_nothing_is_asked_nothing():
    bench = DialectBench(stores=False)
    bench.report(7)
    bench.run()
    assert bench.platform.methods() == ["report"]
    assert bench.outbox.pending == 0


def test_where_no_reply_exists_the_acknowledgement_delivers():
    bench = DialectBench(is_answered=False)
    bench.platform.is_mute_to = {"report", "event_post"}
    bench.report(1)
    bench.event(1.0)
    bench.run(for_s=5)
    assert bench.outbox.pending == 0
    assert bench.outbox.counters.delivered == 2
    assert len(bodies(bench, "report")) == 1


def test_what_the_platform_says_it_ignored_is_left_out_from_then_on_and_said_once():
    bench = DialectBench()
    with capture_logs() as logs:
        bench.report(1)
        bench.report(2)
        bench.run()
    told = [entry for entry in logs if entry["event"] == "report.left_out"]
    assert [entry["name"] for entry in told if entry["log_level"] == "warning"] == ["power_factor"]
    assert bench.outbox.counters.delivered == 2


def test_a_bare_toggle_that_may_have_been_done_before_is_not_done_again():
    first = Message(topic="bare/x", payload=b"")
    assert len(heard(first).requests) == 1
    with capture_logs() as logs:
        assert heard(replace(first, is_repeat=True)).requests == []
    assert [e["event"] for e in logs if e["event"] == "message.dropped"] == ["message.dropped"]
    assert len(heard(Message(topic="toggle/x", payload=b"", is_repeat=True)).requests) == 1


def test_what_comes_right_after_the_connect_may_be_old_where_the_platform_sends_again():
    body = {"method": "control", "clientToken": "t", "params": {"power_switch": 1}}
    control = Message(topic=f"{DOWN}/CS0SLTKSYA/dev1", payload=json.dumps(body).encode())
    assert [each.is_live for each in heard(control, replays_s=5).requests] == [False]
    assert [each.is_live for each in heard(control, replays_s=0.5).requests] == [True]
    toggled = heard(Message(topic="toggle/x", payload=b""), replays_s=5)
    assert toggled.requests == []
    (reply,) = bodies(toggled, "control_reply")
    assert (reply["code"], "send it again" in reply["status"]) == (403, True)
    assert len(heard(Message(topic="bare/x", payload=b""), replays_s=5).requests) == 1

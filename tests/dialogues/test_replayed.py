"""A replay sees whatever a link does otherwise than recorded, and says where."""

from dataclasses import replace

import pytest

from agent import __version__
from agent.app.dialogues import codec_of
from agent.clouds.dialogue import lines as kinds
from agent.clouds.dialogue.lines import Dialogue, Header
from agent.clouds.dialogue.neutral import DialogueError, at
from agent.clouds.dialogue.text import read_dialogue, write_dialogue
from agent.clouds.replayed import ReplayTransport, replay
from agent.clouds.simulated import Trouble
from agent.clouds.tencent.codec import TencentCodec
from agent.devices.socket.thing_table import SOCKET
from agent.errors import AuthRejectedError, TransportError
from agent.messages import (
    EventReport,
    InfoReport,
    Outcome,
    PropertyReport,
    RefusalKind,
    refused,
)
from agent.ports import Message, Publish
from tests.clouds.support import DEVICE, DOWN, TestClock, run_virtually, settings
from tests.dialogues.test_recorded import HEADER, Taped

ACTION = "$thing/down/action"
TENCENT = {"product_id": "CS0SLTKSYA", "device_name": "dev1"}


def taped(*troubles, scenario=None, before=None, for_s=60.0, **more):
    """Record a session and give it as a dialogue that can be played."""
    bench = Taped(*troubles, **more)
    bench.rows.clear()
    header = replace(HEADER, agent=__version__, section=TENCENT)
    bench.recorder.begin(header)
    if before is not None:
        before(bench)
    bench.run(scenario, for_s=for_s)
    return read_dialogue("\n".join(bench.rows))


def play(dialogue):
    async def main():
        await replay(dialogue, codec_of(dialogue))

    run_virtually(main())


def told(dialogue):
    with pytest.raises(DialogueError) as caught:
        play(dialogue)
    return str(caught.value)


def without(dialogue, kind):
    """Take the first line of a kind away."""
    index = next(i for i, line in enumerate(dialogue.lines) if isinstance(line, kind))
    return replace(dialogue, lines=dialogue.lines[:index] + dialogue.lines[index + 1 :])


def doubled(dialogue, kind, **changes):
    """Put a changed copy of the first line of a kind behind it."""
    index = next(i for i, line in enumerate(dialogue.lines) if isinstance(line, kind))
    copy = replace(dialogue.lines[index], **changes)
    return replace(
        dialogue, lines=(*dialogue.lines[: index + 1], copy, *dialogue.lines[index + 1 :])
    )


async def _talk(bench):
    await bench.clock.sleep(1)
    bench.report(7)
    bench.event(187.0)
    bench.say(DOWN, method="control", clientToken="a", params={"power_switch": 1})
    bench.outcome = refused(RefusalKind.TRIPPED, "tripped")
    await bench.clock.sleep(1)
    bench.say(ACTION, method="action", clientToken="b", actionId="reset_energy", params={})


TALK = taped(scenario=_talk)


# ── what is played ──────────────────────────────────────────────────────────────────────────


def test_a_recording_is_played_without_a_deviation():
    play(TALK)


def test_what_was_not_answered_is_said_again():
    def mute(bench):
        bench.platform.is_mute_to = {"report", "get_status"}
        bench.report(1)

    dialogue = taped(before=mute)
    assert sum(b'"method":"report"' in each.payload for each in of(dialogue, kinds.Sent)) == 4
    play(dialogue)


def of(dialogue, kind):
    return [line for line in dialogue.lines if isinstance(line, kind)]


def test_a_refused_report_is_split_again():
    def refuse(bench):
        bench.platform.code_for = lambda body: 403 if len(body.get("params", {})) > 1 else 0
        bench.outbox.append(
            PropertyReport(values={"voltage": 230.0, "current": 1.0}, wall_time=1_800_001_000.25)
        )

    dialogue = taped(before=refuse)
    assert len(of(dialogue, kinds.Said)) == 3
    play(dialogue)


def test_sessions_that_end_and_connects_that_are_refused_are_played():
    async def scenario(bench):
        bench.snapshot = PropertyReport(values={"count_down": 1}, wall_time=None)
        bench.info = InfoReport(facts={"name": "x"})
        await bench.clock.sleep(3)
        bench.report(2)

    dialogue = taped(
        Trouble(is_silent=True, lasts_s=2),
        Trouble(refusal=AuthRejectedError("bad")),
        Trouble(lasts_s=20),
        scenario=scenario,
        before=lambda bench: bench.report(1),
        for_s=900,
    )
    assert [bool(each.refused) for each in of(dialogue, kinds.Opened)][:4] == [
        False,
        True,
        False,
        False,
    ]
    play(dialogue)


def test_a_stored_command_is_answered_and_cleared_again():
    def store(bench):
        bench.platform.stored = {"power_switch": 1}

    dialogue = taped(before=store)
    assert [line.to for line in of(dialogue, kinds.Answered)] == ["PropertySet"]
    play(dialogue)


def test_a_stored_command_that_was_forbidden_stays_stored_again():
    def forbid(bench):
        bench.platform.stored = {"power_switch": 1}
        refusal = refused(RefusalKind.NOT_ALLOWED, "no").refusal
        bench.outcome = Outcome(refusal=refusal, is_forbidden=True)

    dialogue = taped(before=forbid)
    assert of(dialogue, kinds.Answered) == []
    play(dialogue)


def test_a_clock_that_was_not_trusted_asks_for_the_time_again():
    dialogue = taped(clock=TestClock(wall=None))
    assert of(dialogue, kinds.Opened)[0].wall is None
    assert any(b"get" in line.payload for line in of(dialogue, kinds.Sent))
    play(dialogue)


def test_an_answer_that_took_its_time_takes_it_again():
    async def scenario(bench):
        bench.disk_answers.clear()
        await bench.clock.sleep(1)
        bench.say(ACTION, method="action", clientToken="b", actionId="reset_energy", params={})
        await bench.clock.sleep(5)
        bench.disk_answers.set()

    play(taped(scenario=scenario))


def test_a_retained_message_is_no_command_again():
    async def scenario(bench):
        await bench.clock.sleep(1)
        topic = f"{DOWN}/{DEVICE}"
        payload = b'{"method":"control","clientToken":"r","params":{"power_switch":1}}'
        bench.transport.session.say(Message(topic=topic, payload=payload, is_retained=True))

    dialogue = taped(scenario=scenario)
    assert of(dialogue, kinds.Answered) == []
    play(dialogue)


def test_a_recording_that_was_full_is_played_to_there():
    dialogue = Dialogue(header=TALK.header, lines=(*TALK.lines[:20], kinds.Full(t=1.0)))
    play(dialogue)


def test_a_recording_of_an_earlier_version_is_played_too():
    text = write_dialogue(TALK).replace(f'\\"{__version__}\\"', '\\"0.0.7\\"')
    old = read_dialogue(text)
    old = replace(old, header=replace(old.header, agent="0.0.7"))
    assert any(b"0.0.7" in line.payload for line in of(old, kinds.Sent))
    play(old)


# ── what deviates ───────────────────────────────────────────────────────────────────────────


def test_a_message_that_was_not_recorded_is_told():
    assert "not recorded at 0.000 s" in told(without(TALK, kinds.Sent))


def test_a_message_that_is_not_sent_again_is_told():
    extra = doubled(TALK, kinds.Sent, payload=b"more")
    assert "this was not done again: Sent(" in told(extra)


def test_a_message_far_ahead_of_its_time_is_told():
    later = [
        replace(line, t=line.t + 100) if isinstance(line, kinds.Sent) else line
        for line in TALK.lines
    ]
    assert "not recorded at" in told(replace(TALK, lines=tuple(later)))


def test_a_subscription_that_was_not_recorded_is_told():
    assert "not recorded: Subscription(topic='$thing/down/property" in told(
        without(TALK, kinds.Subscribed)
    )


def test_an_id_more_than_was_recorded_is_told():
    assert told(without(TALK, kinds.Asked)).startswith(
        ("the link wants one more id", "not recorded", "line ")
    )


def test_an_id_that_the_link_never_asks_for_is_told():
    more = doubled(TALK, kinds.Asked, id="4711")
    assert "not done again: Asked(" in told(more)


@pytest.mark.parametrize(
    ("field", "value"),
    [("port", 1), ("client_id", "x"), ("username", "x"), ("keepalive_s", 7), ("clean", False)],
)
def test_another_login_is_told(field, value):
    opened = replace(TALK.lines[0], **{field: value})
    dialogue = replace(TALK, lines=(opened, *TALK.lines[1:]))
    assert told(dialogue).startswith(f"line 2: {field}: now ")


def test_a_question_without_a_recorded_answer_is_told():
    header = Header(
        source="x",
        about="x",
        made="x",
        agent=__version__,
        cloud="onenet",
        section={"product_id": "9MaNe52pNO", "device_name": "dev1", "host": "h", "port": 1},
    )
    prefix = "$sys/9MaNe52pNO/dev1/thing"
    opened = replace(
        TALK.lines[0],
        host="h",
        port=1,
        client_id="dev1",
        username="9MaNe52pNO",
        keepalive_s=60,
    )
    lines = (
        opened,
        kinds.Subscribed(t=0, topic=f"{prefix}/#", qos=0),
        kinds.Asked(t=0, id="1"),
        kinds.Sent(t=0, topic=f"{prefix}/property/desired/get", qos=1, payload=b"x"),
        kinds.Heard(
            t=1, topic=f"{prefix}/property/get", payload=b'{"id":"5","params":["voltage"]}'
        ),
        kinds.Full(t=2),
    )
    codec = codec_of(Dialogue(header=header, lines=lines))
    (asked,) = codec.on_connected("1")
    lines = (*lines[:3], replace(lines[3], payload=asked.payload), *lines[4:])
    assert told(Dialogue(header=header, lines=lines)) == (
        "values are asked for, and no answer is recorded"
    )


SHORT = Dialogue(header=TALK.header, lines=(TALK.lines[0], kinds.Full(t=0)))


def test_a_link_that_asks_more_than_was_ever_recorded_is_told():
    subscribed = of(TALK, kinds.Subscribed)
    dialogue = replace(SHORT, lines=(TALK.lines[0], *subscribed, kinds.Full(t=9)))
    assert told(dialogue) == "the link wants one more id than was recorded"


def test_an_action_without_a_recorded_answer_is_told():
    dialogue = replace(
        TALK,
        lines=tuple(line for line in TALK.lines if getattr(line, "to", "") != "ActionCall"),
    )
    assert "no answer is recorded" in told(dialogue)


def test_answers_are_found_by_their_request_and_not_by_their_order():
    answers = of(TALK, kinds.Answered)
    others = [line for line in TALK.lines if not isinstance(line, kinds.Answered)]
    play(replace(TALK, lines=(others[0], *reversed(answers), *others[1:])))


def test_the_first_deviation_is_told_and_nothing_is_played_after_it():
    async def main():
        transport = ReplayTransport(SHORT)
        params = codec_of(TALK).connect_params(transport.wall_time(), transport.nonce())
        async with transport.connect(params) as session:
            for payload in (b"first", b"second"):
                with pytest.raises(TransportError, match="not recorded"):
                    await session.publish(Publish(topic="t", payload=payload))
        with pytest.raises(TransportError, match="the recording is over"):
            async with transport.connect(params):
                pass
        with pytest.raises(DialogueError, match="first"):
            transport.finished.result()

    run_virtually(main())


def test_a_bug_of_a_codec_ends_a_replay_as_what_it_is():
    class Broken(TencentCodec):
        def decode(self, topic, payload):
            raise ZeroDivisionError(topic, payload)

    async def main():
        await replay(TALK, Broken(settings(), SOCKET))

    with pytest.raises(ExceptionGroup) as caught:
        run_virtually(main())
    assert caught.group_contains(ZeroDivisionError)


def test_an_event_keeps_its_time():
    said = [line for line in of(TALK, kinds.Said) if isinstance(line.message, EventReport)]
    assert at(said[0].message, 5.0).wall_time is None


# ── codecs ──────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("cloud", "section", "told_of"),
    [
        ("ali", {}, "line 1: cloud: found 'ali'; allowed: tencent, aliyun, onenet"),
        ("tencent", {}, "line 1: section: "),
        ("aliyun", {}, "line 2: allowed: a CONNECT, which says who logs in"),
    ],
)
def test_a_header_that_makes_no_codec_is_told(cloud, section, told_of):
    header = replace(HEADER, cloud=cloud, section=section)
    with pytest.raises(DialogueError) as caught:
        codec_of(Dialogue(header=header))
    assert str(caught.value).startswith(told_of)

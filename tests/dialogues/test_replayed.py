"""A replay sees whatever a link does otherwise than recorded, and says where."""

from dataclasses import replace

from agent import __version__
from agent.clouds.dialogue import lines as kinds
from agent.clouds.dialogue.lines import Dialogue
from agent.clouds.dialogue.neutral import at
from agent.clouds.dialogue.text import read_dialogue, write_dialogue
from agent.clouds.simulated import Trouble
from agent.errors import AuthRejectedError
from agent.messages import (
    EventReport,
    InfoReport,
    Outcome,
    PropertyReport,
    RefusalKind,
    refused,
)
from agent.ports import Message
from tests.clouds.support import DEVICE, DOWN, TestClock
from tests.dialogues.taped import (
    ACTION,
    TALK,
    of,
    play,
    taped,
    told,
)

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


def test_refused_subscriptions_are_refused_again():
    refused_topic = Trouble(refused_topic=f"{DOWN}/{DEVICE}")
    dialogue = taped(Trouble(lasts_s=5), refused_topic, for_s=900)
    assert [bool(each.refused) for each in of(dialogue, kinds.Subscribed)].count(True) == 1
    play(dialogue)
    index = next(i for i, line in enumerate(dialogue.lines) if getattr(line, "refused", ""))
    play(replace(dialogue, lines=dialogue.lines[: index + 1]))


def test_a_link_that_leaves_a_session_early_is_told():
    dialogue = taped(Trouble(refused_topic=f"{DOWN}/{DEVICE}"), for_s=900)
    index = next(i for i, line in enumerate(dialogue.lines) if getattr(line, "refused", ""))
    more = kinds.Sent(t=0, topic="t", qos=1, payload=b"")
    longer = replace(
        dialogue, lines=(*dialogue.lines[: index + 1], more, *dialogue.lines[index + 1 :])
    )
    assert "this was not done again: Sent(t=0, topic='t'" in told(longer)


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


def test_an_event_keeps_its_time():
    said = [line for line in of(TALK, kinds.Said) if isinstance(line.message, EventReport)]
    assert at(said[0].message, 5.0).wall_time is None

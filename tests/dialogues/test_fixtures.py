"""Every recorded dialogue means what it meant, and the link does what it did."""

import json
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.app.dialogues import codec_of
from agent.clouds.dialogue.lines import Answered, Asked, Dialogue, Heard, Opened, Said, Sent
from agent.clouds.dialogue.meanings import check_meanings
from agent.clouds.dialogue.neutral import DialogueError
from agent.clouds.dialogue.text import read_dialogue
from agent.clouds.redact import redact, redacted_text
from agent.clouds.replayed import replay
from agent.demo.dialects import DIALECTS
from agent.messages import EventReport, PropertyReport, RefusalKind
from tests.clouds.support import run_virtually

FIXTURES = Path(__file__).parent.parent / "fixtures"
TEXTS = {
    path.stem: path.read_text(encoding="utf-8")
    for path in sorted((FIXTURES / "dialogues").glob("*.jsonl"))
}
DIALOGUES = {name: read_dialogue(text) for name, text in TEXTS.items()}


def play(dialogue: Dialogue) -> None:
    async def main() -> None:
        await replay(dialogue, codec_of(dialogue))

    run_virtually(main())


def changed(dialogue: Dialogue, index: int, payload: bytes) -> Dialogue:
    lines = list(dialogue.lines)
    lines[index] = replace(lines[index], payload=payload)
    return replace(dialogue, lines=tuple(lines))


def test_there_is_a_dialogue_of_every_dialect():
    assert set(DIALECTS) <= set(DIALOGUES)


@pytest.mark.parametrize("name", DIALOGUES)
def test_every_downlink_means_what_is_written_beside_it(name):
    dialogue = DIALOGUES[name]
    assert all(line.means is not None for line in dialogue.lines if isinstance(line, Heard))
    check_meanings(dialogue, codec_of(dialogue))


@pytest.mark.parametrize("name", DIALOGUES)
def test_the_link_sends_the_same_again(name):
    play(DIALOGUES[name])


@pytest.mark.parametrize("name", DIALOGUES)
def test_the_redactor_would_change_nothing(name):
    assert redact(TEXTS[name]) == TEXTS[name]


@pytest.mark.parametrize(
    "path", [each for each in FIXTURES.iterdir() if each.is_file()], ids=lambda path: path.name
)
def test_nor_in_any_other_fixture(path):
    text = path.read_text(encoding="utf-8")
    assert redacted_text(text) == text


# ── what was recorded with the emulators ────────────────────────────────────────────────────


@pytest.mark.parametrize("name", DIALECTS)
def test_an_emulated_dialogue_says_so_and_holds_the_whole_session(name):
    dialogue, dialect = DIALOGUES[name], DIALECTS[name]
    assert dialogue.header.source == "emulated"
    assert "not with the platform itself" in dialogue.header.about
    assert len(dialogue.lines) < 200
    said = [type(line.message) for line in dialogue.lines if isinstance(line, Said)]
    assert {PropertyReport, EventReport} <= set(said)
    assert sum(isinstance(line, Opened) and not line.refused for line in dialogue.lines) == 2
    answers = [line for line in dialogue.lines if isinstance(line, Answered)]
    refusals = {line.outcome.refusal.kind for line in answers if line.outcome.refusal}
    assert {RefusalKind.UNKNOWN_NAME, RefusalKind.TRIPPED} <= refusals
    assert any(line.to == "ActionCall" and not line.outcome.refusal for line in answers)
    assert any(line.to == "PropertySet" and not line.outcome.refusal for line in answers)
    asked = {line.id for line in dialogue.lines if isinstance(line, Asked)}
    stored = [line for line in answers if line.id.rpartition("-")[2] in asked]
    assert len(stored) == dialect.stores_commands
    assert any(line.to == "PropertyGet" for line in answers) == (name in {"aliyun", "onenet"})
    log_in = next(line for line in dialogue.lines if isinstance(line, Opened))
    assert ("product_key" in dialogue.header.section) is False
    assert ("timestamp=" in log_in.client_id) == (name == "aliyun"), "Aliyun's login was pasted"


# ── a deviation is seen ─────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("name", DIALOGUES)
def test_one_changed_byte_of_a_command_is_seen(name):
    dialogue = DIALOGUES[name]
    on, other = (b"true}", b"trux}") if name == "onenet" else (b"1}", b"0}")
    index, line = next(
        (index, line)
        for index, line in enumerate(dialogue.lines)
        if isinstance(line, Heard) and b"witch" in line.payload and on in line.payload
    )
    wrong = changed(dialogue, index, line.payload.replace(on, other, 1))
    with pytest.raises(DialogueError, match=rf"line {index + 2}: means now .*recorded"):
        check_meanings(wrong, codec_of(wrong))


@pytest.mark.parametrize("name", sorted(set(DIALOGUES) - {"onenet-legacy"}))
def test_the_link_does_not_take_a_reply_with_another_id(name):
    dialogue = DIALOGUES[name]
    index, line = next(
        (index, line)
        for index, line in enumerate(dialogue.lines)
        if isinstance(line, Heard) and isinstance(line.means, dict) and "Ack" in line.means
    )
    message_id = json.loads(json.dumps(line.means))["Ack"]["message_id"]
    wrong_id = message_id[:-1] + str((int(message_id[-1]) + 1) % 10)
    payload = line.payload.replace(message_id.encode(), wrong_id.encode())
    with pytest.raises(DialogueError):
        play(changed(dialogue, index, payload))


@pytest.mark.parametrize("name", DIALOGUES)
@given(data=st.data())
@settings(max_examples=8)
def test_one_changed_byte_of_an_uplink_is_seen(name, data):
    dialogue = DIALOGUES[name]
    sent = [index for index, line in enumerate(dialogue.lines) if isinstance(line, Sent)]
    index = data.draw(st.sampled_from(sent))
    payload = bytearray(dialogue.lines[index].payload)
    payload[data.draw(st.integers(0, len(payload) - 1))] ^= 1 << data.draw(st.integers(0, 6))
    with pytest.raises(DialogueError):
        play(changed(dialogue, index, bytes(payload)))


@given(data=st.data())
@settings(max_examples=30)
def test_whatever_byte_of_a_downlink_changes_a_deviation_is_told_in_words(data):
    dialogue = DIALOGUES[data.draw(st.sampled_from(sorted(DIALOGUES)))]
    heard = [
        index
        for index, line in enumerate(dialogue.lines)
        if isinstance(line, Heard) and line.payload
    ]
    index = data.draw(st.sampled_from(heard))
    payload = bytearray(dialogue.lines[index].payload)
    payload[data.draw(st.integers(0, len(payload) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    wrong = changed(dialogue, index, bytes(payload))
    for compare in (play, lambda each: check_meanings(each, codec_of(each))):
        with suppress(DialogueError):
            compare(wrong)

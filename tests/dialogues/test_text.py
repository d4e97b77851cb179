"""What is written of a dialogue reads back, and whatever else is there is told by its line."""

import json
from contextlib import suppress
from dataclasses import fields

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.clouds.dialogue import lines
from agent.clouds.dialogue.lines import Dialogue, Header, Heard, Opened, sessions
from agent.clouds.dialogue.neutral import DialogueError, at, plain, read_outcome, since, written
from agent.clouds.dialogue.text import KINDS, read_dialogue, write_dialogue
from agent.messages import (
    Ack,
    ActionCall,
    EventReport,
    InfoReport,
    Outcome,
    PropertyReport,
    PropertySet,
    Refusal,
    RefusalKind,
    ResyncAnswer,
)

HEADER = Header(source="emulated", about="", made="2026-11-27", agent="1", cloud="x", section={})
OPENED = Opened(
    after_s=0,
    took_s=0.1,
    wall=1.8e9,
    nonce="n",
    host="h",
    port=1,
    tls=True,
    client_id="c",
    username="u",
    keepalive_s=60,
    clean=True,
)
names = st.text("abc_", min_size=1, max_size=4)
values = st.dictionaries(
    names, st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=4)
)
wall_times = st.none() | st.floats(-1e6, 1e6)
messages = st.one_of(
    st.builds(PropertyReport, values=values, wall_time=wall_times),
    st.builds(EventReport, name=names, values=values, wall_time=wall_times),
    st.builds(InfoReport, facts=st.dictionaries(names, st.text(max_size=4))),
)
refusals = st.builds(Refusal, kind=st.sampled_from(RefusalKind), reason=st.text(max_size=5))
outcomes = st.builds(
    Outcome,
    refusal=st.none() | refusals,
    values=values,
    is_repeat=st.booleans(),
    is_forbidden=st.booleans(),
)
seconds = st.floats(0, 1e6)
json_values = st.recursive(
    st.booleans() | st.integers() | st.text(max_size=4),
    lambda inner: st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=4,
)
any_line = st.one_of(
    st.builds(lines.Subscribed, t=seconds, topic=names, qos=st.integers(0, 2)),
    st.builds(lines.Asked, t=seconds, id=names),
    st.builds(lines.Said, t=seconds, id=names, message=messages),
    st.builds(lines.Answered, t=seconds, to=names, id=names, outcome=outcomes),
    st.builds(lines.Sent, t=seconds, topic=names, qos=st.integers(0, 2), payload=st.binary()),
    st.builds(
        lines.Heard,
        t=seconds,
        topic=names,
        payload=st.binary(),
        retained=st.booleans(),
        repeated=st.booleans(),
        means=st.none() | json_values,
    ),
    st.builds(lines.Ended, t=seconds, why=st.text(max_size=5)),
    st.builds(lines.Full, t=seconds),
)


@given(rest=st.lists(any_line, max_size=5))
def test_what_is_written_reads_back(rest):
    dialogue = Dialogue(header=HEADER, lines=(OPENED, *rest))
    assert read_dialogue(write_dialogue(dialogue)) == dialogue


@given(st.binary())
def test_any_byte_of_a_payload_survives_in_a_file(payload):
    heard = Heard(t=0, topic="t", payload=payload)
    text = write_dialogue(Dialogue(header=HEADER, lines=(OPENED, heard)))
    assert read_dialogue(text.encode().decode()).lines[1] == heard


@given(st.text() | json_values.map(json.dumps))
def test_whatever_a_file_holds_there_is_no_other_error(text):
    with pytest.raises(DialogueError):
        read_dialogue(text)


@given(data=st.data(), value=json_values)
def test_whatever_stands_in_a_field_there_is_no_other_error(data, value):
    rows = write_dialogue(Dialogue(header=HEADER, lines=(OPENED,))).splitlines()
    kind = data.draw(st.sampled_from(sorted(KINDS)))
    known = data.draw(st.sampled_from([each.name for each in fields(KINDS[kind])] + ["is", "x"]))
    rows.append(json.dumps({"is": kind, "t": 0, known: value}))
    with suppress(DialogueError):
        assert read_dialogue("\n".join(rows)).header == HEADER


GOOD = json.loads(write_dialogue(Dialogue(header=HEADER)))


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        (["{"], "line 1: no JSON: "),
        (["[]"], "line 1: found []; allowed: an object"),
        (['{"is": "x"}'], "line 1: is: allowed: dialogue, connect, "),
        ([GOOD, GOOD], 'line 1, and no other one, has "is": "dialogue"'),
        ([{"is": "full", "t": 1}], 'line 1, and no other one, has "is": "dialogue"'),
        ([GOOD, {"is": "full", "t": 1}], 'line 2: a dialogue begins with "is": "connect"'),
        ([{**GOOD, "section": 1}], "line 1: section: found 1; allowed: an object"),
        ([{**GOOD, "form": 2}], "line 1: form: found 2; allowed: 1"),
        ([GOOD, {"is": "end"}], "line 2: t is missing, why is missing; allowed: t, why"),
        ([GOOD, {"is": "full", "t": 1, "u": 1}], "line 2: 'u'?; allowed: t"),
        ([GOOD, {"is": "full", "t": -1}], "line 2: t: found -1; allowed: seconds from 0 on"),
        (
            [GOOD, {"is": "down", "t": 1, "topic": "t", "payload": 5}],
            "line 2: payload: found 5; allowed: a text",
        ),
        (
            [GOOD, {"is": "down", "t": 1, "topic": "t", "payload": "\ud800"}],
            "line 2: payload: half a surrogate pair that stands for no byte",
        ),
        (
            [GOOD, {"is": "say", "t": 1, "id": "1", "message": {"X": {}}}],
            "line 2: message: found 'X'; allowed: PropertyReport, EventReport or InfoReport",
        ),
        (
            [GOOD, {"is": "say", "t": 1, "id": "1", "message": {"X": 1}}],
            "line 2: message: found 1; allowed: PropertyReport, ",
        ),
        (
            [GOOD, {"is": "say", "t": 1, "id": "1", "message": {"EventReport": {}}}],
            "line 2: message: name: found None; allowed: a text",
        ),
        (
            [
                GOOD,
                {
                    "is": "say",
                    "t": 1,
                    "id": "1",
                    "message": {"PropertyReport": {"values": {"a": []}}},
                },
            ],
            "line 2: message: a: found []; allowed: true, false, a number or a text",
        ),
        (
            [
                GOOD,
                {
                    "is": "say",
                    "t": 1,
                    "id": "1",
                    "message": {"PropertyReport": {"wall_time": True}},
                },
            ],
            "line 2: message: wall_time: found True; allowed: seconds or null",
        ),
        (
            [
                GOOD,
                {
                    "is": "answer",
                    "t": 1,
                    "id": "1",
                    "to": "x",
                    "outcome": {"refusal": {"kind": "x", "reason": ""}},
                },
            ],
            "line 2: outcome: kind: found 'x'; allowed: malformed, ",
        ),
    ],
)
def test_an_error_says_what_and_where_and_what_is_allowed(rows, told):
    text = "\n".join(row if isinstance(row, str) else json.dumps(row) for row in rows)
    with pytest.raises(DialogueError) as caught:
        read_dialogue(text)
    assert str(caught.value).startswith(told)


def test_a_meaning_shows_what_differs_from_the_usual_and_no_private_note():
    ack = Ack(message_id="1", is_accepted=False, kind=RefusalKind.READ_ONLY, ignored=("a",))
    assert written(ack) == {
        "Ack": {"message_id": "1", "is_accepted": False, "kind": "read_only", "ignored": ["a"]}
    }
    stored = PropertySet(request_id="2", values={"a": 1}, is_live=False, context="private")
    assert written(ResyncAnswer(message_id="1", stored=stored)) == {
        "ResyncAnswer": {
            "message_id": "1",
            "stored": {"request_id": "2", "values": {"a": 1}, "is_live": False},
        }
    }
    assert written(ActionCall(request_id="", name="b", values={}))["ActionCall"] == {
        "request_id": "",
        "name": "b",
        "values": {},
    }


@given(outcomes)
def test_an_outcome_reads_back(outcome):
    assert read_outcome(json.loads(json.dumps(plain(outcome)))) == outcome


@given(
    ticks=st.integers(0, 2**31 - 1),
    later=st.floats(0, 1e6),
    wall=st.none() | st.just(1_800_000_000),
)
def test_a_relative_time_gives_back_the_very_same_time(ticks, later, wall):
    base = None if wall is None else wall + ticks / 2**31
    report = PropertyReport(values={}, wall_time=1_800_000_000.5 + later)
    again = at(since(report, base), base)
    assert again.wall_time == report.wall_time
    unknown = PropertyReport(values={}, wall_time=None)
    assert at(since(unknown, base), base) == unknown


def test_lines_are_numbered_through_all_sessions():
    found = sessions((OPENED, lines.Full(t=1), OPENED))
    assert [[number for number, _ in session] for session in found] == [[2, 3], [4]]

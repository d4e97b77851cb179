"""What is recorded of a link, and what is not."""

import asyncio
import json

import pytest

from agent.clouds.dialogue.lines import (
    Answered,
    Ended,
    Full,
    Heard,
    Opened,
    Said,
    Sent,
    Subscribed,
)
from agent.clouds.dialogue.neutral import plain
from agent.clouds.dialogue.text import read_dialogue
from agent.clouds.recorded import Bounds, Recorder
from agent.clouds.recorded_codec import RecordedCodec
from agent.clouds.simulated import Trouble
from agent.errors import AuthRejectedError, TransportError
from agent.messages import DONE
from agent.ports import Message
from tests.clouds.reports import AT, low_voltage, report
from tests.clouds.support import DEVICE, DOWN, Bench, bodies
from tests.dialogues.taped import Taped


def test_everything_that_passes_is_recorded_at_its_time():
    async def scenario(bench):
        await bench.clock.sleep(1.5)
        bench.say(DOWN, method="control", clientToken="t", params={"power_switch": 1})
        bench.event(187.5)

    bench = Taped(Trouble(lasts_s=10))
    bench.run(scenario, for_s=12)
    (opened,) = bench.lines(Opened)
    params = bench.transport.connects[0]
    assert (opened.client_id, opened.username) == (params.client_id, params.username)
    assert opened.wall == 1_800_001_000.0
    assert opened.nonce == "nonce1"
    assert [line.topic for line in bench.lines(Subscribed)] == [
        each.topic for each in bench.plain_codec.subscriptions()
    ]
    heard = [line for line in bench.lines(Heard) if b'"control"' in line.payload]
    assert [(line.t, line.topic) for line in heard] == [(1.5, f"{DOWN}/{DEVICE}")]
    (answered,) = bench.lines(Answered)
    assert (answered.t, answered.to, answered.id) == (1.5, "PropertySet", "t")
    assert plain(answered.outcome) == plain(DONE)
    assert [line.message.name for line in bench.lines(Said)] == ["low_voltage"]
    sent = [json.loads(line.payload) for line in bench.lines(Sent)]
    assert sent == bench.platform.heard
    assert bodies(bench, "event_post")
    (ended,) = bench.lines(Ended)
    assert (ended.t, ended.why) == (10.0, "the connection was cut")


def test_a_retained_message_is_recorded_as_one():
    async def scenario(bench):
        await bench.clock.sleep(1)
        bench.transport.session.say(Message(topic="x", payload=b"\xff", is_retained=True))

    bench = Taped()
    bench.run(scenario)
    assert [line.payload for line in bench.lines(Heard) if line.retained] == [b"\xff"]


@pytest.mark.parametrize("error", [AuthRejectedError("bad user name"), TransportError("no route")])
def test_a_refused_connect_is_recorded_with_its_reason(error):
    bench = Taped(Trouble(refusal=error))
    bench.run(for_s=100)
    refused, opened = bench.lines(Opened)[:2]
    assert refused.refused == str(error)
    assert refused.rejected == isinstance(error, AuthRejectedError)
    assert opened.refused == ""
    assert opened.after_s > 4


def test_a_session_that_fails_while_it_subscribes_has_an_end():
    bench = Taped(Trouble(refused_topic=f"{DOWN}/{DEVICE}"))
    bench.run(for_s=1)
    why = f"the platform refused {DOWN}/{DEVICE}"
    assert [line.why for line in bench.lines(Ended)] == [why]
    assert [line.refused for line in bench.lines(Subscribed)] == [why]


def test_a_link_that_is_stopped_ends_its_session():
    bench = Taped()
    bench.run(for_s=1)
    assert [line.why for line in bench.lines(Ended)] == ["the connection was closed on this side"]


def test_the_password_is_not_written_nor_any_part_of_it_wherever_it_appears():
    async def scenario(bench):
        await bench.clock.sleep(1)
        secret = bench.transport.connects[0].password
        token = secret.partition(";")[0]
        bench.say(DOWN, method="x", clientToken=token, params={"a": json.dumps({"b": secret})})

    bench = Taped()
    bench.run(scenario)
    password = bench.transport.connects[0].password
    assert not any(part in row for row in bench.rows for part in password.split(";")[:1])
    assert any("***" in row for row in bench.rows)


def test_a_password_that_json_escapes_is_not_written_either():
    rows = []
    recorder = Recorder(rows.append, lambda: 0.0)
    bench = Bench()
    params = bench.codec.connect_params(None, "n")
    password = 'quo"te\\d'
    recorder.connecting(type(params)(**{**_fields(params), "password": password}))
    inner = json.dumps({"x": password}).encode()
    for payload in (password.encode(), inner):
        recorder.add(Heard(t=0, topic="t", payload=payload))
    assert all("quo" not in row for row in rows)


def test_a_password_too_short_to_be_told_from_the_text_spoils_no_recording():
    rows = []
    recorder = Recorder(rows.append, lambda: 0.0)
    params = Bench().codec.connect_params(None, "n")
    recorder.connecting(type(params)(**{**_fields(params), "password": "t"}))
    recorder.add(Heard(t=0, topic="t", payload=b"t"))
    assert read_dialogue  # the line is as it was
    assert json.loads(rows[0]) == {"is": "down", "t": 0, "topic": "t", "payload": "t"}


def _fields(params):
    return {name: getattr(params, name) for name in params.__dataclass_fields__}


@pytest.mark.parametrize("bounds", [Bounds(lines=9), Bounds(characters=2000)])
def test_a_full_recording_says_so_and_the_link_goes_on(bounds):
    bench = Taped(bounds=bounds)
    for value in range(20):
        bench.report(value)
    bench.run()
    assert len(bench.lines(Full)) == 1
    assert json.loads(bench.rows[-1])["is"] == "full"
    assert len(bench.rows) <= 9 or sum(map(len, bench.rows[:-1])) <= 2000
    assert bench.recorder.is_full
    assert bench.outbox.pending == 0


def test_the_other_questions_go_to_the_codec_unchanged():
    rows = []
    bench = Bench()
    codec = RecordedCodec(bench.codec, Recorder(rows.append, lambda: 0.0))
    assert codec.name == "tencent"
    assert codec.limits == bench.codec.limits
    assert codec.ask_time() == bench.codec.ask_time()
    topic, payload = f"{DOWN}/{DEVICE}", b'{"method":"control","clientToken":"t","params":{"a":1}}'
    request = codec.decode(topic, payload)
    assert request == bench.codec.decode(topic, payload)
    assert codec.encode_cleared(request) == bench.codec.encode_cleared(request)
    assert codec.encode_taken(request) == bench.codec.encode_taken(request)
    assert rows == []


def test_what_could_go_up_at_once_goes_one_by_one_so_that_each_is_recorded():
    rows = []
    bench = Bench()
    codec = RecordedCodec(bench.codec, Recorder(rows.append, lambda: 0.0))
    given = [low_voltage(), low_voltage(1, voltage=181.0), report(2)]
    assert codec.encode_together(given, "7", AT).taken == 1
    assert codec.encode_past(given, "7", AT) == bench.codec.encode_past(given[:1], "7", AT)
    (said,) = [json.loads(row) for row in rows]
    assert (said["is"], said["id"], said["past"]) == ("say", "7", True)
    assert said["message"]["EventReport"]["values"] == {"voltage": 180.0}


def test_a_session_that_is_left_early_leaves_nothing_behind(recwarn):
    bench = Taped()
    bench.run(for_s=0.5)
    asyncio.run(asyncio.sleep(0))
    assert not recwarn.list

"""A replay says where a link does otherwise than recorded."""

from dataclasses import replace

import pytest

from agent import __version__
from agent.app.dialogues import codec_of
from agent.clouds.dialogue import lines as kinds
from agent.clouds.dialogue.lines import Dialogue, Header
from agent.clouds.dialogue.neutral import DialogueError
from agent.clouds.replayed import ReplayTransport, replay
from agent.clouds.tencent.codec import TencentCodec
from agent.devices.socket.thing_table import SOCKET
from agent.errors import TransportError
from agent.ports import Publish
from tests.clouds.support import run_virtually, settings
from tests.dialogues.taped import (
    HEADER,
    TALK,
    doubled,
    of,
    play,
    told,
    without,
)

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

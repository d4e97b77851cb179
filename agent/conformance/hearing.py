"""Rules of what comes down: understood or refused, and never anything but that."""

from collections.abc import Iterator
from typing import Final

from agent.conformance.hostile import hear, hear_all, is_deliverable, messages
from agent.conformance.rule import Rule, shown
from agent.conformance.samples import uplinks
from agent.conformance.sending import faults
from agent.conformance.subject import WALL_S, Subject
from agent.errors import CodecError
from agent.messages import (
    DONE,
    Answerable,
    BadRequest,
    Downlink,
    Newcomer,
    Outcome,
    PropertySet,
    Refusal,
    RefusalKind,
)
from agent.ports import Codec, Message, Publish

REFUSED: Final = Outcome(refusal=Refusal(kind=RefusalKind.OUT_OF_RANGE, reason="it is 5 to 9"))


def _codec_error_only(subject: Subject) -> Iterator[str]:
    codec = subject.make()
    for message, _, error in hear_all(codec, subject):
        if error is not None and not isinstance(error, CodecError):
            yield f"{shown(message)} raised {shown(error)}"
    for message in subject.platform.foreign:
        _, error = hear(codec, message)
        if error is not None:
            yield f"{shown(message)}, of another device, raised {shown(error)}"


def _foreign_ignored(subject: Subject) -> Iterator[str]:
    codec = subject.make()
    for message in subject.platform.foreign:
        heard = codec.decode(message.topic, message.payload)
        if heard is not None:
            yield f"{shown(message)}, of another device, was taken for {shown(heard)}"


def _pure(subject: Subject) -> Iterator[str]:
    """Compare with a fresh codec one that has heard much that is odd."""
    codec = subject.make()
    for message in messages(subject, subject.make()):
        hear(codec, message)
    for message in (*subject.platform.requests, *subject.platform.unanswered):
        fresh = subject.make()
        first, again, expected = (hear(each, message)[0] for each in (codec, codec, fresh))
        answers = [_answers(each, heard) for each, heard in ((codec, again), (fresh, expected))]
        if not first == again == expected or answers[0] != answers[1]:
            yield f"{shown(message)} means {shown(again)} now, and {shown(expected)} at first"


def _answers(codec: Codec, heard: Downlink | None) -> list[Publish]:
    if not isinstance(heard, Answerable):
        return []
    told = [*codec.encode_reply(heard, DONE), *codec.encode_reply(heard, REFUSED)]
    if isinstance(heard, PropertySet):
        told += [*codec.encode_taken(heard), *codec.encode_cleared(heard)]
    return told


def _understood(subject: Subject) -> Iterator[str]:
    codec = subject.make()
    for message in (*subject.platform.requests, *subject.platform.unanswered):
        heard = codec.decode(message.topic, message.payload)
        if not isinstance(heard, Answerable):
            yield f"{shown(message)}, a request, was taken for {shown(heard)}"
        elif isinstance(heard, BadRequest):
            yield f"{shown(message)} was refused: {heard.refusal.reason}"


def _answerable(subject: Subject) -> Iterator[str]:
    """Answer whatever the platform could deliver and was understood."""
    codec = subject.make()
    limit = subject.platform.bounds.reply_bytes
    for message, heard, _ in hear_all(codec, subject):
        if not is_deliverable(subject, codec, message.topic):
            continue
        for publish in _answers(codec, heard):
            for fault in faults(subject, publish, limit):
                yield f"the answer to {shown(message)}: {fault}"


def _no_echo(subject: Subject) -> Iterator[str]:
    """Send back whatever was published, as a broker may: that is nobody's wish, and no answer."""
    codec = subject.make()
    for publish in _published(subject, codec):
        heard, error = hear(codec, Message(topic=publish.topic, payload=publish.payload))
        if heard is not None:
            yield f"{shown(publish)}, its own, was taken for {shown(heard)}"
        if error is not None and not isinstance(error, CodecError):
            yield f"{shown(publish)}, its own, raised {shown(error)}"


def _published(subject: Subject, codec: Codec) -> Iterator[Publish]:
    """Make everything that the device publishes."""
    for message in uplinks(subject.thing):
        publish = codec.encode(message, "7", WALL_S)
        if publish is not None:
            yield publish
    yield from codec.on_connected("7")
    question = codec.ask_time()
    if question is not None:
        yield question
    for request in subject.platform.requests:
        yield from _answers(codec, hear(codec, request)[0])


def _newcomers(subject: Subject) -> Iterator[str]:
    codec = subject.make()
    for message in subject.platform.newcomers:
        heard = codec.decode(message.topic, message.payload)
        if not isinstance(heard, Newcomer):
            yield f"{shown(message)}, somebody who listens now, was taken for {shown(heard)}"
        if not is_deliverable(subject, codec, message.topic):
            yield f"no filter brings {shown(message.topic)}"


RULES: Final = (
    Rule(
        name="newcomers-heard",
        statement="whoever listens from now on is heard, to be told again",
        check=_newcomers,
    ),
    Rule(
        name="requests-understood",
        statement="every form of request is understood",
        check=_understood,
    ),
    Rule(
        name="decode-errors",
        statement="decode raises CodecError and nothing else, whatever comes",
        check=_codec_error_only,
    ),
    Rule(
        name="decode-foreign",
        statement="what is meant for another device is nothing",
        check=_foreign_ignored,
    ),
    Rule(
        name="decode-pure",
        statement="a message means the same whatever came before",
        check=_pure,
    ),
    Rule(
        name="echo-ignored",
        statement="what the device itself published is nothing when it comes back",
        check=_no_echo,
    ),
    Rule(
        name="understood-answered",
        statement="whatever is understood can be answered on the device's own topics",
        check=_answerable,
    ),
)

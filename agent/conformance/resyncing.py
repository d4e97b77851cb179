"""Rules of the first words after a connect: what was stored is heard, once, and cleared."""

from collections.abc import Iterator
from typing import Final

from agent.conformance.rule import Rule, shown
from agent.conformance.sending import faults
from agent.conformance.subject import Answer, Subject
from agent.messages import Downlink, Outcome, Refusal, RefusalKind, ResyncAnswer, TimeAnswer
from agent.ports import Codec

IDS: Final = ("1", "2147483647")
_REFUSED: Final = Outcome(refusal=Refusal(kind=RefusalKind.MALFORMED, reason="it sets nothing"))


def _answers(codec: Codec, answer: Answer, message_id: str) -> Iterator[Downlink | None]:
    for publish in codec.on_connected(message_id):
        for reply in answer(publish):
            yield codec.decode(reply.topic, reply.payload)


def _resyncs(codec: Codec, answer: Answer, message_id: str) -> list[ResyncAnswer]:
    heard = _answers(codec, answer, message_id)
    return [each for each in heard if isinstance(each, ResyncAnswer)]


def _asks(subject: Subject) -> Iterator[str]:
    codec, platform = subject.make(), subject.platform
    for message_id in IDS:
        questions = codec.on_connected(message_id)
        for publish in questions:
            yield from faults(subject, publish, codec.limits.payload_bytes)
        if not questions:
            continue
        found = _resyncs(codec, platform.accept, message_id)
        if found != [ResyncAnswer(message_id=message_id)]:
            yield f"that nothing is stored, asked under {message_id}, is taken for {shown(found)}"
    if platform.stored is not None and not codec.on_connected(IDS[0]):
        yield "it does not ask for what the platform has stored"


def _obeys(subject: Subject) -> Iterator[str]:
    codec, answer = subject.make(), subject.platform.stored
    for message_id in IDS if answer is not None else ():
        assert answer is not None
        found = _resyncs(codec, answer, message_id)
        if [each.message_id for each in found] != [message_id]:
            yield f"what is stored, asked for under {message_id}, is taken for {shown(found)}"
        for each in found:
            if each.stored is None or not each.stored.values:
                yield f"what is stored sets nothing: {shown(each)}"
            elif each.stored.is_live:
                yield "what is stored looks like a wish of now"


def _clears(subject: Subject) -> Iterator[str]:
    """Look at what is not understood too: uncleared it would come after each connect."""
    codec = subject.make()
    for answer in (subject.platform.stored, subject.platform.misstored):
        for each in [] if answer is None else _resyncs(codec, answer, "7"):
            if each.stored is None:
                yield "a stored command is not heard, so that it comes again after each connect"
                continue
            replies = codec.encode_reply(each.stored, _REFUSED)
            told = (*replies, *codec.encode_cleared(each.stored))
            if not told:
                yield f"nothing clears {shown(each.stored)}"
            for publish in told:
                yield from faults(subject, publish, codec.limits.payload_bytes)


def _tells_time(subject: Subject) -> Iterator[str]:
    codec, platform = subject.make(), subject.platform
    question = codec.ask_time()
    if question is None:
        if platform.tells_time:
            yield "it does not ask for the time, which the platform would tell"
        return
    yield from faults(subject, question, codec.limits.payload_bytes)
    heard = [codec.decode(each.topic, each.payload) for each in platform.accept(question)]
    if not any(isinstance(each, TimeAnswer) for each in heard):
        yield f"the platform's time is taken for {shown(heard)}"
    for each in heard:
        if isinstance(each, TimeAnswer) and not 1e9 < each.server_received < 1e10:
            yield f"the platform's time is no Unix seconds: {shown(each)}"


RULES: Final = (
    Rule(
        name="resync-asks",
        statement="after a connect it asks what was stored, and hears that there is nothing",
        check=_asks,
    ),
    Rule(
        name="resync-hears",
        statement="what the platform had stored is heard as such, and never as a wish of now",
        check=_obeys,
    ),
    Rule(
        name="resync-clears",
        statement="what was stored is cleared, understood or not",
        check=_clears,
    ),
    Rule(
        name="time-asked",
        statement="the platform's clock is asked for where there is one, and understood",
        check=_tells_time,
    ),
)

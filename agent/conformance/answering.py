"""Rules of the answers to requests: the request's id, what came of it, and no more."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Final

from agent.conformance.rule import Rule, shown
from agent.conformance.samples import HOSTILE_TEXT, NO_NUMBERS, plain
from agent.conformance.sending import faults
from agent.conformance.subject import WALL_S, Subject
from agent.conformance.wire import keys, leaves, texts
from agent.messages import (
    DONE,
    ActionCall,
    Answerable,
    Notice,
    Outcome,
    PropertyGet,
    PropertyReport,
    PropertySet,
    RefusalKind,
    refused,
)
from agent.model import Values
from agent.ports import Codec, Message

REASON: Final = 'current_limit is 0.5 to 16 A, not 99 ("too much", 太多)'
LONG_REASONS: Final = ("why " * 2000, HOSTILE_TEXT * 200, "原因" * 2000)
OUTPUT: Final[Values] = {"energy": 1.5, "note": "done", "count": 3, "is_new": True}


def _requests(subject: Subject, codec: Codec) -> Iterator[tuple[Message, Answerable]]:
    platform = subject.platform
    for message in (*platform.requests, *platform.misunderstood):
        heard = codec.decode(message.topic, message.payload)
        if isinstance(heard, Answerable):
            yield message, heard


def _outcomes(subject: Subject, request: Answerable) -> Iterator[Outcome]:
    """Give every outcome that a request of its kind can have."""
    values: Mapping[str, bool | int | float | str] = {}
    if isinstance(request, PropertyGet):
        rows = {row.field.name: plain(row.field) for row in subject.thing.properties}
        values = {name: rows[name] for name in request.names if name in rows}
    elif isinstance(request, ActionCall):
        values = OUTPUT
    yield replace(DONE, values=values)
    yield DONE
    for reason in (REASON, "", *LONG_REASONS):
        for kind in RefusalKind:
            yield refused(kind, reason)


def _fits(subject: Subject) -> Iterator[str]:
    codec = subject.make()
    limit = min(subject.platform.bounds.reply_bytes, codec.limits.payload_bytes)
    for _, request in _requests(subject, codec):
        for outcome in _outcomes(subject, request):
            for publish in codec.encode_reply(request, outcome):
                for fault in faults(subject, publish, limit):
                    yield f"{shown(outcome)} of {shown(request)}: {fault}"


def _by_id(subject: Subject) -> Iterator[str]:
    codec = subject.make()
    for message, request in _requests(subject, codec):
        for outcome in _outcomes(subject, request):
            replies = codec.encode_reply(request, outcome)
            if not replies and not isinstance(request, Notice):
                yield f"{shown(message)} gets no answer"
            for publish in replies:
                told = {str(leaf) for leaf in leaves(subject.platform.read(publish.payload))}
                if request.request_id not in {*told, *publish.topic.split("/")}:
                    yield f"the answer {shown(publish)} lacks the id {request.request_id!r}"


def _reasons(subject: Subject) -> Iterator[str]:
    """Look for the reason, which a person reads, and for what tells a program of a refusal."""
    codec, read = subject.make(), subject.platform.read
    for _, request in _requests(subject, codec):
        if isinstance(request, Notice):
            continue
        done = [each.payload for each in codec.encode_reply(request, DONE)]
        for kind in RefusalKind:
            replies = codec.encode_reply(request, refused(kind, REASON))
            if [each.payload for each in replies] == done:
                yield f"a refusal ({kind}) of {shown(request)} looks like success"
            for publish in replies:
                if REASON not in list(texts(read(publish.payload))):
                    yield f"the answer {shown(publish)} does not tell the reason"
        for reason in LONG_REASONS[::2]:
            for publish in codec.encode_reply(request, refused(RefusalKind.FAILED, reason)):
                if not any(text[:50] == reason[:50] for text in texts(read(publish.payload))):
                    yield f"a long reason is not cut but gone from {shown(publish)}"


def _alike(subject: Subject) -> Iterator[str]:
    codec, other = subject.make(), subject.make()
    for _, request in _requests(subject, codec):
        for outcome in _outcomes(subject, request):
            replies = list(codec.encode_reply(request, outcome))
            repeated = other.encode_reply(request, replace(outcome, is_repeat=True))
            if list(repeated) != replies:
                yield f"{shown(request)} is answered otherwise when it comes again"


def _known_only(subject: Subject) -> Iterator[str]:
    codec = subject.make()
    limit = subject.platform.bounds.reply_bytes
    for _, request in _requests(subject, codec):
        if not isinstance(request, PropertyGet | ActionCall):
            continue
        names = request.names if isinstance(request, PropertyGet) else ("energy",)
        known = list(codec.encode_reply(request, DONE))
        for unknown in NO_NUMBERS:
            outcome = replace(DONE, values=dict.fromkeys(names, unknown))
            replies = list(codec.encode_reply(request, outcome))
            for publish in replies:
                for fault in faults(subject, publish, limit):
                    yield f"{unknown} in the answer to {shown(request)}: {fault}"
            if isinstance(request, ActionCall) and replies != known:
                yield f"{unknown} is not left out of the answer to {shown(request)}"


def _values_told(subject: Subject) -> Iterator[str]:
    codec, rows = subject.make(), {row.field.name: row.field for row in subject.thing.properties}
    for _, request in _requests(subject, codec):
        if isinstance(request, PropertyGet):
            known = {name: plain(rows[name]) for name in request.names}
            full = codec.encode_reply(request, Outcome(values=known))
            if list(full) == list(codec.encode_reply(request, DONE)):
                yield f"the answer to {shown(request)} holds no values"


def _unanswered(subject: Subject) -> Iterator[str]:
    codec = subject.make()
    for message in subject.platform.unanswered:
        heard = codec.decode(message.topic, message.payload)
        if not isinstance(heard, Answerable):
            continue
        for outcome in (DONE, refused(RefusalKind.TRIPPED, REASON)):
            if codec.encode_reply(heard, outcome):
                yield f"{shown(message)}, which nobody waits for, is answered"


def wire_names(subject: Subject, codec: Codec) -> Mapping[str, frozenset[str]]:
    """Find each property's own keys on the wire, by reports of one property each."""
    found: dict[str, frozenset[str]] = {}
    for row in subject.thing.properties:
        report = PropertyReport(values={row.field.name: plain(row.field)}, wall_time=None)
        publish = codec.encode(report, "1", None)
        if publish is not None:
            found[row.field.name] = frozenset(keys(subject.platform.read(publish.payload)))
    everywhere = {key for own in found.values() for key in own}
    envelope = {key for key in everywhere if all(key in own for own in found.values())}
    return {name: own - envelope for name, own in found.items()}


def _taken(subject: Subject) -> Iterator[str]:
    """Look for what was not asked for: somebody else may want it still."""
    codec = subject.make()
    names = wire_names(subject, codec)
    none = frozenset[str]()
    for _, request in _requests(subject, codec):
        if not isinstance(request, PropertySet):
            continue
        asked = none.union(*(names.get(name, none) for name in request.values))
        others = none.union(*names.values()) - asked
        for publish in (*codec.encode_taken(request), *codec.encode_cleared(request)):
            for fault in faults(subject, publish, codec.limits.payload_bytes):
                yield f"what follows {shown(request)}: {fault}"
            extra = others & set(texts(subject.platform.read(publish.payload)))
            if extra:
                yield f"{shown(publish)} names {', '.join(sorted(extra))}, which was not asked for"


def _limits(subject: Subject) -> Iterator[str]:
    codec, limits = subject.make(), subject.make().limits
    if not codec.name.replace("-", "").isalnum() or codec.name != codec.name.lower():
        yield f"its name is {shown(codec.name)}, not a lower-case word"
    if not 0 < limits.connect_interval_s <= limits.rejected_interval_s:
        yield "a refused connect may be repeated sooner than any other, or at once"
    if limits.messages_per_s <= 0:
        yield "it may never say anything"
    full = codec.encode(
        PropertyReport(
            values={row.field.name: plain(row.field) for row in subject.thing.properties},
            wall_time=WALL_S,
        ),
        "2147483647",
        WALL_S,
    )
    if full is None or len(full.payload) > limits.payload_bytes:
        yield "a full report is above its own largest payload"


RULES: Final = (
    Rule(
        name="limits-sane",
        statement="the platform's limits let a full report through, and refusals wait longest",
        check=_limits,
    ),
    Rule(
        name="replies-fit",
        statement="an answer goes where the device may publish, bounded and readable",
        check=_fits,
    ),
    Rule(
        name="replies-by-id",
        statement="every request is answered, with its own id",
        check=_by_id,
    ),
    Rule(
        name="replies-reason",
        statement="a refusal differs from success and tells the reason, cut where it is long",
        check=_reasons,
    ),
    Rule(
        name="replies-alike",
        statement="a repeated request gets the same answer",
        check=_alike,
    ),
    Rule(
        name="replies-known-only",
        statement="an answer holds no number that is none",
        check=_known_only,
    ),
    Rule(
        name="replies-values",
        statement="a question for values is answered with the values",
        check=_values_told,
    ),
    Rule(
        name="unanswered",
        statement="what nobody waits for gets no answer",
        check=_unanswered,
    ),
    Rule(
        name="taken-only",
        statement="only what was asked for is forgotten by the platform",
        check=_taken,
    ),
)

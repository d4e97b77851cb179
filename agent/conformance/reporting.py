"""Rules of what goes up: every message has a wire form or none, and only what is known."""

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Final

from agent.conformance.rule import Rule, shown
from agent.conformance.samples import (
    NO_NUMBERS,
    full_report,
    plain,
    plain_events,
    plain_uplinks,
    uplinks,
)
from agent.conformance.sending import faults
from agent.conformance.subject import WALL_S, Subject
from agent.conformance.wire import keys, leaves
from agent.messages import Ack, InfoReport, PropertyReport
from agent.ports import Codec, Message
from agent.thing import Kind, Property, Thing

IDS: Final = ("1", "2147483647")
_TIME: Final = re.compile(r"\d{9,}|\d{4}-\d\d-\d\d.*")


def _total(subject: Subject) -> Iterator[str]:
    codec, other = subject.make(), subject.make()
    limit = codec.limits.payload_bytes
    for message in uplinks(subject.thing):
        for now in (None, WALL_S):
            publish = codec.encode(message, "1", now)
            if publish != other.encode(message, "1", now):
                yield f"{shown(message)} has another wire form each time"
            if publish is not None:
                for fault in faults(subject, publish, limit):
                    yield f"{shown(message)}: {fault}"


def _listed(subject: Subject) -> Iterator[Property[Any]]:
    for row in subject.thing.properties:
        if row.field.name not in subject.platform.unlisted:
            yield row


def _told(subject: Subject) -> Iterator[str]:
    codec = subject.make()
    for row in _listed(subject):
        report = PropertyReport(values={row.field.name: plain(row.field)}, wall_time=WALL_S)
        if codec.encode(report, "1", WALL_S) is None:
            yield f"{row.field.name} has no wire form"
    for event in plain_events(subject.thing, WALL_S):
        if codec.encode(event, "1", WALL_S) is None:
            yield f"the event {event.name} has no wire form"


def _known_only(subject: Subject) -> Iterator[str]:
    """Compare with a message without the value: one that is no number is unknown."""
    codec, thing = subject.make(), subject.thing
    for row in thing.properties:
        if row.field.kind is not Kind.FLOAT:
            continue
        name, others = row.field.name, _without(thing, row.field.name)
        for unknown in NO_NUMBERS:
            alone = PropertyReport(values={name: unknown}, wall_time=WALL_S)
            if codec.encode(alone, "1", WALL_S) is not None:
                yield f"a report of {name} = {unknown} alone has a wire form"
            mixed = replace(others, values={**others.values, name: unknown})
            if codec.encode(mixed, "1", WALL_S) != codec.encode(others, "1", WALL_S):
                yield f"{name} = {unknown} is not left out of a report"
    for event in plain_events(thing, WALL_S):
        for field, unknown in ((key, NO_NUMBERS[0]) for key in event.values):
            if not isinstance(event.values[field], float):
                continue
            rest = {key: value for key, value in event.values.items() if key != field}
            mixed_event = replace(event, values={**rest, field: unknown})
            rest_event = replace(event, values=rest)
            if codec.encode(mixed_event, "1", WALL_S) != codec.encode(rest_event, "1", WALL_S):
                yield f"{field} = {unknown} is not left out of the event {event.name}"


def _without(thing: Thing[Any], name: str) -> PropertyReport:
    report = full_report(thing, WALL_S)
    return replace(report, values={key: report.values[key] for key in report.values if key != name})


def _unlisted(subject: Subject) -> Iterator[str]:
    codec, report = subject.make(), full_report(subject.thing, WALL_S)
    for name in subject.platform.unlisted:
        alone = replace(report, values={name: report.values[name]})
        if codec.encode(alone, "1", WALL_S) is not None:
            yield f"{name}, which the platform's model lacks, is reported"


def _unstamped(subject: Subject) -> Iterator[str]:
    """Whatever looks like a time is one: the values of these samples are small."""
    codec = subject.make()
    for message in plain_uplinks(subject.thing, None):
        if isinstance(message, InfoReport):
            continue
        for now in (None, WALL_S):
            publish = codec.encode(message, "1", now)
            if publish is None:
                continue
            document = subject.platform.read(publish.payload)
            for told in (*leaves(document), *keys(document)):
                if is_time(told):
                    yield f"{shown(message)} is stamped {shown(told)}, though nobody knew the time"


def is_time(leaf: object) -> bool:
    """Tell whether a value looks like a moment, and not like a measurement."""
    if isinstance(leaf, bool) or leaf is None:
        return False
    if isinstance(leaf, int | float):
        return abs(leaf) >= 1e9
    return isinstance(leaf, str) and _TIME.fullmatch(leaf) is not None


def _stamped(subject: Subject) -> Iterator[str]:
    """Compare what was measured at two times, and what is sent at two times."""
    if not subject.platform.has_stamps:
        return
    codec, now = subject.make(), WALL_S + 50_000
    for first in plain_uplinks(subject.thing, WALL_S):
        if isinstance(first, InfoReport):
            continue
        publish = codec.encode(first, "1", now)
        if publish is None:
            continue
        if publish == codec.encode(replace(first, wall_time=WALL_S + 3600), "1", now):
            yield f"{shown(first)} does not tell when that was"
        if publish != codec.encode(first, "1", now + 3600):
            yield f"{shown(first)} is stamped with the time at which it is sent"


def _acks(codec: Codec, answers: Iterator[Message]) -> list[Ack]:
    heard = [codec.decode(each.topic, each.payload) for each in answers]
    return [each for each in heard if isinstance(each, Ack)]


def _ids_return(subject: Subject) -> Iterator[str]:
    codec = subject.make()
    for message in plain_uplinks(subject.thing, WALL_S):
        for message_id in IDS:
            publish = codec.encode(message, message_id, WALL_S)
            if publish is None:
                continue
            acks = _acks(codec, iter(subject.platform.accept(publish)))
            found = [(each.message_id, each.is_accepted) for each in acks]
            expected = [(message_id, True)] if publish.is_answered else []
            if found != expected:
                yield f"{shown(message)} under {message_id} is acknowledged as {found}"


def _refusals_return(subject: Subject) -> Iterator[str]:
    codec, refuse = subject.make(), subject.platform.refuse
    if refuse is None:
        return
    for message_id in IDS:
        publish = codec.encode(full_report(subject.thing, WALL_S), message_id, WALL_S)
        if publish is None:
            yield "a full report has no wire form"
            return
        acks = _acks(codec, iter(refuse(publish)))
        found = [(each.message_id, each.is_accepted) for each in acks]
        if found != [(message_id, False)]:
            yield f"a refusal of {message_id} is taken for {found}"
        if any(not each.code for each in acks):
            yield "a refusal is heard without the platform's code"


RULES: Final = (
    Rule(
        name="reports-encode",
        statement="every message has one wire form that the platform takes, or none",
        check=_total,
    ),
    Rule(
        name="reports-told",
        statement="every property and event of the platform's model reaches the wire",
        check=_told,
    ),
    Rule(
        name="reports-known-only",
        statement="a value that is not known is left out",
        check=_known_only,
    ),
    Rule(
        name="reports-listed-only",
        statement="what the platform's standard model lacks is not reported",
        check=_unlisted,
    ),
    Rule(
        name="reports-unstamped",
        statement="what was measured without a clock carries no time",
        check=_unstamped,
    ),
    Rule(
        name="reports-stamped",
        statement="what was measured with a clock carries that time, whenever it is sent",
        check=_stamped,
    ),
    Rule(
        name="acks-by-id",
        statement="the platform's answer is an Ack with the id that the message had",
        check=_ids_return,
    ),
    Rule(
        name="refusals-by-id",
        statement="the platform's refusal is an Ack with the id, and the platform's code",
        check=_refusals_return,
    ),
)

"""Rules of several reports in one message: none lost, none twice, within what is taken."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import chain
from typing import Final

from agent.conformance.marked import ID, Marks, marks, marks_of
from agent.conformance.reporting import is_time
from agent.conformance.rule import Rule, shown
from agent.conformance.samples import full_report, plain, plain_events, plain_uplinks
from agent.conformance.sending import faults
from agent.conformance.subject import WALL_S, Subject
from agent.conformance.wire import keys, leaves
from agent.messages import Ack, InfoReport, PropertyReport, Report
from agent.ports import Batch, Codec, PlatformLimits, Publish

MANY: Final = 300
NOW: Final = WALL_S + 60 * MANY

Encode = Callable[[Sequence[Report], str, float | None], Batch]


def _ways(codec: Codec) -> tuple[tuple[str, Encode], ...]:
    return (("past", codec.encode_past), ("together", codec.encode_together))


def _mixed(found: Marks) -> list[Report]:
    """Make reports and events in turns, the more the longer."""
    first, second = found.reports(range(60)), found.events(range(60))
    runs = zip((1, 2, 3, 1, 7, 12), range(0, 60, 12), strict=False)
    return [each for size, at in runs for each in (*first[at : at + size], *second[at : at + size])]


def _batches(
    encode: Encode, messages: Sequence[Report], now: float | None = NOW
) -> Iterator[tuple[Batch, Sequence[Report]]]:
    """Send *messages*: each batch, with what was taken into it; stop at one that takes nothing."""
    rest = messages
    while rest:
        batch = encode(rest, ID, now)
        yield batch, rest[: batch.taken]
        if batch.taken < 1:
            return
        rest = rest[batch.taken :]


def _whole(subject: Subject) -> Iterator[str]:
    codec = subject.make()
    found = marks(subject, codec)
    if found is None:
        yield "no number of a report, or none of an event, reaches the wire"
        return
    for way, encode in _ways(codec):
        for given in (found.reports(range(MANY)), found.events(range(MANY)), _mixed(found)):
            yield from _lost_or_twice(found, way, encode, given)


def _has_form(subject: Subject, way: str, message: Report) -> bool:
    """Tell whether a message goes up at all in that way."""
    is_told = way != "past" or subject.platform.takes_past
    return is_told or not isinstance(message, PropertyReport)


def _lost_or_twice(
    found: Marks, way: str, encode: Encode, given: Sequence[Report]
) -> Iterator[str]:
    left = len(given)
    for batch, sent in _batches(encode, given):
        if not 1 <= batch.taken <= left:
            yield f"{way}: {batch.taken} of {left} are taken"
        left -= len(sent)
        told = marks_of(()) if batch.publish is None else found.found(batch.publish)
        due = marks_of(each for each in sent if _has_form(found.subject, way, each))
        if told != due:
            yield f"{way}: {shown(told)} is told of {shown(due)}"


def _together(subject: Subject) -> Iterator[str]:
    """Compare with what goes up alone: what is of now may wait, but is never left to us."""
    codec = subject.make()
    for wall_time in (None, WALL_S):
        for message in plain_uplinks(subject.thing, wall_time):
            if isinstance(message, InfoReport) or codec.encode(message, ID, NOW) is None:
                continue
            if codec.encode_together([message], ID, NOW).publish is None:
                yield f"{shown(message)} is told alone, and not together with others"


def _bounded(subject: Subject) -> Iterator[str]:
    codec = subject.make()
    found = marks(subject, codec)
    reports = [] if found is None else found.reports(range(MANY))
    events = [] if found is None else found.events(range(MANY))
    full = [replace(full_report(subject.thing, WALL_S), wall_time=WALL_S + n) for n in range(MANY)]
    for way, encode in _ways(codec):
        for batch, sent in chain(*(_batches(encode, each) for each in (reports, events, full))):
            for fault in _above(codec, sent) if batch.taken > 1 else ():
                yield f"{way}: {fault}"
            if batch.publish is not None:
                limit = codec.limits.payload_bytes
                for fault in faults(subject, batch.publish, limit):
                    yield f"{way}: {batch.taken} in one: {fault}"


def _above(codec: Codec, sent: Sequence[Report]) -> Iterator[str]:
    limits: PlatformLimits = codec.limits
    told = [each for each in sent if isinstance(each, PropertyReport)]
    names = {name: _is_told(codec, each, name) for each in told for name in each.values}
    values = sum(names[name] for each in told for name in each.values)
    most_of_one = max(
        (sum(name in each.values for each in told) for name, known in names.items() if known),
        default=0,
    )
    counted = (
        ("values", values, limits.batch_values),
        ("of one property", most_of_one, limits.batch_values_of_one),
        ("events", len(sent) - len(told), limits.batch_events),
    )
    for what, number, bound in counted:
        if bound and number > bound:
            yield f"{number} {what} go together, not at most {bound}"


def _is_told(codec: Codec, report: PropertyReport, name: str) -> bool:
    alone = replace(report, values={name: report.values[name]})
    return codec.encode(alone, ID, NOW) is not None


def _acked(subject: Subject) -> Iterator[str]:
    codec = subject.make()
    found = marks(subject, codec)
    for given in [found.reports(range(5)), found.events(range(5))] if found else []:
        for way, encode in _ways(codec):
            publish = encode(given, ID, NOW).publish
            if publish is None:
                continue
            replies = subject.platform.accept(publish)
            acks = [codec.decode(each.topic, each.payload) for each in replies]
            heard = [(each.message_id, each.is_accepted) for each in acks if isinstance(each, Ack)]
            if heard != ([(ID, True)] if publish.is_answered else []):
                yield f"{way}: what was posted to {shown(publish.topic)} is acknowledged as {heard}"
            filters = [each.topic for each in codec.subscriptions()]
            if publish.replied_on is not None and publish.replied_on not in filters:
                yield f"{way}: {shown(publish.replied_on)} is not subscribed to"


def _stamped(subject: Subject) -> Iterator[str]:
    if not subject.platform.has_stamps:
        return
    codec = subject.make()
    found = marks(subject, codec)
    for given in [found.reports(range(5)), found.events(range(5))] if found else []:
        other = [replace(each, wall_time=(each.wall_time or 0) + 7) for each in given]
        for way, encode in _ways(codec):
            if not _has_form(subject, way, given[0]):
                continue
            batch = encode(given, ID, NOW)
            if batch == encode(other, ID, NOW):
                yield f"{way}: it does not tell when that was"
            if batch != encode(given, ID, NOW + 3600):
                yield f"{way}: it tells when it is sent"


def _unstamped(subject: Subject) -> Iterator[str]:
    codec = subject.make()
    unknown = full_report(subject.thing, None)
    for given in ([unknown], [unknown, full_report(subject.thing, WALL_S)]):
        batch = codec.encode_past(given, ID, NOW)
        if batch != Batch(publish=None):
            yield f"what was measured at an unknown time is told: {shown(batch)}"
    for event in plain_events(subject.thing, None):
        for way, encode in _ways(codec):
            batch = encode([event, replace(event, wall_time=WALL_S)], ID, NOW)
            if batch.publish is None:
                yield f"{way}: {shown(event)} of an unknown time is not told"
            elif _times(subject, batch.publish):
                yield f"{way}: {shown(event)} is stamped, though nobody knew the time"


def _times(subject: Subject, publish: Publish) -> list[object]:
    document = subject.platform.read(publish.payload)
    told = [each for each in (*leaves(document), *keys(document)) if each not in {ID, int(ID)}]
    return [each for each in told if is_time(each)]


def _position(subject: Subject) -> Iterator[str]:
    """Compare with a report without what was set."""
    codec, thing, report = subject.make(), subject.thing, full_report(subject.thing, WALL_S)
    settable = {row.field.name for row in thing.properties if row.is_writable}
    if subject.platform.has_past:
        return
    measured = {name: each for name, each in report.values.items() if name not in settable}
    rest = codec.encode_past([replace(report, values=measured)], ID, NOW)
    if codec.encode_past([report], ID, NOW) != rest:
        yield "a position of the past is told, which the platform takes for the one of now"
    for name in settable:
        row = thing.property(name)
        alone = {} if row is None else {name: plain(row.field)}
        batch = codec.encode_past([replace(report, values=alone)], ID, NOW)
        if batch.publish is not None:
            yield f"{name} of the past is told, which the platform takes for that of now"


def _too_old(subject: Subject) -> Iterator[str]:
    codec = subject.make()
    oldest_s = codec.limits.oldest_s
    if oldest_s is None:
        return
    for event in plain_events(subject.thing, WALL_S):
        batch = codec.encode_past([event, event], ID, WALL_S + oldest_s)
        if batch.publish is None:
            yield f"{shown(event)} is not told when it is older than the platform takes"
        elif _times(subject, batch.publish):
            yield f"{shown(event)} is stamped, though the platform takes no stamp so old"


RULES: Final = (
    Rule(
        name="batches-whole",
        statement="of several messages each goes up once, in order, and nothing else",
        check=_whole,
    ),
    Rule(
        name="batches-told",
        statement="what goes up alone goes up with others too, its time known or not",
        check=_together,
    ),
    Rule(
        name="batches-bounded",
        statement="no more go together than the platform takes",
        check=_bounded,
    ),
    Rule(
        name="batches-acked",
        statement="the platform's answer to several is an Ack with their id, and is heard",
        check=_acked,
    ),
    Rule(
        name="batches-stamped",
        statement="each of several carries its own time, whenever it is sent",
        check=_stamped,
    ),
    Rule(
        name="past-unstamped",
        statement="of an unknown time events go without one, and what was measured is not told",
        check=_unstamped,
    ),
    Rule(
        name="past-no-position",
        statement="where the past has no form of its own, nothing that can be set is told of it",
        check=_position,
    ),
    Rule(
        name="past-too-old",
        statement="an event older than the platform takes goes without a stamp",
        check=_too_old,
    ),
)

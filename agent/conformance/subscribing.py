"""Rules of the filters: valid, granted, apart, and enough."""

from collections.abc import Iterator
from itertools import combinations
from typing import Final

from agent.conformance.hostile import is_deliverable
from agent.conformance.rule import Rule, shown
from agent.conformance.subject import Subject
from agent.conformance.wire import is_filter, matches, overlap


def _valid(subject: Subject) -> Iterator[str]:
    bounds, filters = subject.platform.bounds, subject.make().subscriptions()
    if tuple(filters) != tuple(subject.make().subscriptions()):
        yield "subscriptions() gives others each time"
    if len(filters) > bounds.filters:
        yield f"{len(filters)} filters are more than the platform's {bounds.filters}"
    for each in filters:
        if not is_filter(each.topic):
            yield f"{shown(each.topic)} is no filter"
        elif len(each.topic.encode()) > bounds.topic_bytes:
            yield f"{shown(each.topic)} is above {bounds.topic_bytes} bytes"
        if each.qos not in {0, 1}:
            yield f"{shown(each.topic)} asks for QoS {each.qos}"
        if not subject.platform.may_subscribe(each.topic):
            yield f"{shown(each.topic)} is nothing that the platform grants this device"


def _apart(subject: Subject) -> Iterator[str]:
    filters = [each.topic for each in subject.make().subscriptions()]
    for first, second in combinations(filters, 2):
        if overlap(first, second):
            yield f"{shown(first)} and {shown(second)} can match one topic, which comes twice then"


def _own(subject: Subject) -> Iterator[str]:
    for each in subject.make().subscriptions():
        for message in subject.platform.foreign:
            if matches(each.topic, message.topic):
                yield f"{shown(each.topic)} brings another device's {shown(message.topic)}"


def _enough(subject: Subject) -> Iterator[str]:
    codec, platform = subject.make(), subject.platform
    heard = [*platform.requests, *platform.unanswered]
    for asked in codec.on_connected("7"):
        heard += platform.accept(asked)
    for message in heard:
        if not is_deliverable(subject, codec, message.topic):
            yield f"no filter brings {shown(message.topic)}"


RULES: Final = (
    Rule(
        name="filters-valid",
        statement="filters are valid, within the platform's limits, and granted to the device",
        check=_valid,
    ),
    Rule(
        name="filters-apart",
        statement="no topic matches two filters",
        check=_apart,
    ),
    Rule(
        name="filters-own",
        statement="no filter brings another device's messages",
        check=_own,
    ),
    Rule(
        name="filters-enough",
        statement="the filters bring all that the platform says",
        check=_enough,
    ),
)

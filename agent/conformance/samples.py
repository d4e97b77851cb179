"""What a thing could say: every kind of message, ordinary values and hostile ones."""

import math
from collections.abc import Iterator, Mapping
from typing import Any, Final, assert_never

from agent.messages import EventReport, InfoReport, PropertyReport, Uplink
from agent.model import Value
from agent.thing import Field, Kind, Thing

NO_NUMBERS: Final = (math.nan, math.inf, -math.inf)
HOSTILE_TEXT: Final = '"quoted" \\ \n\x00\x1f 中文 \U0001f600 </script> ${x} \ud800'
FACTS: Final[Mapping[str, str]] = {
    "version": "0.1.0",
    "hardware": "Raspberry Pi 4",
    "software": "Linux",
    "serial": "10000000abcdef",
}
HOSTILE_FACTS: Final[Mapping[str, str]] = {
    "": "nameless",
    "empty": "",
    "9 lives": HOSTILE_TEXT,
    "键": "值",
    "k" * 100: "v" * 300,
}


def plain(field: Field) -> Value:
    """Give an ordinary value of a field, too small to be taken for a time."""
    low = min(field.minimum + 1, field.maximum)
    match field.kind:
        case Kind.BOOL:
            return True
        case Kind.INT:
            return int(low)
        case Kind.FLOAT:
            return float(low)
        case Kind.TEXT:
            return field.choices[0] if field.choices else "x" * max(1, int(field.minimum))
        case _:
            assert_never(field.kind)


def extremes(field: Field) -> Iterator[Value]:
    """Give the values at a field's borders, and some that no device should ever have."""
    match field.kind:
        case Kind.BOOL:
            yield from (True, False)
        case Kind.INT:
            yield from (int(field.minimum), int(field.maximum), -1, 2**63)
        case Kind.FLOAT:
            yield from (float(field.minimum), float(field.maximum), field.step / 3, -0.0, 1e300)
            yield from (int(field.maximum), *NO_NUMBERS)
        case Kind.TEXT:
            yield from (*field.choices, "", "x" * int(field.maximum), HOSTILE_TEXT)
        case _:
            assert_never(field.kind)


def full_report(thing: Thing[Any], wall_time: float | None) -> PropertyReport:
    """Report everything."""
    values = {row.field.name: plain(row.field) for row in thing.properties}
    return PropertyReport(values=values, wall_time=wall_time)


def plain_events(thing: Thing[Any], wall_time: float | None) -> Iterator[EventReport]:
    """Raise every event, and one with choices once for each."""
    for event in thing.events:
        values = {each.name: plain(each) for each in event.fields}
        yield EventReport(name=event.name, values=values, wall_time=wall_time)
        for each in event.fields:
            for choice in each.choices:
                chosen = {**values, each.name: choice}
                yield EventReport(name=event.name, values=chosen, wall_time=wall_time)


def plain_uplinks(thing: Thing[Any], wall_time: float | None) -> Iterator[Uplink]:
    """Say everything that a device says on an ordinary day."""
    yield full_report(thing, wall_time)
    for row in thing.properties:
        values = {row.field.name: plain(row.field)}
        yield PropertyReport(values=values, wall_time=wall_time)
    yield from plain_events(thing, wall_time)
    yield InfoReport(facts=FACTS)


def odd_uplinks(thing: Thing[Any], wall_time: float | None) -> Iterator[Uplink]:
    """Say what a device may say on its worst day."""
    yield PropertyReport(values={}, wall_time=wall_time)
    for row in thing.properties:
        for value in extremes(row.field):
            yield PropertyReport(values={row.field.name: value}, wall_time=wall_time)
    for event in thing.events:
        yield EventReport(name=event.name, values={}, wall_time=wall_time)
        for each in event.fields:
            for value in extremes(each):
                odd = {each.name: value}
                yield EventReport(name=event.name, values=odd, wall_time=wall_time)
    yield InfoReport(facts={})
    yield InfoReport(facts=HOSTILE_FACTS)


def uplinks(thing: Thing[Any]) -> Iterator[Uplink]:
    """Say everything, with a time and without."""
    for wall_time in (None, 1_799_999_990.75):
        yield from plain_uplinks(thing, wall_time)
        yield from odd_uplinks(thing, wall_time)

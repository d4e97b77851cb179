"""Reports that are told apart on the wire: each has one number that no other has."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from agent.conformance.samples import plain
from agent.conformance.subject import WALL_S, Subject
from agent.conformance.wire import leaves
from agent.messages import EventReport, PropertyReport, Report
from agent.ports import Codec, Publish
from agent.thing import Event, Field, Kind, Thing

ID: Final = "2147483647"
"""Of the message that carries them: no mark is so large."""

_REPORTS: Final = 0.5
_EVENTS: Final = 0.7
"""What marks end in: no platform writes a number of its own with a decimal point."""

Maker = Callable[[float, float | None], Report]
"""Makes a report with a mark, at a wall time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Marks:
    """How to make reports and events, and to find their marks in a message."""

    subject: Subject
    report: Maker
    event: Maker

    def reports(self, numbers: Iterable[int], wall_time: float | None = WALL_S) -> list[Report]:
        """Make reports, a minute between two."""
        return [self.report(each + _REPORTS, _later(wall_time, each)) for each in numbers]

    def events(self, numbers: Iterable[int], wall_time: float | None = WALL_S) -> list[Report]:
        """Make events, a minute between two."""
        return [self.event(round(each + _EVENTS, 1), _later(wall_time, each)) for each in numbers]

    def found(self, publish: Publish) -> tuple[list[float], list[float]]:
        """List the marks of reports, and those of events, in the order of the message."""
        return _sorted(leaves(self.subject.platform.read(publish.payload)))


def marks_of(messages: Iterable[Report]) -> tuple[list[float], list[float]]:
    """List the marks that *messages* were made with."""
    return _sorted(value for each in messages for value in each.values.values())


def _sorted(values: Iterable[object]) -> tuple[list[float], list[float]]:
    numbers = [each for each in values if isinstance(each, float)]
    return (
        [each for each in numbers if _ending(each) == _REPORTS],
        [each for each in numbers if _ending(each) == _EVENTS],
    )


def _ending(number: float) -> float:
    return round(number % 1, 6)


def marks(subject: Subject, codec: Codec) -> Marks | None:
    """Find a number of a report and one of an event that reach the wire; None: there is none."""
    report = next(_shown(subject, codec, _of_reports(subject.thing), _REPORTS), None)
    event = next(_shown(subject, codec, _of_events(subject.thing), _EVENTS), None)
    if report is None or event is None:
        return None
    return Marks(subject=subject, report=report, event=event)


def _shown(
    subject: Subject, codec: Codec, makers: Iterable[Maker], ending: float
) -> Iterator[Maker]:
    for make in makers:
        publish = codec.encode(make(9 + ending, WALL_S), ID, WALL_S)
        document = None if publish is None else subject.platform.read(publish.payload)
        if 9 + ending in leaves(document):
            yield make


def _of_reports(thing: Thing[Any]) -> Iterator[Maker]:
    for row in thing.properties:
        if _is_markable(row.field) and not row.is_writable:
            yield _report_maker(row.field.name)


def _report_maker(name: str) -> Maker:
    return lambda mark, at: PropertyReport(values={name: mark}, wall_time=at)


def _of_events(thing: Thing[Any]) -> Iterator[Maker]:
    for event in thing.events:
        for field in filter(_is_markable, event.fields):
            yield _event_maker(event, field)


def _event_maker(event: Event, field: Field) -> Maker:
    others = {each.name: plain(each) for each in event.fields}
    return lambda mark, at: EventReport(
        name=event.name, values={**others, field.name: mark}, wall_time=at
    )


def _is_markable(field: Field) -> bool:
    return field.kind is Kind.FLOAT and field.step <= 0.1 and field.maximum >= 400


def _later(wall_time: float | None, number: int) -> float | None:
    return None if wall_time is None else wall_time + 60 * number

"""Several reports in one message: as many, the oldest first, as a platform takes at once."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from agent.clouds.payload import Body
from agent.messages import EventReport, PropertyReport, Report
from agent.ports import Batch, PlatformLimits, Publish
from agent.thing import Thing


@dataclass(frozen=True, slots=True, kw_only=True)
class Wired:
    """One report in wire form: its values by identifier, or the one event."""

    body: Body
    is_event: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """One way in which a platform takes several reports in one message.

    `takes`: whether it has a place for a report; one that it has none for goes by `alone`.
    `wire` gives None for one that says nothing there. `bounds` are the limits of this form, `most`
    how many reports it holds (0: any number), `least` from how many on it is used.
    """

    takes: Callable[[Report], bool]
    wire: Callable[[Report], Wired | None]
    write: Callable[[Sequence[Wired]], Publish]
    alone: Callable[[Report], Publish | None]
    bounds: PlatformLimits
    most: int = 0
    least: int = 2


def pack(messages: Sequence[Report], form: Form) -> Batch:
    """Put as many of *messages* as fit into one; the first goes, whether it fits or not."""
    wired = list(_run(messages, form))
    taken = _most_that_fit(wired, form) if wired else 0
    if taken < form.least:
        return Batch(publish=form.alone(messages[0]))
    return Batch(publish=form.write(wired[:taken]), taken=taken)


def pack_past(messages: Sequence[Report], form: Form) -> Batch:
    """Pack what is over; what was measured at an unknown time would be taken for one of now."""
    first = messages[0]
    if isinstance(first, PropertyReport) and not has_time(first):
        return Batch(publish=None)
    return pack(messages, form)


def _run(messages: Sequence[Report], form: Form) -> Iterator[Wired]:
    """Yield the wire form of each, up to the first that has none in this form."""
    for message in messages[: form.most or len(messages)]:
        wired = form.wire(message) if form.takes(message) else None
        if wired is None:
            return
        yield wired


def _most_that_fit(wired: Sequence[Wired], form: Form) -> int:
    bound = longest(len(wired), lambda count: _is_within(wired[:count], form.bounds))
    size = form.bounds.payload_bytes
    return longest(bound, lambda count: len(form.write(wired[:count]).payload) <= size)


def longest(count: int, fits: Callable[[int], bool]) -> int:
    """Find how many of *count* fit, at least one: where more fit, fewer do too."""
    if fits(count):
        return count
    return 1 + bisect_left(range(2, count), True, key=lambda some: not fits(some))  # noqa: FBT003 - what is looked for


def _is_within(wired: Sequence[Wired], bounds: PlatformLimits) -> bool:
    values = sum(len(each.body) for each in wired if not each.is_event)
    of_one = Counter(wire_id for each in wired for wire_id in each.body)
    counted = (
        (values, bounds.batch_values),
        (sum(each.is_event for each in wired), bounds.batch_events),
        (max(of_one.values(), default=0), bounds.batch_values_of_one),
    )
    return all(not bound or number <= bound for number, bound in counted)


def by_identifier(wired: Sequence[Wired]) -> Mapping[str, Sequence[object]]:
    """List what stands under each identifier, in order."""
    lists: dict[str, list[object]] = {}
    for each in wired:
        for wire_id, value in each.body.items():
            lists.setdefault(wire_id, []).append(value)
    return lists


def never(message: Report) -> bool:
    """Have a place for no report: each goes alone."""
    del message
    return False


def has_time(message: Report) -> bool:
    """Tell whether it is known when a report was so."""
    return message.wall_time is not None


def unmeasured_of(thing: Thing[Any]) -> frozenset[str]:
    """List what is set and not measured, and what is told beside it."""
    rows = [row for row in thing.properties if row.is_writable]
    return frozenset(name for row in rows for name in (row.field.name, *row.beside))


def measured_only(message: Report, unmeasured: Collection[str]) -> Report:
    """Leave out what was set: an old position must not be taken for the one of now."""
    if isinstance(message, EventReport):
        return message
    kept = {name: value for name, value in message.values.items() if name not in unmeasured}
    return replace(message, values=kept)

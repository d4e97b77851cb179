"""Compare a device's model with what its console exported."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, TypeVar

from agent.models.form import Feature, FeatureKind, Item, Model, Note, Spec
from agent.models.rules import Rules, faults
from agent.models.values import Difference, Side, value_differences

R = TypeVar("R", Feature, Item)


class FindingKind(StrEnum):
    """What is the matter."""

    MISSING = "missing"
    DIFFERS = "differs"
    EXTRA = "extra"
    INEXPRESSIBLE = "inexpressible"
    NOT_TOLD = "not told"


class Weight(StrEnum):
    """What it does: values are refused or left out, nothing, or it could not be otherwise."""

    HARMFUL = "harmful"
    HARMLESS = "harmless"
    NOTE = "note"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that is not the same on both sides.

    `identifier`: on the wire, with a dot before a member. `name`: the thing's own, if it has it.
    """

    kind: FindingKind
    weight: Weight
    feature: str
    identifier: str
    name: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """Where the comparison is: a row, or a value inside one."""

    feature: FeatureKind
    identifier: str
    name: str

    def inside(self, item: Item) -> "_Place":
        return _Place(
            feature=self.feature,
            identifier=f"{self.identifier}.{item.identifier}",
            name=item.name,
        )

    def finding(self, kind: FindingKind, weight: Weight, text: str) -> Finding:
        return Finding(
            kind=kind,
            weight=weight,
            feature=self.feature.value,
            identifier=self.identifier,
            name=self.name,
            text=text,
        )


_SIDES: Final[Mapping[FeatureKind, Side]] = {
    FeatureKind.PROPERTY: Side.UP,
    FeatureKind.EVENT: Side.UP,
    FeatureKind.SERVICE: Side.DOWN,
}


def compare(device: Model, console: Model, rules: Rules) -> Sequence[Finding]:
    """Say what is missing in the console, differs there, is extra, or has no form there."""
    impossible = {note.name: note.reason for note in faults(device, rules)}
    found: list[Finding] = []
    for kind in FeatureKind:
        if kind in console.told:
            found += _rows(device, console, kind, impossible, rules)
        elif device.of(kind):
            found.append(_not_told(kind))
    return [*found, *(_noted(note, device) for note in device.notes)]


def _rows(
    device: Model,
    console: Model,
    kind: FeatureKind,
    impossible: Mapping[str, str],
    rules: Rules,
) -> Iterator[Finding]:
    wanted, there = _by_identifier(device.of(kind)), _by_identifier(console.of(kind))
    for identifier, row in wanted.items():
        place = _place(row)
        other = there.get(identifier)
        if other is None:
            yield _missing(place, there.keys() - wanted.keys(), impossible.get(row.name))
        else:
            yield from _row(place, row, other, rules)
    for identifier, other in there.items():
        if identifier not in wanted:
            yield _extra(_place(other), _EXTRA[kind])


def _row(place: _Place, row: Feature, other: Feature, rules: Rules) -> Iterator[Finding]:
    if row.spec is not None and other.spec is not None:
        side = Side.BOTH if row.is_writable else Side.UP
        yield from _spec(place, row.spec, other.spec, side)
    yield from _access(place, row, other)
    yield from _level(place, row, other, rules)
    yield from _call(place, row, other)
    yield from _items(place, row.inputs, other.inputs, Side.DOWN)
    wants_all = rules.wants_all_outputs and row.kind is FeatureKind.EVENT
    yield from _items(place, row.outputs, other.outputs, Side.UP, wants_all=wants_all)


def _items(
    place: _Place,
    ours: Iterable[Item],
    theirs: Iterable[Item],
    side: Side,
    *,
    wants_all: bool = False,
) -> Iterator[Finding]:
    wanted, there = _by_identifier(ours), _by_identifier(theirs)
    for identifier, item in wanted.items():
        other = there.get(identifier)
        if other is None:
            yield _missing(place.inside(item), there.keys() - wanted.keys(), None)
        else:
            yield from _spec(place.inside(item), item.spec, other.spec, side)
    for identifier, other in there.items():
        if identifier in wanted:
            continue
        inside = place.inside(other)
        if wants_all:
            text = "the platform refuses an event without it, and the device never sends it"
            yield inside.finding(FindingKind.EXTRA, Weight.HARMFUL, text)
        else:
            yield _extra(inside, "the device neither sends nor takes it")


def _spec(place: _Place, ours: Spec, theirs: Spec, side: Side) -> Iterator[Finding]:
    for difference in value_differences(ours, theirs, side):
        yield _differs(place, difference)
    if ours.type is theirs.type:
        yield from _items(place, ours.members, theirs.members, side)


def _access(place: _Place, row: Feature, other: Feature) -> Iterator[Finding]:
    if None in (row.is_writable, other.is_writable) or row.is_writable == other.is_writable:
        return
    if row.is_writable:
        text = "read only there, so that nothing can set it; the device lets it be set"
    else:
        text = "can be set there; the device refuses that, for it can only be read"
    yield _differs(place, Difference(is_harmful=bool(row.is_writable), text=text))


def _level(place: _Place, row: Feature, other: Feature, rules: Rules) -> Iterator[Finding]:
    if other.level is not None and row.level != other.level:
        text = f"of type {other.level} there, {row.level} from the device"
        if rules.judges_level:
            text += ": the platform refuses it"
        yield _differs(place, Difference(is_harmful=rules.judges_level, text=text))


def _call(place: _Place, row: Feature, other: Feature) -> Iterator[Finding]:
    if row.call and other.call and row.call != other.call:
        text = f"called {other.call} there; `model export` makes it {row.call}; both are answered"
        yield _differs(place, Difference(is_harmful=False, text=text))


def _differs(place: _Place, difference: Difference) -> Finding:
    weight = Weight.HARMFUL if difference.is_harmful else Weight.HARMLESS
    return place.finding(FindingKind.DIFFERS, weight, difference.text)


def _missing(place: _Place, spare: Iterable[str], impossible: str | None) -> Finding:
    if impossible is not None:
        text = f"{impossible}; give it another identifier by rename"
        return place.finding(FindingKind.INEXPRESSIBLE, Weight.HARMFUL, text)
    own = place.identifier.rpartition(".")[2]
    alike = [other for other in spare if other.casefold() == own.casefold()]
    hint = f"; there is {alike[0]!r}, but upper and lower case are not the same" if alike else ""
    text = _MISSING[place.feature] + hint
    return place.finding(FindingKind.MISSING, Weight.HARMFUL, text)


def _extra(place: _Place, text: str) -> Finding:
    return place.finding(FindingKind.EXTRA, Weight.HARMLESS, text)


_MISSING: Final[Mapping[FeatureKind, str]] = {
    FeatureKind.PROPERTY: "the platform refuses its values, and they are left out",
    FeatureKind.EVENT: "the platform refuses the event",
    FeatureKind.SERVICE: "the platform cannot call it",
}
_EXTRA: Final[Mapping[FeatureKind, str]] = {
    FeatureKind.PROPERTY: "the device has no such property; it stays empty",
    FeatureKind.EVENT: "the device never sends it",
    FeatureKind.SERVICE: "the device refuses it",
}


def _not_told(kind: FeatureKind) -> Finding:
    text = f"the file says nothing about {kind}s, as a simple export does; compare the full one too"
    place = _Place(feature=kind, identifier="", name="")
    return place.finding(FindingKind.NOT_TOLD, Weight.NOTE, text)


def _noted(note: Note, device: Model) -> Finding:
    row = next((row for row in device.features if row.name == note.name), None)
    place = _Place(
        feature=FeatureKind.PROPERTY if row is None else row.kind,
        identifier="" if row is None else row.identifier,
        name=note.name,
    )
    return place.finding(FindingKind.INEXPRESSIBLE, Weight.NOTE, note.reason)


def _place(row: Feature) -> _Place:
    return _Place(feature=row.kind, identifier=row.identifier, name=row.name)


def _by_identifier(rows: Iterable[R]) -> dict[str, R]:
    return {row.identifier: row for row in rows}

"""Compare a device's model with what its console exported."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from agent.models.form import Feature, FeatureKind, Item, Model, Note, Spec
from agent.models.rules import Rules, faults
from agent.models.values import Difference, Side, value_differences


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

    def of_each(self) -> "_Place":
        return replace(self, identifier=f"{self.identifier}[]")

    def finding(self, kind: FindingKind, weight: Weight, text: str) -> Finding:
        return Finding(
            kind=kind,
            weight=weight,
            feature=self.feature.value,
            identifier=self.identifier,
            name=self.name,
            text=text,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Platform:
    """What the platform judges, and the device's names that it cannot take, with the reason."""

    rules: Rules
    impossible: Mapping[str, str]


def compare(device: Model, console: Model, rules: Rules) -> Sequence[Finding]:
    """Say what is missing in the console, differs there, is extra, or has no form there."""
    impossible = {note.name: note.reason for note in faults(device, rules)}
    platform = _Platform(rules=rules, impossible=impossible)
    found: list[Finding] = []
    for kind in FeatureKind:
        if kind in console.told:
            found += _rows(device.of(kind), console.of(kind), kind, platform)
        elif device.of(kind):
            found.append(_not_told(kind))
    return [*found, *(_noted(note, device) for note in device.notes)]


def _rows(
    ours: Sequence[Feature], theirs: Sequence[Feature], kind: FeatureKind, platform: _Platform
) -> Iterator[Finding]:
    there = {row.identifier: row for row in theirs}
    for row in ours:
        other = there.pop(row.identifier, None)
        if other is None:
            yield _missing(_place(row), there, platform)
        else:
            yield from _row(row, other, platform)
    for other in there.values():
        yield _extra(_place(other), _EXTRA[kind])


def _row(row: Feature, other: Feature, platform: _Platform) -> Iterator[Finding]:
    place = _place(row)
    if row.spec is not None and other.spec is not None:
        side = Side.BOTH if row.is_writable else Side.UP
        yield from _spec(place, row.spec, other.spec, side, platform)
    yield from _access(place, row, other)
    yield from _level(place, row, other, platform.rules)
    yield from _call(place, row, other)
    yield from _items(place, row.inputs, other.inputs, Side.DOWN, platform)
    yield from _items(place, row.outputs, other.outputs, Side.UP, platform)


def _items(
    place: _Place,
    ours: Iterable[Item],
    theirs: Iterable[Item],
    side: Side,
    platform: _Platform,
) -> Iterator[Finding]:
    there = {item.identifier: item for item in theirs}
    for item in ours:
        inside, other = place.inside(item), there.pop(item.identifier, None)
        if other is None:
            yield _missing(inside, there, platform)
        else:
            yield from _spec(inside, item.spec, other.spec, side, platform)
    is_refused = platform.rules.wants_all_outputs and place.feature is FeatureKind.EVENT
    for other in there.values():
        if is_refused:
            text = "the platform refuses an event without it, and the device never sends it"
            yield place.inside(other).finding(FindingKind.EXTRA, Weight.HARMFUL, text)
        else:
            yield _extra(place.inside(other), "the device neither sends nor takes it")


def _spec(
    place: _Place, ours: Spec, theirs: Spec, side: Side, platform: _Platform
) -> Iterator[Finding]:
    for difference in value_differences(ours, theirs, side):
        yield _differs(place, difference)
    if ours.type is theirs.type:
        yield from _items(place, ours.members, theirs.members, side, platform)
    if ours.item is not None and theirs.item is not None:
        yield from _spec(place.of_each(), ours.item, theirs.item, side, platform)


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


def _missing(place: _Place, spare: Iterable[str], platform: _Platform) -> Finding:
    reason = platform.impossible.get(place.name)
    if reason is not None:
        text = f"{reason}; give it another identifier by rename"
        return place.finding(FindingKind.INEXPRESSIBLE, Weight.HARMFUL, text)
    own = place.identifier.rpartition(".")[2]
    alike = [other for other in spare if other.casefold() == own.casefold()]
    hint = f"; there is {alike[0]!r}, but upper and lower case are not the same" if alike else ""
    return place.finding(FindingKind.MISSING, Weight.HARMFUL, _MISSING[place.feature] + hint)


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

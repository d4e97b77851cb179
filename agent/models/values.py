"""Compare the types of two values: the device's, and the one that its console gives it."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, auto
from typing import Final

from agent.models.form import Spec, ValueType
from agent.models.wording import number


class Side(Enum):
    """Which way a value goes: up to the platform, down to the device, or both."""

    UP = auto()
    DOWN = auto()
    BOTH = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One difference; `is_harmful`: values are refused or shown wrongly because of it."""

    is_harmful: bool
    text: str


_WIDE: Final = (
    frozenset([ValueType.FLOAT, ValueType.DOUBLE]),
    frozenset([ValueType.INT, ValueType.LONG]),
)
"""Types whose values look the same on the wire."""


def value_differences(ours: Spec, theirs: Spec, side: Side) -> Iterator[Difference]:
    """Say how the console's type differs from the device's."""
    if ours.type is not theirs.type:
        is_alike = frozenset([ours.type, theirs.type]) in _WIDE
        text = f"of type {theirs.label or theirs.type} there, {ours.type} on the device"
        yield Difference(is_harmful=not is_alike, text=text)
        if not is_alike:
            return
    yield from _range(ours, theirs, side)
    yield from _step(ours, theirs)
    yield from _unit(ours, theirs)
    yield from _choices(ours, theirs)


def _range(ours: Spec, theirs: Spec, side: Side) -> Iterator[Difference]:
    is_narrower = _is_below(ours.minimum, theirs.minimum) or _is_below(theirs.maximum, ours.maximum)
    is_wider = _is_below(theirs.minimum, ours.minimum) or _is_below(ours.maximum, theirs.maximum)
    there, here = _bounds(theirs), _bounds(ours)
    if is_narrower:
        text = f"{there} there, {here} on the device: what is outside is refused"
        yield Difference(is_harmful=True, text=text)
    elif is_wider and side is Side.UP:
        yield Difference(is_harmful=False, text=f"{there} there, {here} on the device")
    elif is_wider:
        text = f"{there} there, {here} on the device, which refuses what is outside"
        yield Difference(is_harmful=False, text=text)


def _step(ours: Spec, theirs: Spec) -> Iterator[Difference]:
    if _is_below(ours.step, theirs.step):
        text = (
            f"in steps of {number(theirs.step)} there, of {number(ours.step)} on the device;"
            " whether the platform minds is not known"
        )
        yield Difference(is_harmful=False, text=text)


def _unit(ours: Spec, theirs: Spec) -> Iterator[Difference]:
    if ours.unit is None or theirs.unit is None or ours.unit == theirs.unit:
        return
    text = f"unit {theirs.unit or 'none'} there, {ours.unit or 'none'} on the device"
    yield Difference(is_harmful=bool(ours.unit and theirs.unit), text=text)


def _choices(ours: Spec, theirs: Spec) -> Iterator[Difference]:
    """Compare an enum's values; those of a bool are what they are."""
    if ours.type is not ValueType.ENUM or not theirs.choices:
        return
    wanted, there = ({choice.key for choice in spec.choices} for spec in (ours, theirs))
    lacking, unused = wanted - there, there - wanted
    if lacking:
        text = f"has no value {', '.join(sorted(lacking))} there, which the device sends"
        yield Difference(is_harmful=True, text=text)
    if unused:
        text = f"has a value {', '.join(sorted(unused))} there, which the device never sends"
        yield Difference(is_harmful=False, text=text)


def _is_below(lower: float | None, higher: float | None) -> bool:
    return lower is not None and higher is not None and lower < higher


def _bounds(spec: Spec) -> str:
    low, high = number(spec.minimum), number(spec.maximum)
    if spec.type is ValueType.TEXT:
        return f"at most {high} characters" if high else "any length"
    if spec.type is ValueType.ARRAY:
        return f"at most {high} elements" if high else "any number of elements"
    return f"{low or 'any'} to {high or 'any'}"

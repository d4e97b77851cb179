"""Make room among telemetry: every n-th report, then lowest, mean and highest, then none.

Reports are partial: what one leaves out has not changed since the one before. So a report that is
merged into the next one leaves its values there, and no value is told for a moment at which it
was not so.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Final

from agent.messages import PropertyReport
from agent.model import Value, Values
from agent.outbox.row import Row

MOST_MERGED: Final = 8
"""One report stands for so many at most before lowest, mean and highest take their place."""

GROUP: Final = 32
"""Of so many reports the lowest, mean and highest of each quantity stay."""

FEW: Final = 4
"""Fewer values than this all stay."""

MEAN_DIGITS: Final = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Thinned:
    """What stays of some rows; so many measured reports were merged, or dropped."""

    rows: Sequence[Row]
    merged: int = 0
    lost: int = 0


def thinned(rows: Sequence[Row], goal: int, totals: Collection[str] = ()) -> Thinned:
    """Bring *rows*, telemetry in order, down to *goal* rows, the oldest first.

    *totals* names what only rises: of that a mean means nothing, and the last stays.
    """
    left, goal = list(rows), max(0, goal)
    stands_for = 1
    while stands_for < MOST_MERGED and len(left) > goal:
        left = _merged_pairs(left, stands_for, len(left) - goal)
        stands_for *= 2
    if len(left) > goal:
        left = _summarised(left, goal, totals)
    merged = len(rows) - len(left)
    dropped = left[: max(0, len(left) - goal)]
    lost = sum(row.stands_for for row in dropped)
    return Thinned(rows=left[len(dropped) :], merged=merged, lost=lost)


def _merged_pairs(rows: Sequence[Row], stands_for: int, too_many: int) -> list[Row]:
    """Merge neighbours that stand for at most *stands_for* each, *too_many* times at most."""
    kept: list[Row] = []
    for row in rows:
        if too_many and kept and max(kept[-1].stands_for, row.stands_for) <= stands_for:
            kept[-1] = _merged(kept[-1], row)
            too_many -= 1
        else:
            kept.append(row)
    return kept


def _merged(earlier: Row, later: Row) -> Row:
    """Leave the later of two, with what the earlier alone tells."""
    return replace(
        _with(later, {**_values(earlier), **_values(later)}),
        stands_for=earlier.stands_for + later.stands_for,
    )


def _values(row: Row) -> Values:
    assert isinstance(row.message, PropertyReport), "telemetry is reports"
    return row.message.values


def _with(row: Row, values: Values) -> Row:
    assert isinstance(row.message, PropertyReport), "telemetry is reports"
    return replace(row, message=replace(row.message, values=values))


def _summarised(rows: Sequence[Row], goal: int, totals: Collection[str]) -> list[Row]:
    """Leave of whole groups, from the oldest on, the lowest, mean and highest of each quantity."""
    kept: list[Row] = []
    at = 0
    while at < len(rows):
        group = rows[at : at + GROUP]
        is_fresh = len(group) == GROUP and all(row.stands_for <= MOST_MERGED for row in group)
        if is_fresh and len(kept) + len(rows) - at > goal:
            kept += _summary(group, totals)
            at += GROUP
        else:
            kept.append(rows[at])
            at += 1
    return kept


def _summary(group: Sequence[Row], totals: Collection[str]) -> list[Row]:
    """Tell the extremes when they were, the mean in between, and of everything else the last."""
    chosen: list[dict[str, Value]] = [{} for _ in group]
    for name in dict.fromkeys(name for row in group for name in _values(row)):
        for index, value in _extremes(group, name, is_total=name in totals).items():
            chosen[index][name] = value
    kept = [_with(row, values) for row, values in zip(group, chosen, strict=True) if values]
    count, rest = divmod(sum(row.stands_for for row in group), len(kept))
    return [replace(row, stands_for=count + (place < rest)) for place, row in enumerate(kept)]


def _extremes(group: Sequence[Row], name: str, *, is_total: bool) -> dict[int, Value]:
    """Choose which values of one quantity stay, by the place of the report that tells them."""
    told = {index: _values(row)[name] for index, row in enumerate(group) if name in _values(row)}
    numbers = {
        index: float(value) for index, value in told.items() if not isinstance(value, bool | str)
    }
    if is_total or len(numbers) < len(told):
        last = max(told)
        return {last: told[last]}
    if len(told) < FEW:
        return told
    lowest = min(numbers, key=lambda index: numbers[index])
    highest = max(numbers, key=lambda index: numbers[index])
    between = sorted(numbers.keys() - {lowest, highest})
    mean = round(sum(numbers.values()) / len(numbers), MEAN_DIGITS)
    middle = between[len(between) // 2]
    return {
        lowest: told[lowest],
        highest: told[highest],
        middle: min(max(mean, numbers[lowest]), numbers[highest]),
    }

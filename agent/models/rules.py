"""What a platform demands of identifiers, and where it judges more than names and types."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from agent.models.form import Feature, Item, Model, Note


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """One platform's rules.

    `judges_level`: an event of another level than the model's is refused. `wants_all_outputs`:
    an event that lacks a parameter of the model is refused.
    """

    identifier: re.Pattern[str]
    allowed: str
    reserved: frozenset[str] = frozenset()
    judges_level: bool = False
    wants_all_outputs: bool = False

    def fault(self, identifier: str) -> str | None:
        """Tell why the console takes no such identifier; None where it does."""
        if identifier in self.reserved:
            return (
                f"{identifier!r} is reserved; others that are: {', '.join(sorted(self.reserved))}"
            )
        if not self.identifier.fullmatch(identifier):
            return f"{identifier!r} is no identifier there: {self.allowed}"
        return None


TENCENT: Final = Rules(
    identifier=re.compile(r"[A-Za-z0-9_]+"),
    allowed="letters, digits and '_'",
    judges_level=True,
)
ALIYUN: Final = Rules(
    identifier=re.compile(r"[A-Za-z0-9_]{1,50}"),
    allowed="1 to 50 letters, digits and '_'",
    reserved=frozenset(["set", "get", "post", "property", "event", "time", "value"]),
)
ONENET: Final = Rules(
    identifier=re.compile(r"[^$].*"),
    allowed="'$' at the beginning marks the platform's own",
    wants_all_outputs=True,
)


def faults(model: Model, rules: Rules) -> Sequence[Note]:
    """Find the identifiers of a device that the console cannot take, by the thing's names."""
    return [*_faults(model.features, rules), *_within(model.features, rules)]


def _within(features: Iterable[Feature], rules: Rules) -> Iterator[Note]:
    for row in features:
        spec = row.spec if row.spec is None or row.spec.item is None else row.spec.item
        members = () if spec is None else spec.members
        for items in (members, row.inputs, row.outputs):
            yield from _faults(items, rules)


def _faults(rows: Iterable[Feature | Item], rules: Rules) -> Iterator[Note]:
    """Judge rows that stand side by side, where each identifier may stand once."""
    owners: dict[str, str] = {}
    for row in rows:
        owner = owners.setdefault(row.identifier, row.name)
        reason = rules.fault(row.identifier)
        if owner != row.name:
            reason = f"{row.identifier!r} is the identifier of {owner} already"
        if reason is not None:
            yield Note(name=row.name, reason=reason)

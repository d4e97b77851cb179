"""A rule as a value: what must hold, for how long, when, and what is done then."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import time
from enum import StrEnum
from typing import Final

from agent.automation.doing import Doing
from agent.model import Value

MAX_TEXT: Final = 160
"""So many characters a rule has at most, as it is typed and as it is written out."""

MAX_CONDITIONS: Final = 4
MAX_DOINGS: Final = 4
MAX_FOR_S: Final = 7 * 86_400
REST_S: Final = 60
"""So long a rule rests after it has fired, where it says nothing else."""

HOUR_S: Final = 3600.0
MAX_PER_HOUR: Final = 12
"""A rule that has fired so often within an hour rests for the next one."""


class Op(StrEnum):
    """How a value is compared."""

    LESS = "<"
    AT_MOST = "<="
    MORE = ">"
    AT_LEAST = ">="
    EQUAL = "=="
    OTHER = "!="


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """A comparison of one value of the thing."""

    name: str
    op: Op
    value: Value


ORDERS: Final = frozenset({Op.LESS, Op.AT_MOST, Op.MORE, Op.AT_LEAST})


def implied_name(conditions: Sequence[Condition], op: Op) -> str:
    """Name the value that a comparison without a name is about: of the first like it, or else."""
    alike = (each.name for each in conditions if (each.op in ORDERS) is (op in ORDERS))
    return next(alike, conditions[0].name)


@dataclass(frozen=True, slots=True, kw_only=True)
class After:
    """What must have held, for so many seconds, since the rule was armed."""

    condition: Condition
    for_s: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Between:
    """A part of the local day; it may pass midnight."""

    start: time
    end: time

    def contains(self, moment: time) -> bool:
        """Tell whether *moment* is within; the end is not."""
        if self.start <= self.end:
            return self.start <= moment < self.end
        return moment >= self.start or moment < self.end


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """When all *conditions* have held for `for_s` seconds without a break, *doings* are done."""

    conditions: tuple[Condition, ...]
    doings: tuple[Doing, ...]
    for_s: int = 0
    after: After | None = None
    between: Between | None = None
    rest_s: int = REST_S

    @property
    def names(self) -> frozenset[str]:
        """Name the values that it reads."""
        named = {each.name for each in self.conditions}
        return frozenset(named | ({self.after.condition.name} if self.after else set()))

"""What a device kind gives, so that schedules and rules can act on it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import Field as DataclassField
from dataclasses import dataclass
from typing import Any, ClassVar, Generic, Protocol, TypeVar, runtime_checkable

from agent.automation.doing import Doing
from agent.automation.local_time import LocalTime
from agent.automation.rules.book import RuleBook
from agent.automation.schedules.plan import Plan, Timetable
from agent.devices.automated.causes import Cause, Doer
from agent.devices.effects import Effect
from agent.messages import Outcome
from agent.thing import Thing


class Automated(Protocol):
    """What a state holds of schedules and rules: a frozen dataclass with these fields.

    `local`: what `ClockTold` said last. `is_stopped`: the service has ended with nothing
    switched on, and nothing acts by itself any more.
    """

    __dataclass_fields__: ClassVar[dict[str, DataclassField[Any]]]

    @property
    def plan(self) -> Plan:
        """Its schedules beside the file's, and how far they were carried out."""
        ...

    @property
    def rules(self) -> RuleBook:
        """Its rules beside the file's, and what they remember."""
        ...

    @property
    def local(self) -> LocalTime:
        """The wall clock beside the monotonic one."""
        ...

    @property
    def is_stopped(self) -> bool:
        """Whether nothing acts by itself any more."""
        ...


S = TypeVar("S", bound=Automated)

Acted = tuple[S, Sequence[Effect], Cause | None]
"""The state after acting, what is to be told, and what has moved an output last."""

Done = tuple[S, Outcome, Sequence[Effect]]
"""The state after something was done, whether it was refused, and what is to be told."""


def _never(before: Automated, after: Automated) -> bool:
    del before, after
    return False


def _is_stopped(state: Automated) -> bool:
    return state.is_stopped


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor(Generic[S]):
    """How one device acts by itself: what it has, what its file says, and how it is done."""

    device: str
    """Its id: no two devices move their random runs alike."""
    thing: Thing[S]
    timetable: Timetable
    rules: Mapping[str, str]
    """Those of its file, texts by name."""
    carry_out: Callable[[S, Doing, Doer, float], Done[S]]
    """(state, doing, who, now): do it as a command is done, with the same checks, or refuse.

    What is refused has changed nothing. It resets no trip.
    """
    has_moved: Callable[[S, S], bool]
    """(before, after): whether an output has moved."""
    owed: Callable[[S, S, Cause], S]
    """(before, after, cause) → after, with a note of who moved it, and of who made what waits."""
    switches_off: Callable[[S, Doing], bool]
    """Whether it can only switch off: what was missed may do no more, by default."""
    waits: Callable[[S, S], bool] = _never
    """(before, after): whether it is held back for now, as by `min_off_s`."""
    is_barred: Callable[[S], bool] = _is_stopped
    """Whether no rule may act: behind a trip, and once the service has stopped."""


@runtime_checkable
class Acts(Protocol):
    """A device that has schedules and rules."""

    @property
    def actor(self) -> Actor[Any]:
        """How it acts by itself."""
        ...

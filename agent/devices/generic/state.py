"""The state of a generic device: one frozen value."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from agent.automation.local_time import UNKNOWN as NO_TIME
from agent.automation.local_time import LocalTime
from agent.automation.rules.book import EMPTY as NO_RULES
from agent.automation.rules.book import RuleBook
from agent.automation.schedules.plan import EMPTY as NO_PLAN
from agent.automation.schedules.plan import Plan


class Unknown(StrEnum):
    """Why the value of a sensor is not known."""

    NEW = "not measured yet"
    WARMING = "warming up"
    LOST = "cannot be read"
    OUTSIDE = "outside its range"
    SILENT = "not heard of"


@dataclass(frozen=True, slots=True, kw_only=True)
class SensorState:
    """What one sensor says.

    `value` is None while it is not known, and `why` says why. `recent`: the good values that the
    filter looks at, the newest last. `ready_at`: the end of its warm-up. `heard_at`: when it gave
    anything last.
    """

    value: bool | int | float | None = None
    why: Unknown = Unknown.NEW
    recent: tuple[float, ...] = ()
    ready_at: float
    heard_at: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SwitchState:
    """Where one contact stands.

    `changed_at`: when it moved last. `closing_at`: a closing that `min_off_s` delays, and
    `closing_by` who asked for it. `stopped_at`: the end of the service opened a closed contact.
    """

    is_on: bool
    changed_at: float
    closing_at: float | None = None
    closing_by: str = ""
    stopped_at: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DimmerState:
    """Where one dimmer stands, in percent; `kept_level`: the end of the service put it out."""

    level: int
    kept_level: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """Everything that a generic device knows; times are monotonic seconds.

    `is_stopped`: the service has ended, and nothing acts by itself any more.
    """

    sensors: Mapping[str, SensorState] = field(default_factory=dict[str, SensorState])
    switches: Mapping[str, SwitchState] = field(default_factory=dict[str, SwitchState])
    dimmers: Mapping[str, DimmerState] = field(default_factory=dict[str, DimmerState])
    is_stopped: bool = False
    local: LocalTime = NO_TIME
    rules: RuleBook = NO_RULES
    plan: Plan = NO_PLAN

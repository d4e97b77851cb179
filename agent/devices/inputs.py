"""What enters a device: every input there is."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from agent.devices.effects import MAIN, Saved
from agent.messages import Command
from agent.model import Condition, Factors, Origin, Reading, StartCause
from agent.quick import quick


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What a start finds: what was kept and in what condition, and why the process starts.

    `is_held_on`: the relay's line was held closed all the while, so the contact did not move.
    `is_held_off`: it was held open, whatever was kept.
    """

    saved: Saved | None
    cause: StartCause
    condition: Condition = Condition.GOOD
    is_held_on: bool = False
    is_held_off: bool = False
    held: Mapping[str, bool] = field(default_factory=dict[str, bool])
    """The same by output, for a device with several: where each was held; absent: it was not."""


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """The meter gave a reading."""

    reading: Reading


@dataclass(frozen=True, slots=True, kw_only=True)
class Sensed:
    """A sensor gave a value, in its own unit before any scale; None: it cannot be read now."""

    sensor: str
    value: float | bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    """Time has passed: a deadline of the device may be due."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ButtonEdge:
    """The button went down or came up."""

    is_pressed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Toggle:
    """A person asks for the other position; it becomes on or off on arrival."""

    origin: Origin


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkChanged:
    """The link to a cloud came up or went down."""

    cloud: str
    is_up: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Heat:
    """The temperature of the socket, or of the processor; None: it cannot be read."""

    celsius: float | None
    is_cpu: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Dated:
    """A day has begun, in local time: 'YYYY-MM-DD'; only said while the clock is trusted."""

    day: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockTold:
    """The wall clock is monotonic seconds and `offset` (None: not trusted), in the zone `zone`."""

    offset: float | None
    zone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EditSchedule:
    """Somebody writes, removes (`text` is None) or only turns a schedule on or off.

    `is_enabled` None leaves that as it is; `removes` tells a removal from a mere turning.
    """

    name: str
    origin: Origin
    text: str | None = None
    is_enabled: bool | None = None
    removes: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class EditRule:
    """The same for a rule."""

    name: str
    origin: Origin
    text: str | None = None
    is_enabled: bool | None = None
    removes: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Identify:
    """Show a person which device this is, for so long; 0 ends it."""

    seconds: float
    origin: Origin


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What was saved with this total is on the disk."""

    total_mj: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RelayObeyed:
    """A contact that could not be driven before has moved at last."""

    on: bool
    output: str = MAIN


@dataclass(frozen=True, slots=True, kw_only=True)
class SetTotal:
    """A person sets the energy that is shown, in millijoules, and says why."""

    energy_mj: int
    reason: str
    origin: Origin


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibrate:
    """A person gives the meter new factors, or takes the last ones back (`factors` is None).

    `made_from`: what was measured and what the reference meters said, by name.
    """

    factors: Factors | None
    made_from: Mapping[str, float]
    origin: Origin
    wall_time: float | None


Input = (
    Measured
    | Sensed
    | Tick
    | ButtonEdge
    | Toggle
    | Command
    | LinkChanged
    | Heat
    | Dated
    | Kept
    | RelayObeyed
    | SetTotal
    | Calibrate
    | ClockTold
    | EditSchedule
    | EditRule
    | Identify
)

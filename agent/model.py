"""The values that every layer shares."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum

from agent.quick import quick

Value = bool | int | float | str
"""One value of a thing's property, in neutral form (no platform's wire form)."""

Values = Mapping[str, Value]
"""Values by the thing's own names; a name that is not known is absent."""

Snapshot = Mapping[str, Value | None]
"""Every property of a thing; `None` is one whose value is not known now."""

COUNTER_MODULUS = 1 << 17
"""The pulse counter wraps here: 16 bits and the overflow toggle (HLW8032 manual, page 16)."""


COUNTED_HERE = -1
"""The first number of a `Reading.chip` whose counter lives in its driver: such a counter begins
at 0 with every opening, and the second number tells one opening from another."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Color:
    """A colour for a light, 0–255 each."""

    red: int
    green: int
    blue: int


BLACK = Color(red=0, green=0, blue=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Light:
    """The light at one moment, and when it changes next by itself (None: not before an input)."""

    color: Color
    until: float | None = None


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class Register:
    """What one measuring register of the meter says in one frame, before any judgement.

    `raw` tells a refresh from a repetition. `value` is in SI units: 0.0 where the chip says
    'near zero', None where the register gives no quantity at all. `is_updated` is the chip's
    own update bit.
    """

    raw: int
    value: float | None
    is_updated: bool


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One frame of the meter that passed state, check byte, checksum and parameters.

    `voltage_v`, `current_a` and `power_w` are fit to be published (None: not known yet);
    the three registers are the bare evidence that protection judges. `pulses` counts modulo
    `modulus`, a multiple of `COUNTER_MODULUS`; one pulse is `pulse_pj` picojoules. `chip` tells
    one meter from another.
    """

    voltage_v: float | None
    current_a: float | None
    power_w: float | None
    pulses: int
    pulse_pj: int
    voltage: Register
    current: Register
    power: Register
    chip: tuple[int, ...] = ()
    modulus: int = field(default=COUNTER_MODULUS, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Factors:
    """What multiplies a meter's configured coefficients; all 1.0: as configured.

    `power` is that of energy too: both come from the same pulses.
    """

    voltage: float = 1.0
    current: float = 1.0
    power: float = 1.0


class Trust(IntEnum):
    """How far a wall time is trusted, by who vouches for it; more is better."""

    UNKNOWN = 0
    PLAUSIBLE = 1
    """Nobody keeps the clock, and it is later than this release."""
    PLATFORM = 2
    """A cloud's platform has told the time."""
    SYNCHRONISED = 3
    """Who keeps the clock says that it is right, or the configuration does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stamp:
    """One moment: seconds since the machine booted, and Unix seconds (None: not known)."""

    at: float
    wall_time: float | None
    trust: Trust


class OriginKind(StrEnum):
    """Where a command came from; a person stands at `LOCAL` and `BUTTON`."""

    CLOUD = "cloud"
    LOCAL = "local"
    BUTTON = "button"
    AGENT = "agent"


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Who asked: the kind, and the cloud's or user's name."""

    kind: OriginKind
    name: str


class StartCause(StrEnum):
    """Why the process starts now."""

    FIRST = "first"
    RESTART = "restart"
    CRASH = "crash"
    UPDATE = "update"
    REBOOT = "reboot"
    POWER_LOSS = "power_loss"


class Condition(StrEnum):
    """In what condition the kept state of a device was found."""

    NEW = "new"
    """Nothing was ever kept."""
    GOOD = "good"
    OLDER = "older"
    """The newest of two generations was damaged; the one before it is used."""
    SALVAGED = "salvaged"
    """Read out of a damaged file."""
    RESTORED = "restored"
    """Put in place of another by a person, and not taken over by a run since."""
    LOST = "lost"
    """A damaged file, or one that cannot be read, held nothing of the device."""

"""The state of a socket: one frozen value."""

from dataclasses import dataclass, field

from agent.devices.socket.calibration import Calibration
from agent.devices.socket.energy import Energy
from agent.devices.socket.evidence import Evidence


@dataclass(frozen=True, slots=True, kw_only=True)
class Trip:
    """Why protection opened the relay: what was measured, against which limit, for how long."""

    cause: str
    value: float
    limit: float
    duration_s: float
    evidence: str
    at: float

    def describe(self) -> str:
        """Say it as a person reads it: 'overcurrent 7.3 A'."""
        unit = _UNITS.get(self.cause, "")
        return f"{self.cause} {self.value:.1f} {unit}".rstrip() if unit else self.cause


_UNITS = {"overcurrent": "A", "overpower": "W", "overvoltage": "V", "overtemperature": "°C"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Metering:
    """What the meter says now; a value is None while it is not known."""

    readings: int = 0
    last_at: float | None = None
    voltage_v: float | None = None
    current_a: float | None = None
    power_w: float | None = None
    is_silent: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What the store was given last, to tell when it must be given more."""

    total_mj: int = 0
    at: float = float("-inf")


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """Everything that a socket knows.

    Times are monotonic seconds. `closing_at`: a closing that `min_off_s` delays.
    `resets`: when a cloud reset a trip, within the last hour.
    """

    relay_on: bool
    changed_at: float
    closing_at: float | None = None
    trip: Trip | None = None
    resets: tuple[float, ...] = ()
    countdown_at: float | None = None
    metering: Metering = Metering()
    evidence: Evidence = field(default_factory=Evidence)
    energy: Energy = field(default_factory=Energy)
    energy_base_mj: int = 0
    calibrations: tuple[Calibration, ...] = ()
    links_up: frozenset[str] = frozenset()
    pressed_at: float | None = None
    kept: Kept = Kept()

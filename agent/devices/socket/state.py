"""The state of a socket: one frozen value."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from agent.automation.local_time import UNKNOWN as NO_TIME
from agent.automation.local_time import LocalTime
from agent.automation.rules.book import EMPTY as NO_RULES
from agent.automation.rules.book import RuleBook
from agent.automation.schedules.plan import EMPTY as NO_PLAN
from agent.automation.schedules.plan import Plan
from agent.devices.button import AWAY, Finger
from agent.devices.effects import SetRelay
from agent.devices.socket.books import UNDATED, Books
from agent.devices.socket.calibration import Calibration
from agent.devices.socket.contact import UNMOVED, ContactWatch, FaultName
from agent.devices.socket.energy import Energy
from agent.devices.socket.evidence import Evidence
from agent.devices.socket.heat import UNKNOWN, Warmth
from agent.devices.socket.moment import Age
from agent.devices.socket.voltage import CALM, VoltageWatch
from agent.messages import Refusal
from agent.model import Values
from agent.quick import quick


@dataclass(frozen=True, slots=True, kw_only=True)
class Trip:
    """Why protection opened the relay: what was measured, against which limit, for how long."""

    cause: str
    value: float
    limit: float
    duration_s: float
    evidence: str
    at: float
    rule: str = ""

    def describe(self) -> str:
        """Say it as a person reads it: 'overcurrent 7.3 A'."""
        unit = _UNITS.get(self.cause, "")
        return f"{self.cause} {self.value:.1f} {unit}".rstrip() if unit else self.cause


_UNITS = {"overcurrent": "A", "overpower": "W", "overvoltage": "V", "overtemperature": "°C"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Who asked for what happens later, and with which request ('' where it had no id)."""

    by: str
    request: str = ""


@quick
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
class Handed:
    """What the store was handed last, to tell when it must be given more."""

    total_mj: int = 0
    buckets: tuple[float, ...] = ()
    at: float = float("-inf")


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """Everything that a socket knows.

    Times are monotonic seconds. `changed_at`: when the contact moved last. `closing_at`: a
    closing that `min_off_s` delays. `stopped_at`: the end of the service opened a closed
    contact. `resets`: when a cloud reset a trip, within the last hour. `countdown_closes`: it
    may switch on; one that a stored command set may not where `accept_stored_on` forbids it.
    `countdown_to`: where it ends, on or off; None: it flips.
    `countdown_by` and `closing_by`: who asked for them. `limit_a`: a current limit of a person's
    own, never above the rating. `child_lock_set`: what somebody has set it to; None: as in the
    settings. `is_stopped`: the service has ended with an open contact, which nothing closes by
    itself any more. `refused_until`, `find_until`, `provisioning_until`, `reset_until`: until
    when the light says so. `noticed_at`: when the button told an event last. `fault`: the contact
    does not obey. `published_mj`: the total that is safe on the disk; no other is published, so
    that a power cut takes back nothing that was told.
    """

    relay_on: bool
    changed_at: float
    closing_at: float | None = None
    stopped_at: float | None = None
    is_stopped: bool = False
    trip: Trip | None = None
    resets: tuple[float, ...] = ()
    countdown_at: float | None = None
    countdown_closes: bool = True
    countdown_to: bool | None = None
    countdown_by: Asked | None = None
    closing_by: Asked | None = None
    limit_a: float | None = None
    metering: Metering = Metering()
    evidence: Evidence = field(default_factory=Evidence)
    voltage: VoltageWatch = CALM
    contact: ContactWatch = UNMOVED
    fault: FaultName | None = None
    warmth: Warmth = UNKNOWN
    is_overloaded: bool = False
    energy: Energy = field(default_factory=Energy)
    energy_base_mj: int = 0
    published_mj: int = 0
    calibrations: tuple[Calibration, ...] = ()
    books: Books = UNDATED
    links_up: frozenset[str] = frozenset()
    finger: Finger = AWAY
    child_lock: bool = False
    child_lock_set: bool | None = None
    refused_until: float | None = None
    provisioning_until: float | None = None
    reset_until: float | None = None
    noticed_at: float | None = None
    local: LocalTime = NO_TIME
    find_until: float | None = None
    rules: RuleBook = NO_RULES
    plan: Plan = NO_PLAN
    handed: Handed = Handed()

    # What a device of several contacts behind one meter has otherwise (`agent.devices.strip`).

    @property
    def waits_until(self) -> float | None:
        """When the next closing is due that `min_off_s` delays."""
        return self.closing_at

    def may_close_at(self, min_off_s: float) -> float:
        """Tell from when on `min_off_s` lets it close."""
        return self.changed_at + min_off_s

    def age(self, now: float) -> Age:
        """Tell how long the contact has been closed, and the load been what it is."""
        closed_s = now - self.changed_at
        return Age(closed_s=closed_s, grown_s=closed_s)

    def taken(self, values: Values) -> "tuple[State, Values] | Refusal":
        """Take of *values* what is about single contacts; the others are left."""
        return self, values

    def asks_otherwise(self, before: "State") -> bool:
        """Tell whether contacts shall stand otherwise than *before*."""
        return self.relay_on is not before.relay_on

    def settled(self, now: float) -> "State":
        """Put every contact where it shall stand by now."""
        del now
        return self

    def moves(self, before: "State") -> tuple[SetRelay, ...]:
        """Tell which contacts have moved."""
        return () if self.relay_on is before.relay_on else (SetRelay(on=self.relay_on),)

    def also_kept(self) -> Mapping[str, object]:
        """Tell what is kept on disk beside what a socket keeps."""
        return {}

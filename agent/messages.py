"""Neutral thing-model messages: what passes between devices and clouds, free of any wire form."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from agent.model import Origin, Trust, Value, Values

# ── up: from the device to a cloud ──────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True, kw_only=True)
class PropertyReport:
    """Values measured at `wall_time` (Unix seconds; None: the clock was not trusted).

    `at` is the same moment in seconds since the machine booted, from which a wall time that was
    not trusted is found later; `trust` is how far this one was. `is_change`: it tells of more
    than measured values. `retold` names those of them that are told again only because they are
    due by age: whoever is told everything at the next connect misses nothing without them.
    `unknown` names what nobody knew at that moment, for a cloud that has a form for it.
    """

    values: Values
    wall_time: float | None
    at: float | None = field(default=None, compare=False)
    trust: Trust = field(default=Trust.UNKNOWN, compare=False)
    is_change: bool = field(default=False, compare=False)
    retold: frozenset[str] = field(default=frozenset(), compare=False)
    unknown: frozenset[str] = field(
        default=frozenset(), compare=False, metadata={"is_recorded": False}
    )

    def news(self) -> "PropertyReport | None":
        """Leave out what is told again though it was not measured; None: that is all there is."""
        if not self.retold:
            return self
        values = {name: value for name, value in self.values.items() if name not in self.retold}
        return replace(self, values=values, retold=frozenset()) if values else None


@dataclass(frozen=True, slots=True, kw_only=True)
class EventReport:
    """One event of the thing, raised at `wall_time`; `at` and `trust` are as in a report."""

    name: str
    values: Values
    wall_time: float | None
    at: float | None = field(default=None, compare=False)
    trust: Trust = field(default=Trust.UNKNOWN, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class InfoReport:
    """Facts about this agent and machine that a platform shows to its user.

    `gone` names what the device's thing had once and has no more.
    """

    facts: Mapping[str, str]
    gone: tuple[str, ...] = field(default=(), compare=False)


Report = PropertyReport | EventReport
"""What has a moment at which it was so."""

Uplink = Report | InfoReport
"""What the outbox holds and a codec encodes."""

# ── down: from a cloud to the device ────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True, kw_only=True)
class PropertySet:
    """A request to set values. `is_live` is false for one that the platform had stored.

    `ends_in` says where a countdown that is set ends, on or off; None: it flips the switch.
    `context`, here and below, is its codec's own note about how to answer; nobody else reads it.
    An empty `request_id` is of a platform that gives none: such a request is never a repetition.
    """

    request_id: str
    values: Values
    is_live: bool = True
    ends_in: bool | None = None
    context: object = field(default=None, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class PropertyToggle:
    """A request to turn a switch over; what that means is decided when it arrives."""

    request_id: str
    name: str
    context: object = field(default=None, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionCall:
    """A request to perform an action of the thing."""

    request_id: str
    name: str
    values: Values
    is_live: bool = True
    context: object = field(default=None, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class PropertyGet:
    """A request to tell values; a name that means nothing here is left out of the answer."""

    request_id: str
    names: tuple[str, ...]
    context: object = field(default=None, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class BadRequest:
    """A request that names itself but cannot be obeyed; it is answered and changes nothing."""

    request_id: str
    refusal: "Refusal"
    context: object = field(default=None, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ack:
    """The platform's reply to a message of ours; a refusal is final and never repeated.

    `kind` says in neutral words why it was refused, where the platform's code tells. `ignored`
    names the properties of an accepted report that the platform says it did not take.
    """

    message_id: str
    is_accepted: bool
    code: int = 0
    reason: str = ""
    kind: "RefusalKind | None" = None
    ignored: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ResyncAnswer:
    """The platform's answer to the resync dialogue; `stored` is a command it kept for us."""

    message_id: str
    stored: PropertySet | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeAnswer:
    """The platform's clock: server receive and send times, Unix seconds."""

    server_received: float
    server_sent: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Newcomer:
    """Somebody listens from now on who has heard nothing yet: facts and values are told again."""

    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """Something the platform tells, such as 'unbound by the user'; some want an answer."""

    name: str
    text: str = ""
    request_id: str = ""
    context: object = field(default=None, compare=False)


Request = PropertySet | ActionCall
"""What enters a device."""

Answerable = Request | PropertyToggle | PropertyGet | BadRequest | Notice
"""What a codec may answer."""

Downlink = Answerable | Ack | ResyncAnswer | TimeAnswer | Newcomer

# ── answers ─────────────────────────────────────────────────────────────────────────────────


class RefusalKind(StrEnum):
    """Why a request is refused; each codec knows its platform's code for each kind."""

    MALFORMED = "malformed"
    UNKNOWN_NAME = "unknown_name"
    READ_ONLY = "read_only"
    WRONG_TYPE = "wrong_type"
    OUT_OF_RANGE = "out_of_range"
    NOT_ALLOWED = "not_allowed"
    TRIPPED = "tripped"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """A refused request: the kind, and a reason that a person understands."""

    kind: RefusalKind
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of a request: done (`refusal` is None) or refused whole.

    `values` holds an action's output, or what stands of the properties that a refused request
    would have set. `is_repeat` says that this request had been answered before and was not
    executed again, `is_forbidden` that its cloud has no right to ask for it.
    """

    refusal: Refusal | None = None
    values: Values = field(default_factory=dict[str, Value])
    is_repeat: bool = False
    is_forbidden: bool = False


DONE = Outcome()


def refused(kind: RefusalKind, reason: str) -> Outcome:
    """Make the outcome of a request that is refused whole."""
    return Outcome(refusal=Refusal(kind=kind, reason=reason))


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """A request with its origin, as it enters the device."""

    origin: Origin
    request: Request

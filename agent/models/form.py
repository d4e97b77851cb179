"""One form for the thing models of all consoles: rows, and the types of their values."""

from dataclasses import dataclass
from enum import StrEnum

from agent.errors import AgentError


class ModelError(AgentError):
    """A file is no thing model of its console: the text says where, what, and what is allowed."""


class FeatureKind(StrEnum):
    """What a model is made of; Tencent calls a service an action."""

    PROPERTY = "property"
    EVENT = "event"
    SERVICE = "service"


class ValueType(StrEnum):
    """The types that consoles have between them."""

    BOOL = "bool"
    INT = "int"
    LONG = "long"
    FLOAT = "float"
    DOUBLE = "double"
    TEXT = "text"
    ENUM = "enum"
    TEXT_ENUM = "text enum"
    DATE = "date"
    STRUCT = "struct"
    ARRAY = "array"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class Title:
    """A name for people."""

    zh: str
    en: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One value of a bool or an enum, as a text, and its name for people."""

    key: str
    title: Title


@dataclass(frozen=True, slots=True, kw_only=True)
class Spec:
    """The type of a value and its bounds (a text's are its length); None: it is not said.

    An array's `maximum` is how many elements it has, each like `item`.
    """

    type: ValueType
    label: str = ""
    """The console's own word for the type."""
    minimum: float | None = None
    maximum: float | None = None
    step: float | None = None
    unit: str | None = None
    """The symbol: `kWh`; empty for a number without unit."""
    choices: tuple[Choice, ...] = ()
    members: tuple["Item", ...] = ()
    item: "Spec | None" = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One named value: a member of a struct, a parameter of an event or a service.

    `name` is the thing's own ('trip.cause'), empty in what was read from a console.
    """

    name: str = ""
    identifier: str
    title: Title
    spec: Spec


@dataclass(frozen=True, slots=True, kw_only=True)
class Feature:
    """One row of a model. A property has a spec; events have outputs, services both."""

    kind: FeatureKind
    name: str = ""
    identifier: str
    title: Title
    spec: Spec | None = None
    is_writable: bool | None = None
    is_required: bool = False
    level: str | None = None
    """An event's type, in the console's word."""
    call: str | None = None
    """A service's `sync` or `async`."""
    inputs: tuple[Item, ...] = ()
    outputs: tuple[Item, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """What a cloud's model cannot say of a thing, and why."""

    name: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """A thing model. `told`: the kinds it speaks of at all; a simple export leaves some out.

    `is_custom`: it is of no category that the console has a standard model for.
    """

    cloud: str
    product: str = ""
    features: tuple[Feature, ...]
    told: frozenset[FeatureKind] = frozenset(FeatureKind)
    notes: tuple[Note, ...] = ()
    is_custom: bool = False

    def of(self, kind: FeatureKind) -> tuple[Feature, ...]:
        """List the rows of a kind."""
        return tuple(row for row in self.features if row.kind is kind)

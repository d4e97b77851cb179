"""The thing's names and values in Tencent's wire form, both ways."""

import math
from collections.abc import Iterable, Mapping
from typing import Final

from agent.errors import ConfigError
from agent.messages import Refusal, RefusalKind
from agent.model import Value, Values
from agent.thing import Field, Kind

DEFAULT_IDS: Final[Mapping[str, str]] = {"total_energy": "total_kwh", "trip": "status_report"}
"""Thing name → identifier of the reference socket's template, where the two differ."""

UNLISTED: Final = frozenset({"current_limit"})
"""What the reference template lacks: it goes over the wire only where `rename` names it."""

MODULUS: Final[Mapping[str, int]] = {"total_energy": 10_000}
"""The template's counter starts again here; the true total goes on in the device."""

WireValue = int | float | str


class Names:
    """Identifiers on the wire for the names of a thing, and back."""

    def __init__(self, names: Iterable[str], rename: Mapping[str, str]) -> None:
        known = sorted(names)
        for name in rename:
            if name not in known:
                raise ConfigError(
                    f"clouds.tencent.rename: this device has nothing named {name!r};"
                    f" what can be renamed: {', '.join(known)}"
                )
        self._ids = {name: rename.get(name, _default_id(name)) for name in known}
        self._unlisted = UNLISTED - rename.keys()
        self._names = {
            wire_id: name
            for name, wire_id in self._ids.items()
            if "." not in name and name not in self._unlisted
        }
        self._refuse_collisions()

    def _refuse_collisions(self) -> None:
        for name, wire_id in self._ids.items():
            other = self._names.get(wire_id, name)
            if "." not in name and other != name:
                raise ConfigError(
                    f"clouds.tencent.rename: {name} and {other} would both be {wire_id!r} on the"
                    " wire; give one of them another identifier"
                )

    def is_listed(self, name: str) -> bool:
        """Tell whether the product's template has a property of that name."""
        return name not in self._unlisted

    def wire_id(self, name: str) -> str:
        """Name a property, event, action, or 'event.parameter' on the wire."""
        return self._ids.get(name) or _default_id(name)

    def name(self, wire_id: str) -> str | None:
        """Find the thing's name; None where the identifier means nothing to this product.

        An identifier that nobody knows keeps its own name, so that the thing refuses it with
        a list of what it has; one that is a thing's name but was renamed must not slip through.
        """
        name = self._names.get(wire_id)
        if name is None and wire_id not in self._ids:
            return wire_id
        return name


def _default_id(name: str) -> str:
    return DEFAULT_IDS.get(name, name.rpartition(".")[2])


def to_wire(value: Value, field: Field | None = None) -> WireValue | None:
    """Put a value into wire form: bool as 0/1, floats at their field's step; None: unknown."""
    if isinstance(value, bool):
        return int(value)
    if not isinstance(value, float):
        return value
    if not math.isfinite(value):
        return None
    rounded = round(value, _digits(field))
    modulus = MODULUS.get(field.name) if field is not None else None
    return rounded if modulus is None else round(rounded % modulus, _digits(field))


def from_wire(value: object, kind: Kind | None) -> Value | None:
    """Take a JSON value for a field of *kind*; None where no field could take it.

    The platform writes a bool as 0 or 1; true and false mean the same to everyone and are
    accepted too. 600.0 is the whole number 600. Everything else keeps its type, so that the
    thing table refuses it with its own words.
    """
    if not isinstance(value, bool | int | float | str):
        return None
    if isinstance(value, str):
        return value
    if kind is Kind.BOOL and value in (0, 1):
        return bool(value)
    if kind is Kind.INT and isinstance(value, float) and value.is_integer():
        return int(value) if abs(value) < _EXACT else value
    return value


def take_values(
    params: Mapping[str, object], names: Mapping[str, str | None], kinds: Mapping[str, Kind]
) -> Values | Refusal:
    """Take the parameters of a request; a refusal where one cannot even be a value."""
    values: dict[str, Value] = {}
    for wire_id, raw in params.items():
        name = names[wire_id]
        if name is None:
            reason = f"nothing is called {wire_id:.80} in this product"
            return Refusal(kind=RefusalKind.UNKNOWN_NAME, reason=reason)
        value = from_wire(raw, kinds.get(name))
        if value is None:
            reason = f"{wire_id:.80} takes one number or text, not {_SHAPES.get(type(raw), 'this')}"
            return Refusal(kind=RefusalKind.WRONG_TYPE, reason=reason)
        values[name] = value
    return values


_EXACT = 2**53
_SHAPES: Final[Mapping[type, str]] = {dict: "an object", list: "a list", type(None): "null"}


def _digits(field: Field | None) -> int:
    if field is None or not 0 < field.step < 1:
        return 6
    return -math.floor(math.log10(field.step))

"""The types that only OneNET writes so on the wire."""

from dataclasses import dataclass

from agent.emulator.json_text import as_list
from agent.emulator.values import Json
from agent.emulator.wiretypes import WireType, shown


@dataclass(frozen=True, slots=True)
class TrueFalse:
    """`true` or `false`; 0 and 1 are not taken."""

    def fault(self, value: Json) -> str | None:
        """Judge one value."""
        return None if isinstance(value, bool) else f"{shown(value)} is not true or false"


@dataclass(frozen=True, slots=True, kw_only=True)
class BoundedArray:
    """At most `length` elements of one type."""

    element: WireType
    length: int

    def fault(self, value: Json) -> str | None:
        """Judge one value."""
        found = as_list(value)
        if found is None:
            return f"{shown(value)} is not an array"
        if len(found) > self.length:
            return f"an array of {len(found)} elements, not at most {self.length}"
        reasons = (self.element.fault(element) for element in found)
        return next((reason for reason in reasons if reason is not None), None)

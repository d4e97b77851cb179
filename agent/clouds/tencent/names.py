"""The thing's names and values in Tencent's wire form."""

import math
from collections.abc import Mapping
from typing import Final

from agent.clouds.names import Dialect, rounded
from agent.model import Value
from agent.thing import Field

DIALECT: Final = Dialect(
    cloud="tencent",
    ids={"total_energy": "total_kwh", "trip": "status_report"},
    unlisted=frozenset({"current_limit", "count_down_to", "timers", "child_lock"}),
)
"""The reference socket's template."""

MODULUS: Final[Mapping[str, int]] = {"total_energy": 10_000}
"""The template's counter starts again here; the true total goes on in the device."""

WireValue = int | float | str


def to_wire(value: Value, field: Field | None = None) -> WireValue | None:
    """Put a value into wire form: bool as 0/1, floats at their field's step; None: unknown."""
    if isinstance(value, bool):
        return int(value)
    if not isinstance(value, float):
        return value
    if not math.isfinite(value):
        return None
    near = rounded(value, field)
    modulus = MODULUS.get(field.name) if field is not None else None
    return near if modulus is None else rounded(near % modulus, field)

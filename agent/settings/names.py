"""The names that a configuration may use, and the nearest one to a wrong one."""

import difflib
from collections.abc import Callable, Sequence
from typing import Annotated, Final

from pydantic import AfterValidator
from pydantic_core import PydanticCustomError

CLOUDS: Final = ("tencent", "aliyun", "onenet", "homeassistant")

REPORTED: Final = (
    "voltage",
    "current",
    "active_power",
    "apparent_power",
    "power_factor",
    "total_energy",
)
"""Properties with a reportable change; the others are switches and times, always due."""

THING_NAMES: Final = (
    "power_switch",
    *REPORTED,
    "count_down",
    "count_down.is_running",
    "count_down.time_left",
    "count_down.power_switch",
    "count_down.timestamp",
    "count_down_to",
    "count_down_list",
    "count_down_list.target",
    "count_down_list.contents",
    "timers",
    "timers.timer",
    "timers.enable",
    "timers.is_valid",
    "timers.power_switch",
    "timers.targets",
    "timers.timezone_offset",
    "current_limit",
    "child_lock",
    "trip",
    "trip.status",
    "trip.message",
    "trip.cause",
    "trip.value",
    "trip.limit",
    "trip.duration_s",
    "trip.overcurrent",
    "trip.overcurrent.value",
    "trip.overcurrent.limit",
    "trip.overcurrent.state",
    "low_voltage",
    "low_voltage.voltage",
    "hardware_fault",
    "hardware_fault.name",
    "hardware_fault.error_code",
    "notice",
    "notice.name",
    "notice.text",
    "reset_energy",
)
"""Every property, event and action of a socket, and the parts that some have on a wire."""


def nearest(name: str, known: Sequence[str], cutoff: float = 0.6) -> str:
    """Give a hint that names what was probably meant, or an empty text."""
    begun = [each for each in known if len(name) > 2 and each.startswith(name)]
    found = begun if len(begun) == 1 else difflib.get_close_matches(name, known, n=1, cutoff=cutoff)
    found = found or [each for each in known if each.casefold() == name.casefold()]
    return f"did you mean {found[0]!r}?" if found else ""


def _one_of(known: tuple[str, ...]) -> Callable[[str], str]:
    def check(name: str) -> str:
        if name not in known:
            context = {"allowed": " | ".join(known), "hint": nearest(name, known)}
            raise PydanticCustomError("unknown_name", "not a name of the thing", context)
        return name

    return check


ReportedName = Annotated[str, AfterValidator(_one_of(REPORTED))]

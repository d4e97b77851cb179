"""The thing's names and single values in Aliyun's wire form."""

import math
from collections.abc import Mapping, Sequence
from typing import Any, Final

from agent.clouds.names import Dialect, Names, names_of, rounded
from agent.errors import SettingError
from agent.model import Value
from agent.settings.reserved import ALIYUN
from agent.thing import Field, Kind, Thing

COUNT_DOWN: Final = "count_down"
COUNT_DOWN_PARTS: Final = tuple(
    f"{COUNT_DOWN}.{part}" for part in ("is_running", "time_left", "power_switch", "timestamp")
)
COUNT_DOWN_LIST: Final = "count_down_list"
"""The same countdown in the platform's other form; no property of the thing."""
COUNT_DOWN_LIST_PARTS: Final = tuple(f"{COUNT_DOWN_LIST}.{part}" for part in ("target", "contents"))
TIMERS: Final = "timers"
TIMERS_PARTS: Final = tuple(
    f"{TIMERS}.{part}"
    for part in ("timer", "enable", "is_valid", "power_switch", "targets", "timezone_offset")
)
TRIP: Final = "trip"
OVERCURRENT: Final = "trip.overcurrent"
OVERCURRENT_PARTS: Final = tuple(f"{OVERCURRENT}.{part}" for part in ("value", "limit", "state"))

DIALECT: Final = Dialect(
    cloud="aliyun",
    ids={
        "power_switch": "PowerSwitch",
        **{f"power_switch_{number}": f"PowerSwitch_{number}" for number in range(1, 9)},
        "voltage": "CurrentVoltage",
        "current": "Current",
        "active_power": "RealTimePower",
        "apparent_power": "ApparentPower",
        "power_factor": "PowerFactor",
        "total_energy": "PowerConsumption",
        "current_limit": "OverCurrentThreshold",
        "count_down": "CountDown",
        "count_down.is_running": "IsRunning",
        "count_down.time_left": "TimeLeft",
        "count_down.power_switch": "PowerSwitch",
        "count_down.timestamp": "Timestamp",
        "count_down_list": "CountDownList",
        "count_down_list.target": "Target",
        "count_down_list.contents": "Contents",
        "timers": "LocalTimer",
        "timers.timer": "Timer",
        "timers.enable": "Enable",
        "timers.is_valid": "IsValid",
        "timers.power_switch": "PowerSwitch",
        "timers.targets": "Targets",
        "timers.timezone_offset": "TimezoneOffset",
        "trip": "Trip",
        "trip.cause": "Cause",
        "trip.value": "Value",
        "trip.limit": "Limit",
        "trip.duration_s": "Duration",
        "trip.overcurrent": "OverCurrent",
        "trip.overcurrent.value": "Current",
        "trip.overcurrent.limit": "Threshold",
        "trip.overcurrent.state": "TripState",
        "low_voltage": "LowVoltage",
        "low_voltage.voltage": "Voltage",
        "hardware_fault": "HardwareFault",
        "hardware_fault.name": "Name",
        "hardware_fault.error_code": "ErrorCode",
        "notice": "Notice",
        "notice.name": "Name",
        "notice.text": "Text",
        "reset_energy": "ResetEnergy",
    },
    unlisted=frozenset({"count_down_to", "child_lock"}),
)
"""The platform's standard identifiers of a socket, and own ones where it has none."""

SUM: Final = "unit_power_consumption"
SUM_ID: Final = "UnitPowerConsumption"
"""The platform's own name of the energy that it sums; nothing of the thing has this value."""

_TOO_LARGE: Final = 1e15
_DIGITS: Final = 4

WireStruct = Mapping[str, int | float | str]
WireValue = int | float | str | WireStruct | Sequence[WireStruct]


def to_wire(value: Value, field: Field | None = None) -> int | float | str | None:
    """Put a value into wire form; None: unknown.

    A bool is 0 or 1. A float is written with a decimal point and without an exponent, which
    JSON gives it from 0.0001 up to 1e15.
    """
    if isinstance(value, bool):
        return int(value)
    is_float = field is not None and field.kind is Kind.FLOAT
    if isinstance(value, str) or (isinstance(value, int) and not is_float):
        return value
    if not math.isfinite(value) or abs(value) >= _TOO_LARGE:
        return None
    return round(rounded(float(value), field), _DIGITS) + 0.0


_LIST: Final = (COUNT_DOWN_LIST, *COUNT_DOWN_LIST_PARTS)


def make_names(thing: Thing[Any], rename: Mapping[str, str]) -> Names:
    """Name the thing and the parts that some of it has on this wire; raise `ConfigError`."""
    own = names_of(thing)
    parts = [
        *((*COUNT_DOWN_PARTS, *_LIST) if COUNT_DOWN in own else ()),
        *(TIMERS_PARTS if TIMERS in own else ()),
        *((OVERCURRENT, *OVERCURRENT_PARTS) if TRIP in own else ()),
    ]
    return Names([*own, *parts], rename, DIALECT.of(thing))


def refuse_second_sum(names: Names) -> None:
    """Raise `SettingError` where another value has the identifier of the energy that is summed."""
    other = names.name(SUM_ID)
    if other != SUM_ID:
        raise SettingError(
            "clouds.aliyun.rename",
            found=f"that {other} would be {SUM_ID!r}, which {SUM} = true tells already",
            allowed="an identifier of its own for each",
        )


def refuse_reserved(names: Names, thing: Thing[Any]) -> None:
    """Raise `SettingError` where a property has an identifier that the platform keeps for itself.

    Of a thing that is verbatim these are its owner's names, which nothing else has checked.
    """
    for row in thing.properties:
        if names.wire_id(row.field.name) in ALIYUN:
            raise SettingError(
                "clouds.aliyun.rename",
                found=f"nothing for {row.field.name}, which is reserved as an identifier there",
                allowed=f'{row.field.name} = "…", or another name for it in [device]; reserved are'
                f" {', '.join(sorted(ALIYUN))}",
            )

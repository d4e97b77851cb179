"""Interim."""

from collections.abc import Sequence
from typing import Any, Final

from agent.clouds.names import Dialect, names_of
from agent.thing import Thing

ALIYUN: Final = Dialect(
    cloud="aliyun",
    ids={
        "power_switch": "PowerSwitch",
        "voltage": "CurrentVoltage",
        "current": "Current",
        "active_power": "RealTimePower",
        "apparent_power": "ApparentPower",
        "power_factor": "PowerFactor",
        "total_energy": "PowerConsumption",
        "count_down": "CountDown",
        "count_down.is_running": "IsRunning",
        "count_down.time_left": "TimeLeft",
        "count_down.power_switch": "PowerSwitch",
        "count_down.timestamp": "Timestamp",
        "current_limit": "OverCurrentThreshold",
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
        "reset_energy": "ResetEnergy",
    },
)
ONENET: Final = Dialect(cloud="onenet", unlisted=frozenset({"current_limit"}))


def aliyun_names(thing: Thing[Any]) -> Sequence[str]:
    parts = ("is_running", "time_left", "power_switch", "timestamp")
    return [
        *names_of(thing),
        *(f"count_down.{part}" for part in parts),
        "trip.overcurrent",
        *(f"trip.overcurrent.{part}" for part in ("value", "limit", "state")),
    ]

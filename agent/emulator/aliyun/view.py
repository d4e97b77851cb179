"""What the control API tells about a twin; the secret stays where it is."""

import math

from agent.emulator.aliyun.twin import Twin
from agent.emulator.aliyun.types import DataType, Flag, Real, Whole
from agent.emulator.values import Json
from agent.emulator.view import describe_history, describe_logins, describe_offer, describe_reports


def describe(twin: Twin) -> dict[str, Json]:
    """Describe one device in JSON."""
    return {
        **describe_reports(twin),
        "sums": dict(twin.sums),
        "history": describe_history(twin.history),
        "desired": {
            name: {"value": wanted.value, "version": wanted.version}
            for name, wanted in twin.desired.items()
        },
        "labels": dict(twin.labels),
        "standing": str(twin.standing),
        **describe_offer(twin.tsl.properties, _hint, twin.tsl.services),
        **describe_logins(twin),
    }


def _hint(kind: DataType) -> Json:
    """Tell a page how to offer a property; a limit that the TSL leaves open is left out."""
    match kind:
        case Flag():
            return {"type": "bool", "on": 1, "off": 0}
        case Real(minimum=minimum, maximum=maximum) | Whole(minimum=minimum, maximum=maximum):
            limits = {"min": minimum, "max": maximum}
            return {"type": "number", **{k: v for k, v in limits.items() if abs(v) < math.inf}}
        case _:
            return {"type": "other"}

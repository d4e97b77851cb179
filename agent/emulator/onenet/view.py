"""What the control API tells about a twin; the secrets stay where they are."""

import math

from agent.emulator.onenet.twin import Twin
from agent.emulator.onenet.wiretypes import TrueFalse
from agent.emulator.values import Json
from agent.emulator.view import describe_history, describe_logins, describe_offer, describe_reports
from agent.emulator.wiretypes import Number, WireType


def describe(twin: Twin) -> dict[str, Json]:
    """Describe one device with a thing model in JSON."""
    return {
        **describe_reports(twin),
        "history": describe_history(twin.history),
        "desired": {
            name: {"value": each.value, "version": each.version}
            for name, each in twin.desired.items()
        },
        **_common(twin),
    }


def describe_streams(twin: Twin) -> dict[str, Json]:
    """Describe one device with data streams in JSON: the last value of each is a property."""
    return {
        **describe_reports(twin),
        "desired": {},
        "points": twin.points,
        "stream_times": dict(twin.stream_times),
        **_common(twin),
    }


def _common(twin: Twin) -> dict[str, Json]:
    return {
        **describe_offer(twin.model.properties, _hint, twin.model.services),
        **describe_logins(twin),
    }


def _hint(kind: WireType) -> Json:
    """Tell a page how to offer a property."""
    if isinstance(kind, TrueFalse):
        return {"type": "bool", "on": True, "off": False}
    if isinstance(kind, Number) and math.isfinite(kind.maximum - kind.minimum):
        return {"type": "number", "min": kind.minimum, "max": kind.maximum}
    return {"type": "other"}

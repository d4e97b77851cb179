"""What the control API tells about a twin; the secret stays where it is."""

from agent.emulator.tencent.twin import Twin
from agent.emulator.values import Json
from agent.emulator.view import describe_logins, describe_offer, describe_reports
from agent.emulator.wiretypes import Bool, Number, WireType


def describe(twin: Twin) -> dict[str, Json]:
    """Describe one device in JSON."""
    return {
        **describe_reports(twin),
        "pending": twin.pending_values(),
        "info": dict(twin.info),
        "version": twin.version,
        **describe_offer(twin.template.properties, _hint, twin.template.actions),
        **describe_logins(twin),
    }


def _hint(kind: WireType) -> Json:
    """Tell a page how to offer a property."""
    if isinstance(kind, Bool):
        return {"type": "bool", "on": 1, "off": 0}
    if isinstance(kind, Number):
        return {"type": "number", "min": kind.minimum, "max": kind.maximum}
    return {"type": "other"}

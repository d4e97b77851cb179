"""What a person who watches the emulator is told of an uplink."""

from agent.emulator.onenet.twin import Twin
from agent.emulator.values import Noted


def refused(twin: Twin, topic: str, code: int, reason: str) -> Noted:
    """Tell that an uplink was refused, with the platform's own code."""
    facts: dict[str, str | int | float] = {"topic": topic, "code": code, "reason": reason}
    return Noted(event="uplink.refused", level="warning", device=twin.device, facts=facts)


def ignored(twin: Twin, topic: str, reason: str) -> Noted:
    """Tell that an uplink led to nothing."""
    facts = {"topic": topic, "reason": reason}
    return Noted(event="uplink.ignored", level="warning", device=twin.device, facts=facts)

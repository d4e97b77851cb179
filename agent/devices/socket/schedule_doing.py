"""What a schedule does, through the same checks as a command; it never resets a trip."""

from agent.automation.doing import Doing
from agent.devices.socket import doing as doings
from agent.devices.socket.doing import Done
from agent.devices.socket.state import State
from agent.messages import Outcome, RefusalKind, refused
from agent.model import Origin, OriginKind
from agent.settings.device import SocketSettings


def done(state: State, name: str, doing: Doing, settings: SocketSettings, now: float) -> Done:
    """Do it in the name of the schedule *name*."""
    said = f"schedule {name}"
    by = (Origin(kind=OriginKind.AGENT, name=said), said)
    after, outcome, notes = doings.done(state, doing, by, settings, now)
    return after, _said(state, outcome), notes


def _said(state: State, outcome: Outcome) -> Outcome:
    """Say of a trip what it means for a schedule."""
    refusal = outcome.refusal
    if refusal is None or refusal.kind is not RefusalKind.TRIPPED or state.trip is None:
        return outcome
    reason = f"tripped: {state.trip.describe()}; a schedule never resets a trip"
    return refused(RefusalKind.TRIPPED, reason)

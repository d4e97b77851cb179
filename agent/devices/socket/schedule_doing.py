"""What a schedule does, through the same checks as a command; it never resets a trip."""

from collections.abc import Sequence
from typing import Final, assert_never

from agent.automation.doing import Assign, Doing, Switch, Tell
from agent.devices.effects import Effect, Raise
from agent.devices.socket.commands import obey, switch
from agent.devices.socket.state import State
from agent.devices.socket.switching import is_meant_on
from agent.messages import DONE, Command, Outcome, PropertySet, RefusalKind, refused
from agent.model import Origin, OriginKind
from agent.settings.device import SocketSettings

NOTICE: Final = "notice"

Done = tuple[State, Outcome, Sequence[Effect]]


def done(state: State, name: str, doing: Doing, settings: SocketSettings, now: float) -> Done:
    """Do it in the name of the schedule *name*."""
    origin = Origin(kind=OriginKind.AGENT, name=f"schedule {name}")
    match doing:
        case Switch(on=on):
            wanted = not is_meant_on(state) if on is None else on
            after, outcome = switch(state, origin, settings, on=wanted, is_live=True, now=now)
            return after, _said(state, outcome), ()
        case Assign(name=key, value=value):
            request = PropertySet(request_id="", values={key: value})
            after, outcome = obey(state, Command(origin=origin, request=request), settings, now)
            return after, _said(state, outcome), ()
        case Tell(name=notice):
            values = {"name": notice, "text": f"schedule {name}"}
            return state, DONE, (Raise(event=NOTICE, values=values),)
        case _:
            assert_never(doing)


def _said(state: State, outcome: Outcome) -> Outcome:
    """Say of a trip what it means for a schedule."""
    refusal = outcome.refusal
    if refusal is None or refusal.kind is not RefusalKind.TRIPPED or state.trip is None:
        return outcome
    reason = f"tripped: {state.trip.describe()}; a schedule never resets a trip"
    return refused(RefusalKind.TRIPPED, reason)

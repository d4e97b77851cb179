"""What acts on a socket without a command does it as a command would: with the same checks."""

from typing import Final, assert_never

from agent.automation.doing import Assign, Doing, Switch, Tell
from agent.devices.effects import Effect, Raise
from agent.devices.socket.commands import obey, switch
from agent.devices.socket.state import State
from agent.devices.socket.switching import is_meant_on
from agent.messages import DONE, Command, Outcome, PropertySet
from agent.model import Origin
from agent.settings.device import SocketSettings

LONGEST_TEXT: Final = 128


def done(
    state: State, doing: Doing, by: tuple[Origin, str], settings: SocketSettings, now: float
) -> tuple[State, Outcome, tuple[Effect, ...]]:
    """Do it, or refuse. *by*: who does it, and what an event says of that."""
    origin, text = by
    match doing:
        case Switch(on=on):
            wanted = not is_meant_on(state) if on is None else on
            return *switch(state, origin, settings, on=wanted, is_live=True, now=now), ()
        case Assign(name=name, value=value):
            request = PropertySet(request_id="", values={name: value})
            return *obey(state, Command(origin=origin, request=request), settings, now), ()
        case Tell(name=name):
            values = {"name": name, "text": text[:LONGEST_TEXT]}
            return state, DONE, (Raise(event="notice", values=values),)
        case _:
            assert_never(doing)

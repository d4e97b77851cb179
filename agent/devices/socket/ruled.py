"""The rules of a socket: what is due is done, once."""

from agent.devices.inputs import EditRule, Input
from agent.devices.socket.causes import Acted
from agent.devices.socket.state import State
from agent.messages import Outcome, RefusalKind, refused
from agent.settings.device import SocketSettings


def acted(state: State, event: Input, settings: SocketSettings, now: float) -> Acted:
    """Do what is due by now."""
    del event, settings, now
    return state, (), None


def next_at(state: State, settings: SocketSettings, now: float) -> float | None:
    """Tell when the next of them is due."""
    del state, settings, now
    return None


def edited(
    state: State, event: EditRule, settings: SocketSettings, now: float
) -> tuple[State, Outcome]:
    """Write, remove or turn one on or off, or refuse."""
    del event, settings, now
    return state, refused(RefusalKind.FAILED, "not yet")

"""What a socket does by itself after an input: schedules that are due, then rules that hold."""

from agent.devices.inputs import EditRule, EditSchedule, Input
from agent.devices.socket import ruled, scheduled
from agent.devices.socket.causes import Acted
from agent.devices.socket.state import State
from agent.messages import Outcome
from agent.settings.device import SocketSettings


def automated(state: State, event: Input, settings: SocketSettings, now: float) -> Acted:
    """Act on what *event* has led to."""
    state, notes, cause = scheduled.acted(state, event, settings, now)
    state, more, later = ruled.acted(state, event, settings, now)
    if not notes and not more:
        return state, (), later or cause
    return state, (*notes, *more), later or cause


def edited(
    state: State, event: EditSchedule | EditRule, settings: SocketSettings, now: float
) -> tuple[State, Outcome]:
    """Write, remove or turn on or off a schedule or a rule, or refuse."""
    if isinstance(event, EditSchedule):
        return scheduled.edited(state, event, settings, now)
    return ruled.edited(state, event, settings, now)


def next_at(state: State, settings: SocketSettings, now: float) -> float | None:
    """Tell when the next schedule or rule is due (or was)."""
    times = (scheduled.next_at(state, settings, now), ruled.next_at(state, settings, now))
    return min((at for at in times if at is not None), default=None)

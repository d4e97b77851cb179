"""What a socket does after an input: the button, schedules that are due, rules that hold."""

from agent.devices.effects import Effect
from agent.devices.inputs import EditRule, EditSchedule, Input
from agent.devices.socket import pressing, ruled, scheduled
from agent.devices.socket.causes import Acted, Cause
from agent.devices.socket.state import State
from agent.messages import Outcome
from agent.settings.device import SocketSettings


def automated(state: State, event: Input, settings: SocketSettings, now: float) -> Acted:
    """Act on what *event* has led to."""
    by: Cause | None = None
    notes: tuple[Effect, ...] = ()
    for act in (pressing.acted, scheduled.acted, ruled.acted):
        state, more, cause = act(state, event, settings, now)
        notes, by = (*notes, *more) if more else notes, cause or by
        if cause is pressing.FACTORY_RESET:
            break  # it has opened the contact: nothing closes it again in the same decision
    return state, notes, by


def edited(
    state: State, event: EditSchedule | EditRule, settings: SocketSettings, now: float
) -> tuple[State, Outcome]:
    """Write, remove or turn on or off a schedule or a rule, or refuse."""
    if isinstance(event, EditSchedule):
        return scheduled.edited(state, event, settings, now)
    return ruled.edited(state, event, settings, now)


def next_times(
    state: State, settings: SocketSettings, now: float
) -> tuple[float | None, float | None, float | None]:
    """Tell when the next of each is due (or was)."""
    return (
        pressing.next_at(state, settings),
        scheduled.next_at(state, settings, now),
        ruled.next_at(state, settings, now),
    )

"""What a device does by itself after an input: schedules that are due, rules that hold."""

from agent.devices.automated import ruled, scheduled
from agent.devices.automated.actor import Acted, Actor, S
from agent.devices.inputs import EditRule, EditSchedule, Input
from agent.messages import Outcome


def acted(actor: Actor[S], state: S, event: Input, now: float) -> Acted[S]:
    """Act on what *event* has led to: called after every input that was not refused."""
    state, notes, cause = scheduled.acted(actor, state, event, now)
    state, more, by = ruled.acted(actor, state, event, now)
    return state, (*notes, *more) if more else notes, by or cause


def edited(
    actor: Actor[S], state: S, event: EditSchedule | EditRule, now: float
) -> tuple[S, Outcome]:
    """Write, remove or turn on or off a schedule or a rule, or refuse."""
    if isinstance(event, EditSchedule):
        return scheduled.edited(actor, state, event, now)
    return ruled.edited(actor, state, event)


def next_times(actor: Actor[S], state: S, now: float) -> tuple[float | None, float | None]:
    """Tell when the next schedule and the next rule are due (or were)."""
    return scheduled.next_at(actor, state, now), ruled.next_at(actor, state, now)

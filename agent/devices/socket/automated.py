"""What a socket does after an input: the button, schedules that are due, rules that hold."""

from dataclasses import replace

from agent.automation.doing import Doing, Switch
from agent.devices.automated import acting
from agent.devices.automated.actor import Acted, Actor, Done
from agent.devices.automated.causes import Cause, Doer
from agent.devices.automated.scheduled import TOPIC as SCHEDULE
from agent.devices.inputs import Input
from agent.devices.socket import doing as doings
from agent.devices.socket import pressing
from agent.devices.socket.gestures import opens
from agent.devices.socket.state import Asked, State
from agent.devices.socket.switching import is_meant_on
from agent.messages import Outcome, RefusalKind, refused
from agent.settings.device import SocketSettings
from agent.thing import Thing


def automated(
    state: State, event: Input, settings: SocketSettings, actor: Actor[State], now: float
) -> Acted[State]:
    """Act on what *event* has led to."""
    state, notes, by = pressing.acted(state, event, settings, now)
    if by is pressing.FACTORY_RESET:
        return state, notes, by  # it has opened the contact: nothing closes it again at once
    state, more, cause = acting.acted(actor, state, event, now)
    return state, (*notes, *more) if more else notes, cause or by


def next_times(
    state: State, settings: SocketSettings, actor: Actor[State], now: float
) -> tuple[float | None, float | None, float | None]:
    """Tell when the next of each is due (or was): a click that waits, a schedule, a rule."""
    return (pressing.next_at(state, settings), *acting.next_times(actor, state, now))


def actor_of(settings: SocketSettings, thing: Thing[State]) -> Actor[State]:
    """Tell how schedules and rules act on the socket of these settings."""

    def carry_out(state: State, doing: Doing, doer: Doer, now: float) -> Done[State]:
        by = (doer.origin, doer.told)
        after, outcome, notes = doings.done(state, doing, by, settings, now)
        return after, _said(state, outcome, doer), notes

    return Actor(
        device=settings.id,
        thing=thing,
        timetable=settings.timetable,
        rules=settings.rules,
        carry_out=carry_out,
        has_moved=_has_moved,
        owed=asked_for,
        switches_off=_switches_off,
        waits=_waits,
        is_barred=_is_barred,
    )


def _said(state: State, outcome: Outcome, doer: Doer) -> Outcome:
    """Say of a trip what it means for a schedule."""
    refusal = outcome.refusal
    is_tripped = refusal is not None and refusal.kind is RefusalKind.TRIPPED
    if state.trip is None or not is_tripped or doer.cause.kind != SCHEDULE:
        return outcome
    reason = f"tripped: {state.trip.describe()}; a schedule never resets a trip"
    return refused(RefusalKind.TRIPPED, reason)


def _has_moved(before: State, after: State) -> bool:
    return after.asks_otherwise(before)


def asked_for(before: State, after: State, cause: Cause) -> State:
    """Note who asked for what happens later: a countdown, a closing that waits."""
    if after.countdown_at not in (None, before.countdown_at):
        after = replace(after, countdown_by=Asked(by=cause.by))
    if after.closing_at not in (None, before.closing_at):
        after = replace(after, closing_by=Asked(by=cause.by))
    return after


def _switches_off(state: State, doing: Doing) -> bool:
    return opens(doing) or (doing == Switch(on=None) and is_meant_on(state))


def _waits(before: State, after: State) -> bool:
    return after.closing_at not in (None, before.closing_at)


def _is_barred(state: State) -> bool:
    return state.trip is not None or state.is_stopped

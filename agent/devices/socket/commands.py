"""Commands: checked whole, then done whole."""

from dataclasses import replace
from typing import Final, assert_never

from agent.devices.socket import heat, timers
from agent.devices.socket.state import State
from agent.devices.socket.switching import closed, is_local, is_meant_on, opened, without_trip
from agent.devices.socket.thing_table import SOCKET
from agent.messages import (
    DONE,
    ActionCall,
    Command,
    Outcome,
    PropertySet,
    Refusal,
    RefusalKind,
    refused,
)
from agent.model import Origin, Values
from agent.settings.device import SocketSettings

NO_STORED_LIMIT: Final = "a stored command may lower the current limit, not raise it"
NO_STORED_UNLOCK: Final = "a stored command may put the child lock on, not off"
NO_STORED_ON: Final = "a stored command may not switch on here (accept_stored_on = false)"


def obey(
    state: State, command: Command, settings: SocketSettings, now: float
) -> tuple[State, Outcome]:
    """Do what *command* asks, or nothing of it; a stored one may switch off all the same."""
    match command.request:
        case PropertySet() as request:
            after, outcome = _set(state, request, command.origin, settings, now)
            if outcome.refusal is None or request.is_live:
                return after, outcome
            is_off = request.values.get("power_switch") is False
            return (opened(state, now) if is_off else after), outcome
        case ActionCall() as request:
            return _act(state, request)
        case _:
            assert_never(command.request)


def switch(
    state: State, origin: Origin, settings: SocketSettings, *, on: bool, is_live: bool, now: float
) -> tuple[State, Outcome]:
    """Switch absolutely; closing resets a trip where *origin* may."""
    if not on:
        return opened(state, now), DONE
    if not is_live and not settings.protection.accept_stored_on:
        return state, refused(RefusalKind.NOT_ALLOWED, NO_STORED_ON)
    by_person = is_local(origin)
    hot = heat.refusal(state.warmth, settings.protection, has_tripped=False, is_local=by_person)
    if hot and state.trip is None:
        return state, refused(RefusalKind.FAILED, f"opened for heat: {hot}")
    ready, outcome = without_trip(state, settings, origin, is_live=is_live, now=now)
    if outcome.refusal is not None:
        return state, outcome
    return closed(ready, settings, now, by_person=by_person), DONE


def _set(
    state: State, request: PropertySet, origin: Origin, settings: SocketSettings, now: float
) -> tuple[State, Outcome]:
    taken = _taken(state, request.values)
    if isinstance(taken, Refusal):
        return state, Outcome(refusal=taken)
    wanted, values = taken
    request = replace(request, values=values)
    on = values.get("power_switch")
    if isinstance(on, bool):
        is_live = request.is_live
        wanted, outcome = switch(wanted, origin, settings, on=on, is_live=is_live, now=now)
        if outcome.refusal is not None:
            return state, outcome
    seconds = request.values.get("count_down")
    if isinstance(seconds, int):
        may_switch_on = request.is_live or settings.protection.accept_stored_on
        refusal = _countdown_refusal(wanted, request, seconds, may_switch_on=may_switch_on)
        if refusal is not None:
            return state, Outcome(refusal=refusal)
        countdown_at = now + seconds if seconds else None
        wanted = replace(
            wanted,
            countdown_at=countdown_at,
            countdown_closes=may_switch_on,
            countdown_to=request.ends_in if seconds else None,
        )
    limit_a = request.values.get("current_limit")
    if isinstance(limit_a, int | float):
        rated_a = settings.protection.rated_current_a
        limit = min(float(limit_a), rated_a) if limit_a else None
        if not request.is_live and (limit or rated_a) > (state.limit_a or rated_a):
            return state, refused(RefusalKind.NOT_ALLOWED, NO_STORED_LIMIT)
        wanted = replace(wanted, limit_a=limit)
    timed = _timed(wanted, request, settings, now)
    if isinstance(timed, Refusal):
        return state, Outcome(refusal=timed)
    return _locked(state, timed, request)


def _taken(state: State, values: Values) -> tuple[State, Values] | Refusal:
    """Take what single contacts shall do; the rest must be what every socket takes."""
    taken = state.taken(values)
    if isinstance(taken, Refusal) or (values and not taken[1]):
        return taken
    return SOCKET.fault(taken[1]) or taken


def _timed(
    state: State, request: PropertySet, settings: SocketSettings, now: float
) -> State | Refusal:
    text = request.values.get("timers")
    if not isinstance(text, str):
        return state
    may_switch_on = request.is_live or settings.protection.accept_stored_on
    return timers.written(state, text, settings, now, may_switch_on=may_switch_on)


def _locked(state: State, wanted: State, request: PropertySet) -> tuple[State, Outcome]:
    """Set the child lock where the request does; what was stored never takes it off."""
    lock = request.values.get("child_lock")
    if not isinstance(lock, bool):
        return wanted, DONE
    if state.child_lock and not lock and not request.is_live:
        return state, refused(RefusalKind.NOT_ALLOWED, NO_STORED_UNLOCK)
    return replace(wanted, child_lock=lock, child_lock_set=lock), DONE


def _countdown_refusal(
    state: State, request: PropertySet, seconds: int, *, may_switch_on: bool
) -> Refusal | None:
    if seconds and state.trip is not None:
        reason = f"tripped: {state.trip.describe()}; a countdown cannot run"
        return Refusal(kind=RefusalKind.TRIPPED, reason=reason)
    ends_on = not is_meant_on(state) if request.ends_in is None else request.ends_in
    if seconds and not may_switch_on and ends_on:
        return Refusal(kind=RefusalKind.NOT_ALLOWED, reason=NO_STORED_ON)
    return None


def _act(state: State, request: ActionCall) -> tuple[State, Outcome]:
    if request.name != "reset_energy":
        known = ", ".join(action.name for action in SOCKET.actions)
        reason = f"no action is named {request.name!r:.80}; there is: {known}"
        return state, refused(RefusalKind.UNKNOWN_NAME, reason)
    return replace(state, energy_base_mj=state.energy.total_mj), DONE

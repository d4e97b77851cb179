"""Commands: checked whole, then done whole."""

from typing import Final, assert_never

from agent.devices.generic.state import State
from agent.devices.generic.switching import closed, is_meant_on, opened, with_level, with_switch
from agent.messages import (
    DONE,
    ActionCall,
    Command,
    Outcome,
    PropertySet,
    RefusalKind,
    refused,
)
from agent.model import Values
from agent.settings.generic import GenericSettings
from agent.thing import Thing

NO_STORED_ON: Final = "a stored command may not switch on here (accept_stored_on = false)"
NO_SWITCH: Final = "this device has no switch"


def obey(
    state: State, command: Command, settings: GenericSettings, thing: Thing[State], now: float
) -> tuple[State, Outcome]:
    """Do what *command* asks, or nothing of it."""
    match command.request:
        case PropertySet() as request:
            return _set(state, request, settings, thing, now)
        case ActionCall(name=name):
            reason = f"no action is named {name!r:.80}; there is none"
            return state, refused(RefusalKind.UNKNOWN_NAME, reason)
        case _:
            assert_never(command.request)


def toggled(state: State, settings: GenericSettings, now: float) -> tuple[State, Outcome]:
    """Turn the main switch over."""
    name = settings.main_switch
    if name is None:
        return state, refused(RefusalKind.NOT_ALLOWED, NO_SWITCH)
    on = not is_meant_on(state.switches[name])
    return switched(state, name, settings, on=on, now=now), DONE


def switched(state: State, name: str, settings: GenericSettings, *, on: bool, now: float) -> State:
    """Put a switch on or off."""
    contact = state.switches[name]
    if not on:
        return with_switch(state, name, opened(contact, now))
    return with_switch(state, name, closed(contact, settings.switches[name].min_off_s, now))


def _set(
    state: State,
    request: PropertySet,
    settings: GenericSettings,
    thing: Thing[State],
    now: float,
) -> tuple[State, Outcome]:
    fault = thing.fault(request.values)
    if fault is not None:
        return state, Outcome(refusal=fault)
    may_raise = request.is_live or settings.accept_stored_on
    if not may_raise and _raises(state, request.values):
        return state, refused(RefusalKind.NOT_ALLOWED, NO_STORED_ON)
    for name, value in request.values.items():
        if name in state.switches:
            state = switched(state, name, settings, on=value is True, now=now)
        else:
            state = with_level(state, name, int(value))
    return state, DONE


def _raises(state: State, values: Values) -> bool:
    """Tell whether anything of *values* switches on, or makes a light brighter."""
    return any(
        value is True if name in state.switches else int(value) > state.dimmers[name].level
        for name, value in values.items()
    )

"""Commands: checked whole, then done whole."""

from collections.abc import Mapping
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
from agent.model import Value
from agent.rights import opens
from agent.settings.generic import GenericSettings
from agent.thing import Thing

NO_STORED_ON: Final = (
    "a stored command may not switch on here (accept_stored_on = false); only what it switches off"
    " was done"
)
NO_SWITCH: Final = "this device has no switch"


def obey(
    state: State, command: Command, settings: GenericSettings, thing: Thing[State], now: float
) -> tuple[State, Outcome]:
    """Do what *command* asks, or nothing of it; a stored one may switch off all the same."""
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
    values, outcome, fault = request.values, DONE, thing.fault(request.values)
    if fault is not None:
        outputs: Mapping[str, Value] = {} if request.is_live else thing.outputs()
        values = {name: value for name, value in values.items() if opens(outputs, name, value)}
        outcome = Outcome(refusal=fault)
    elif not (request.is_live or settings.accept_stored_on):
        values = {name: value for name, value in values.items() if not _raises(state, name, value)}
        if len(values) < len(request.values):
            outcome = refused(RefusalKind.NOT_ALLOWED, NO_STORED_ON)
    for name, value in values.items():
        if name in state.switches:
            state = switched(state, name, settings, on=value is True, now=now)
        else:
            state = with_level(state, name, int(value))
    return state, outcome


def _raises(state: State, name: str, value: Value) -> bool:
    """Tell whether that switches on what is not meant to be on, or makes a light brighter."""
    if name in state.switches:
        return value is True and not is_meant_on(state.switches[name])
    return int(value) > state.dimmers[name].level

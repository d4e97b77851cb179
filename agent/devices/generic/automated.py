"""What acts on a generic device without a command does it as a command would."""

from typing import assert_never

from agent.automation.doing import Assign, Doing, Switch, Tell
from agent.devices.automated.actor import Actor, Done
from agent.devices.automated.causes import Cause, Doer
from agent.devices.effects import Effect, Raise
from agent.devices.generic.commands import NO_SWITCH, obey, switched
from agent.devices.generic.state import State
from agent.devices.generic.switching import is_meant_on
from agent.devices.generic.telling import attributed, moved, told_of
from agent.messages import DONE, Command, Outcome, PropertySet, RefusalKind, refused
from agent.rights import opens
from agent.settings.generic import GenericSettings
from agent.thing import Thing

LONGEST_TEXT = 128


def actor_of(settings: GenericSettings, thing: Thing[State]) -> Actor[State]:
    """Tell how schedules and rules act on the device of these settings."""

    def carry_out(state: State, doing: Doing, doer: Doer, now: float) -> Done[State]:
        after, outcome, notes = _done(state, doing, doer, settings, thing, now)
        cause = doer.cause
        why = {"why": cause.kind, "name": cause.name, "text": cause.text}
        return after, outcome, (*notes, *told_of(state, after, why))

    def switches_off(state: State, doing: Doing) -> bool:
        match doing:
            case Switch(on=on):
                return on is False or (on is None and _is_main_on(state, settings))
            case Assign(name=name, value=value):
                return opens(thing.outputs(), name, value)
            case Tell():
                return False
            case _:
                assert_never(doing)

    return Actor(
        device=settings.id,
        thing=thing,
        timetable=settings.timetable,
        rules=settings.rules,
        carry_out=carry_out,
        has_moved=_has_moved,
        owed=_owed,
        switches_off=switches_off,
        waits=_waits,
    )


def _done(
    state: State,
    doing: Doing,
    doer: Doer,
    settings: GenericSettings,
    thing: Thing[State],
    now: float,
) -> tuple[State, Outcome, tuple[Effect, ...]]:
    match doing:
        case Switch(on=on):
            name = settings.main_switch
            if name is None:
                return state, refused(RefusalKind.NOT_ALLOWED, NO_SWITCH), ()
            wanted = not _is_main_on(state, settings) if on is None else on
            return switched(state, name, settings, on=wanted, now=now), DONE, ()
        case Assign(name=name, value=value):
            request = PropertySet(request_id="", values={name: value})
            command = Command(origin=doer.origin, request=request)
            return *obey(state, command, settings, thing, now), ()
        case Tell(name=name):
            values = {"name": name, "text": doer.told[:LONGEST_TEXT]}
            return state, DONE, (Raise(event="notice", values=values),)
        case _:
            assert_never(doing)


def _is_main_on(state: State, settings: GenericSettings) -> bool:
    name = settings.main_switch
    return name is not None and is_meant_on(state.switches[name])


def _has_moved(before: State, after: State) -> bool:
    return any(True for _ in moved(before, after))


def _owed(before: State, after: State, cause: Cause) -> State:
    return attributed(before, after, cause.by)


def _waits(before: State, after: State) -> bool:
    return attributed(before, after, "") is not after

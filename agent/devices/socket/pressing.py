"""The button of a socket: a person stands there, whatever the network does."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final, assert_never

from agent.automation.doing import Assign, Switch, Tell, write_doing
from agent.automation.durations import write_duration
from agent.automation.gesture import OnFor
from agent.devices import button
from agent.devices.automated.actor import Acted
from agent.devices.automated.causes import BUTTON as BY_BUTTON
from agent.devices.automated.causes import Cause
from agent.devices.button import Finger, Gesture
from agent.devices.effects import Effect, Provision, Record
from agent.devices.inputs import ButtonEdge, Input, Tick, Toggle
from agent.devices.socket.commands import switch
from agent.devices.socket.doing import done
from agent.devices.socket.forgetting import forgotten
from agent.devices.socket.gestures import Wish, opens, timing, wish_of
from agent.devices.socket.state import State
from agent.messages import Command, Outcome, PropertySet, RefusalKind, refused
from agent.model import Origin, OriginKind
from agent.settings.device import SocketSettings

BUTTON: Final = Origin(kind=OriginKind.BUTTON, name="button")
PROVISIONING_S: Final = 120.0
REFUSED_S: Final = 0.6
"""So long the light says that something was refused; more refusals in it are one in the journal."""

NOTICE_EVERY_S: Final = 1.0
"""A contact of the button that bounces must not fill the outboxes with events."""

TOO_SOON: Final = refused(RefusalKind.FAILED, "an event was told less than a second ago")
LOCKED: Final = "the child lock is on"
FACTORY_RESET: Final = Cause(kind=BY_BUTTON, name="factory reset", text="")


def acted(state: State, event: Input, settings: SocketSettings, now: float) -> Acted[State]:
    """Do what the button says by *event*, or by the time that has passed."""
    match event:
        case ButtonEdge(is_pressed=is_pressed):
            wish = wish_of(Gesture.CLICK, settings.button, state)
            now_or_later = button.moved(
                state.finger,
                _timing(state, settings),
                now,
                is_pressed=is_pressed,
                acts_at_once=opens(wish),
            )
            return _done(state, *now_or_later, settings, now)
        case Tick():
            waited = button.waited(state.finger, _timing(state, settings), now)
            return _done(state, *waited, settings, now)
        case Toggle():
            return _without_click(state), (), None
        case Command(request=PropertySet(values=values)) if "power_switch" in values:
            return _without_click(state), (), None
        case _:
            return state, (), None


def next_at(state: State, settings: SocketSettings) -> float | None:
    """Tell when a click that waits for a second one is done."""
    if not state.finger.is_owed:
        return None
    return button.next_at(state.finger, _timing(state, settings))


def followed(state: State, settings: SocketSettings) -> State:
    """Let the child lock be what it was set to, else what the settings say."""
    locked = settings.button.child_lock if state.child_lock_set is None else state.child_lock_set
    return state if state.child_lock is locked else replace(state, child_lock=locked)


def _timing(state: State, settings: SocketSettings) -> button.Timing:
    return timing(settings.button, is_locked=state.child_lock)


def _without_click(state: State) -> State:
    """Let a newer wish win over a click that waits."""
    if state.finger.clicked_at is None:
        return state
    return replace(state, finger=button.without_click(state.finger))


def _done(
    state: State,
    finger: Finger,
    gestures: Sequence[Gesture],
    settings: SocketSettings,
    now: float,
) -> Acted[State]:
    """Remember *finger*, and do the gestures in turn; the first click may be one that waited."""
    was = state.finger
    state = state if finger == was else replace(state, finger=finger)
    notes: tuple[Effect, ...] = ()
    cause: Cause | None = None
    for place, gesture in enumerate(gestures):
        if place == 0 and gesture is Gesture.CLICK and _is_overtaken(state, was, settings):
            continue
        state, more, by = _do(state, gesture, settings, now)
        notes, cause = (*notes, *more), by or cause
    return state, notes, cause


def _is_overtaken(state: State, was: Finger, settings: SocketSettings) -> bool:
    """Tell whether a click that waited means nothing any more: a trip, or it is on already."""
    if not was.is_owed or was.clicked_at is None:
        return False
    if state.trip is not None and state.trip.at >= was.clicked_at:
        return True
    return opens(wish_of(Gesture.CLICK, settings.button, state))


def _do(state: State, gesture: Gesture, settings: SocketSettings, now: float) -> Acted[State]:
    match gesture:
        case Gesture.CLICK | Gesture.DOUBLE_CLICK:
            if state.provisioning_until is not None:
                state = replace(state, provisioning_until=None)
            return _clicked(state, gesture, settings, now)
        case Gesture.HOLD | Gesture.RESET_HOLD if state.child_lock:
            return *_refused(state, gesture, LOCKED, now), None
        case Gesture.HOLD:
            row = Record(topic="button", name="provisioning", details={"for_s": PROVISIONING_S})
            after = replace(state, provisioning_until=now + PROVISIONING_S)
            return after, (Provision(), row), None
        case Gesture.RESET_HOLD:
            after, notes = forgotten(state, now)
            return followed(after, settings), notes, FACTORY_RESET
        case _:
            assert_never(gesture)


def _clicked(state: State, gesture: Gesture, settings: SocketSettings, now: float) -> Acted[State]:
    wish = wish_of(gesture, settings.button, state)
    if wish is None:
        return state, (), None
    if state.child_lock and not opens(wish):
        return *_refused(state, gesture, LOCKED, now), None
    after, outcome, notes = _granted(state, gesture, wish, settings, now)
    if outcome.refusal is not None:
        return *_refused(state, gesture, outcome.refusal.reason, now), None
    return after, notes, Cause(kind=BY_BUTTON, name=gesture.value, text=_written(wish))


def _granted(
    state: State, gesture: Gesture, wish: Wish, settings: SocketSettings, now: float
) -> tuple[State, Outcome, tuple[Effect, ...]]:
    """Do what a person at the socket wishes, or say why not."""
    details = {"gesture": gesture.value, "doing": _written(wish)}
    row = Record(topic="button", name="did", details=details)
    by = (BUTTON, f"button: {gesture.value}")
    match wish:
        case OnFor(seconds=seconds):
            after, outcome = switch(state, BUTTON, settings, on=True, is_live=True, now=now)
            ends_at = now + seconds
            return replace(after, countdown_at=ends_at, countdown_to=False), outcome, (row,)
        case Switch():
            return done(state, wish, by, settings, now)
        case Assign():
            after, outcome, _ = done(state, wish, by, settings, now)
            return after, outcome, (row,)
        case Tell():
            if state.noticed_at is not None and now < state.noticed_at + NOTICE_EVERY_S:
                return state, TOO_SOON, ()
            _, outcome, told = done(state, wish, by, settings, now)
            return replace(state, noticed_at=now), outcome, (*told, row)
        case _:
            assert_never(wish)


def _refused(
    state: State, gesture: Gesture, reason: str, now: float
) -> tuple[State, tuple[Effect, ...]]:
    """Flash, and say it once while the flash lasts."""
    after = replace(state, refused_until=now + REFUSED_S)
    if state.refused_until is not None and now < state.refused_until:
        return after, ()
    details = {"gesture": gesture.value, "reason": reason}
    return after, (Record(topic="button", name="refused", details=details),)


def _written(wish: Wish) -> str:
    if isinstance(wish, OnFor):
        return f"countdown {write_duration(wish.seconds)}"
    return write_doing(wish)

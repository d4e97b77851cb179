"""The light as a function of state and time: what is most urgent, and how bright."""

from collections.abc import Iterator
from typing import Final, NamedTuple

from agent.devices import button
from agent.devices.button import Gesture
from agent.devices.night import night
from agent.devices.socket.contact import WELDED
from agent.devices.socket.gestures import timing
from agent.devices.socket.state import State
from agent.devices.socket.themes import LOADS, Showing, cycle_of
from agent.model import Light
from agent.settings.device import SocketSettings
from agent.settings.light import LightSettings

SEEN: Final = 0.2
"""However dark the night is set, what must be seen is no darker; `brightness` bounds this too."""

MUST_BE_SEEN: Final = frozenset(
    {
        Showing.UNPLUG,
        Showing.HELD,
        Showing.HELD_LONG,
        Showing.REFUSED,
        Showing.FIND_ME,
        Showing.TRIPPED,
        Showing.RESET,
    }
)
"""Alarms, and the answers to a person who stands there or asks."""


_NEVER: Final = (None, None, None, None)


class Dimming(NamedTuple):
    """The brightness, that of what must be seen, and until when they hold by themselves."""

    level: float
    seen: float
    until: float | None


def light(state: State, settings: SocketSettings, now: float) -> Light:
    """Tell the colour now and until when it holds by itself."""
    what = showing(state, settings, now)
    dimming = _dimming(state, settings.indicator, now)
    level = dimming.seen if what in MUST_BE_SEEN else dimming.level
    shown = cycle_of(settings.indicator.theme, what, level).at(now)
    ends_at = _ends_at(state, settings, now)
    if ends_at is None and dimming.until is None:
        return shown
    times = (shown.until, dimming.until, ends_at)
    return Light(color=shown.color, until=min(at for at in times if at is not None))


def showing(state: State, settings: SocketSettings, now: float) -> Showing:
    """Tell the first that is true, in the order of `Showing`."""
    return next(_claims(state, settings, now))


def _claims(state: State, settings: SocketSettings, now: float) -> Iterator[Showing]:
    """Tell what is true, in the order of `Showing`; nothing is looked at that is not asked for."""
    if state.fault == WELDED:
        yield Showing.UNPLUG
    if state.finger.pressed_at is not None:
        yield from _held(state, settings, now)
    if _lasts(state.refused_until, now):
        yield Showing.REFUSED
    if _lasts(state.find_until, now):
        yield Showing.FIND_ME
    if state.trip is not None:
        yield Showing.TRIPPED
    if _lasts(state.reset_until, now):
        yield Showing.RESET
    if _lasts(state.provisioning_until, now):
        yield Showing.PROVISIONING
    if settings.clouds and not state.links_up:
        yield Showing.CONNECTING
    if not state.relay_on:
        yield Showing.IDLE
    yield load(state.metering.power_w or 0.0, settings.indicator.load_steps)


def load(power_w: float, steps_w: tuple[float, ...]) -> Showing:
    """Tell which of the five loads it is; one that is a step is still below it."""
    return LOADS[sum(power_w > step_w for step_w in steps_w)]


def _held(state: State, settings: SocketSettings, now: float) -> Iterator[Showing]:
    if state.child_lock:
        return
    hold = button.held(state.finger, timing(settings.button), now)
    if hold is Gesture.HOLD:
        yield Showing.HELD
    if hold is Gesture.RESET_HOLD:
        yield Showing.HELD_LONG


def _lasts(until: float | None, now: float) -> bool:
    return until is not None and now < until


def _dimming(state: State, settings: LightSettings, now: float) -> Dimming:
    level = settings.brightness
    if settings.night is None:
        return Dimming(level, level, None)
    span = night(state.local, settings.night.begins, settings.night.to, now)
    if not span.is_night:
        return Dimming(level, level, span.until)
    dark = min(level, settings.night.brightness)
    return Dimming(dark, max(dark, min(level, SEEN)), span.until)


def _ends_at(state: State, settings: SocketSettings, now: float) -> float | None:
    """Tell when what is shown may next end or begin by time alone."""
    times: tuple[float | None, ...] = (
        state.refused_until,
        state.find_until,
        state.reset_until,
        state.provisioning_until,
    )
    if state.finger.pressed_at is not None and not state.child_lock:
        times += button.tiers(state.finger, timing(settings.button))
    elif times == _NEVER:
        return None
    return min((at for at in times if at is not None and at > now), default=None)

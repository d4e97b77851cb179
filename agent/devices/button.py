"""A push button's gestures, from its edges and the time; what they do is not known here.

    down ── up before CLICK_S ──► a click, or the second of a double click
         ── up later ───────────► the tier that it was held for: decided when it is let go

A click that waits for a second one is told once: when that has not come in time, or has become
a hold. Three clicks in a row are a double click and a click. An up without a down is nothing: the
button was held since before anybody looked.
"""

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final, NamedTuple

CLICK_S: Final = 1.0
"""A click is shorter; up to the first tier a press is nothing."""


class Gesture(StrEnum):
    """What a finger has said."""

    CLICK = "click"
    DOUBLE_CLICK = "double click"
    HOLD = "hold"
    RESET_HOLD = "reset hold"


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """How long things take; `double_click_s` None: a second click is looked for by nobody."""

    double_click_s: float | None
    hold_s: float
    reset_hold_s: float
    cancel_hold_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Finger:
    """What the button remembers: since when it is down, and when it was clicked last.

    `clicked_at`: a click that a second may follow; `is_owed`: it has not been told yet.
    """

    pressed_at: float | None = None
    clicked_at: float | None = None
    is_owed: bool = False


AWAY: Final = Finger()


class Moved(NamedTuple):
    """The finger after it, and the gestures that are complete by it."""

    finger: Finger
    gestures: tuple[Gesture, ...] = ()


def moved(
    finger: Finger, timing: Timing, now: float, *, is_pressed: bool, acts_at_once: bool
) -> Moved:
    """Take an edge; *acts_at_once*: a click is told though a second may follow."""
    finger, told = waited(finger, timing, now)
    if is_pressed:
        return Moved(replace(finger, pressed_at=now), told)
    pressed_at = finger.pressed_at
    if pressed_at is None:
        return Moved(finger, told)
    up = replace(finger, pressed_at=None)
    if now >= pressed_at + CLICK_S:
        tier = held(finger, timing, now)
        return Moved(up, told if tier is None else (*told, tier))
    after, gestures = _clicked(up, timing, now, acts_at_once=acts_at_once)
    return Moved(after, (*told, *gestures))


def waited(finger: Finger, timing: Timing, now: float) -> Moved:
    """Let time pass: tell the click that no second one can follow any more."""
    if finger.clicked_at is None or now < _settles_at(finger, finger.clicked_at, timing):
        return Moved(finger)
    alone = replace(finger, clicked_at=None, is_owed=False)
    return Moved(alone, (Gesture.CLICK,) if finger.is_owed else ())


def next_at(finger: Finger, timing: Timing) -> float | None:
    """Tell when a click that waits is told."""
    if finger.clicked_at is None or not finger.is_owed:
        return None
    return _settles_at(finger, finger.clicked_at, timing)


def held(finger: Finger, timing: Timing, now: float) -> Gesture | None:
    """Tell what letting go now would mean, as far as that is a hold."""
    if finger.pressed_at is None or now < finger.pressed_at + timing.hold_s:
        return None
    if now < finger.pressed_at + timing.reset_hold_s:
        return Gesture.HOLD
    is_meant = now < finger.pressed_at + timing.cancel_hold_s
    return Gesture.RESET_HOLD if is_meant else None


def tiers(finger: Finger, timing: Timing) -> tuple[float, ...]:
    """List when what `held` tells changes."""
    if finger.pressed_at is None:
        return ()
    lengths_s = (timing.hold_s, timing.reset_hold_s, timing.cancel_hold_s)
    return tuple(finger.pressed_at + length_s for length_s in lengths_s)


def without_click(finger: Finger) -> Finger:
    """Forget a click that waits: something newer has been said."""
    return replace(finger, clicked_at=None, is_owed=False)


def _clicked(finger: Finger, timing: Timing, now: float, *, acts_at_once: bool) -> Moved:
    if finger.clicked_at is not None:
        return Moved(without_click(finger), (Gesture.DOUBLE_CLICK,))
    if timing.double_click_s is None:
        return Moved(finger, (Gesture.CLICK,))
    after = replace(finger, clicked_at=now, is_owed=not acts_at_once)
    return Moved(after, (Gesture.CLICK,) if acts_at_once else ())


def _settles_at(finger: Finger, clicked_at: float, timing: Timing) -> float:
    """Tell when a click is alone: the second press has not come, or is too long for a click."""
    if finger.pressed_at is not None:
        return finger.pressed_at + CLICK_S
    return clicked_at + (timing.double_click_s or 0.0)

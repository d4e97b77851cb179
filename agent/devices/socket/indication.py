"""The light as a function of state and time: the reference socket's colours."""

import math
from typing import Final

from agent.devices.socket.contact import WELDED
from agent.devices.socket.state import State
from agent.model import BLACK, Color, Light

GREEN: Final = Color(red=0, green=255, blue=0)
BLUE: Final = Color(red=0, green=0, blue=255)
CYAN: Final = Color(red=0, green=255, blue=255)
YELLOW: Final = Color(red=255, green=255, blue=0)
RED: Final = Color(red=255, green=0, blue=0)
WHITE: Final = Color(red=255, green=255, blue=255)

LOAD_COLORS: Final = ((100.0, BLUE), (300.0, CYAN), (500.0, GREEN), (800.0, YELLOW))
"""Up to so many watts, this colour; above the last, red."""

BLINK_S: Final = 0.5
ALARM_S: Final = 0.15
"""Red and white in quick turns: unplug it."""
BREATH_S: Final = 3.0
BREATH_STEP_S: Final = 0.1
DIMMEST: Final = 0.08
_ROUNDING: Final = 1e-6


def light(state: State, clouds: tuple[str, ...], now: float) -> Light:
    """Tell the colour now and until when it holds: unplug, trip, connecting, load, idle."""
    if state.fault == WELDED:
        return _alarm(now)
    if state.trip is not None:
        return _blink(RED, now)
    if clouds and not state.links_up:
        return _blink(BLUE, now)
    if state.relay_on:
        return _breathe(load_color(state.metering.power_w or 0.0), now)
    return Light(color=GREEN)


def load_color(power_w: float) -> Color:
    """Tell the colour of a load."""
    return next((color for top_w, color in LOAD_COLORS if power_w <= top_w), RED)


def _blink(color: Color, now: float) -> Light:
    phase = _steps(now, BLINK_S)
    return Light(color=BLACK if phase % 2 else color, until=(phase + 1) * BLINK_S)


def _alarm(now: float) -> Light:
    phase = _steps(now, ALARM_S)
    return Light(color=WHITE if phase % 2 else RED, until=(phase + 1) * ALARM_S)


def _breathe(color: Color, now: float) -> Light:
    step = _steps(now, BREATH_STEP_S)
    swing = 0.5 - 0.5 * math.cos(2 * math.pi * (step * BREATH_STEP_S) / BREATH_S)
    level = DIMMEST + (1 - DIMMEST) * swing * swing
    shown = Color(
        red=round(color.red * level),
        green=round(color.green * level),
        blue=round(color.blue * level),
    )
    return Light(color=shown, until=(step + 1) * BREATH_STEP_S)


def _steps(now: float, step_s: float) -> int:
    """Count the steps until *now*; the end of one, whatever its rounding, is in the next."""
    return math.floor(now / step_s + _ROUNDING)

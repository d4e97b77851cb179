"""Patterns of a light: colours in turn, each for some milliseconds, for ever.

A pattern stands on the clock, not on the moment it begins: lights of several devices keep step,
and a decision in between never disturbs it.
"""

import math
from bisect import bisect_right
from dataclasses import dataclass
from itertools import accumulate
from typing import Final

from agent.model import BLACK, Color, Light

DIMMEST: Final = 0.08
"""A light that breathes never goes out."""

STEP_MS: Final = 100
_ROUNDING: Final = 1e-3

Part = tuple[Color, int]
"""A colour, and for how many milliseconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cycle:
    """Colours that differ from their neighbours, and when each ends; one colour alone is steady."""

    colors: tuple[Color, ...]
    ends_ms: tuple[int, ...]

    def at(self, now: float) -> Light:
        """Tell the colour now, and until when it holds."""
        if len(self.colors) == 1:
            return Light(color=self.colors[0])
        period_ms = self.ends_ms[-1]
        now_ms = math.floor(now * 1000 + _ROUNDING)
        phase_ms = now_ms % period_ms
        place = bisect_right(self.ends_ms, phase_ms)
        end_ms = self.ends_ms[place]
        if place == len(self.colors) - 1 and self.colors[place] == self.colors[0]:
            end_ms += self.ends_ms[0]
        return Light(color=self.colors[place], until=(now_ms - phase_ms + end_ms) / 1000)


def steady(color: Color) -> tuple[Part, ...]:
    """Show one colour."""
    return ((color, STEP_MS),)


def blink(color: Color, on_ms: int, off_ms: int | None = None) -> tuple[Part, ...]:
    """Show *color*, then nothing, for as long where *off_ms* is left out."""
    return ((color, on_ms), (BLACK, on_ms if off_ms is None else off_ms))


def turns(first: Color, second: Color, each_ms: int) -> tuple[Part, ...]:
    """Show two colours in turn."""
    return ((first, each_ms), (second, each_ms))


def flashes(color: Color, count: int, each_ms: int, pause_ms: int) -> tuple[Part, ...]:
    """Flash *count* times, then pause."""
    return (*(blink(color, each_ms) * count), (BLACK, pause_ms))


def breath(color: Color, period_ms: int) -> tuple[Part, ...]:
    """Swell and fade."""
    return tuple(
        (scaled(color, _swell(at_ms / period_ms)), STEP_MS)
        for at_ms in range(0, period_ms, STEP_MS)
    )


def cycle(parts: tuple[Part, ...], level: float) -> Cycle:
    """Make a cycle of *parts* at a brightness of 0 to 1; what looks the same is one colour."""
    colors: list[Color] = []
    ends_ms: list[int] = []
    for (color, _), end_ms in zip(parts, accumulate(ms for _, ms in parts), strict=True):
        dimmed = scaled(color, level)
        if colors and colors[-1] == dimmed:
            ends_ms[-1] = end_ms
        else:
            colors.append(dimmed)
            ends_ms.append(end_ms)
    return Cycle(colors=tuple(colors), ends_ms=tuple(ends_ms))


def scaled(color: Color, level: float) -> Color:
    """Dim a colour."""
    return Color(
        red=round(color.red * level),
        green=round(color.green * level),
        blue=round(color.blue * level),
    )


def _swell(phase: float) -> float:
    swing = 0.5 - 0.5 * math.cos(2 * math.pi * phase)
    return DIMMEST + (1 - DIMMEST) * swing * swing

"""A small plot for a terminal: bars over time in braille, or in plain letters."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

HEIGHT: Final = 10
"""Lines of letters."""
FLAT: Final = 0.5
"""Values that all lie above this share of the largest are drawn from their smallest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """What was from *start* to *end*; None where it is not known."""

    start: float
    end: float
    value: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Letters:
    """What is drawn with: dots of a letter across and down, and the letter of each set of dots."""

    across: int
    down: int
    axis: str
    corner: str
    floor: str

    def letter(self, dots: Sequence[tuple[int, int]]) -> str:
        """Draw *dots* (across, down) in one letter."""
        if not dots:
            return " "
        if self.across == 1:
            return "#"
        return chr(0x2800 + sum(1 << BITS[dot] for dot in dots))


BITS: Final = {
    (0, 0): 0,
    (0, 1): 1,
    (0, 2): 2,
    (1, 0): 3,
    (1, 1): 4,
    (1, 2): 5,
    (0, 3): 6,
    (1, 3): 7,
}
"""Which bit of a braille letter a dot is (Unicode, U+2800)."""
ASCII: Final = Letters(across=1, down=1, axis="|", corner="+", floor="-")
BRAILLE: Final = Letters(across=2, down=4, axis="┤", corner="└", floor="─")


def plot(bars: Sequence[Bar], width: int, ends: tuple[str, str], letters: Letters) -> list[str]:
    """Draw *bars* into *width* letters; *ends* name the first and the last moment."""
    values = [bar.value for bar in bars if bar.value is not None]
    if not values:
        return ["nothing is known of it"]
    low, high = _scale(values)
    labels = [_label(low + (high - low) * part) for part in (1.0, 0.5, 0.0)]
    margin = max(map(len, labels)) + 1
    across = max(1, width - margin - 1)
    heights = _heights(bars, across * letters.across, (low, high), HEIGHT * letters.down)
    lines: list[str] = []
    for at in range(HEIGHT):
        label = {0: labels[0], HEIGHT // 2: labels[1], HEIGHT - 1: labels[2]}.get(at, "")
        drawn = _line(heights, at, letters)
        lines.append(f"{label.rjust(margin - 1)} {letters.axis}{drawn}".rstrip())
    lines.append(" " * margin + letters.corner + letters.floor * across)
    return [*lines, _below(ends, margin + 1, across)]


def _scale(values: Sequence[float]) -> tuple[float, float]:
    """Choose where the axis begins and ends: at zero, unless the values hardly move."""
    low, high = min(values), max(values)
    if low >= 0 and low <= FLAT * high:
        low = 0.0
    if high > low:
        return low, high
    return (min(0.0, low), max(0.0, high)) if high else (0.0, 1.0)


def _heights(bars: Sequence[Bar], columns: int, scale: tuple[float, float], full: int) -> list[int]:
    """Tell how many dots high each column of dots is; 0 where nothing is known."""
    low, high = scale
    first, last = bars[0].start, bars[-1].end
    heights: list[int] = []
    at = 0
    for column in range(columns):
        moment = first + (column + 0.5) * (last - first) / columns
        while at < len(bars) - 1 and bars[at].end <= moment:
            at += 1
        bar = bars[at]
        if bar.value is None or not bar.start <= moment < bar.end:
            heights.append(0)
        else:
            heights.append(max(1, math.ceil((bar.value - low) / (high - low) * full)))
    return heights


def _line(heights: Sequence[int], at: int, letters: Letters) -> str:
    above = (HEIGHT - at) * letters.down
    drawn = ""
    for column in range(0, len(heights), letters.across):
        dots = [
            (x, y)
            for x, height in enumerate(heights[column : column + letters.across])
            for y in range(letters.down)
            if height >= above - y
        ]
        drawn += letters.letter(dots)
    return drawn


def _below(ends: tuple[str, str], margin: int, across: int) -> str:
    first, last = ends
    if len(first) + len(last) + 1 > across:
        return " " * margin + first
    return " " * margin + first + last.rjust(across - len(first))


def _label(value: float) -> str:
    return f"{value:.4g}"

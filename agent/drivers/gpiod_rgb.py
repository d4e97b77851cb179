"""A light of three lines of any GPIO chips, each on or off: eight colours."""

from collections.abc import AsyncGenerator, Callable
from contextlib import ExitStack, asynccontextmanager
from typing import Final

import gpiod
import structlog
from gpiod.line import Direction, Value

from agent.drivers.darkening import darken
from agent.drivers.gpio_lines import (
    Found,
    OpenChip,
    checked_name,
    chip_paths,
    fault,
    find_line,
    needed_line,
    request_line,
)
from agent.model import Color
from agent.settings.indicator import RgbIndicatorSettings

log: Final = structlog.get_logger()


class GpiodRgbLight:
    """Three requested lines, red, green and blue; what is not a change is not set again."""

    def __init__(self, lines: list[tuple[gpiod.LineRequest, Found]]) -> None:
        self._lines = lines
        self._shown: tuple[bool, ...] | None = (False, False, False)

    def show(self, color: Color) -> None:
        """Show the colour nearest to *color*; raise `DriverError`."""
        wanted = nearest_of_eight(color)
        if wanted == self._shown:
            return
        self._shown = None
        for (request, found), is_on in zip(self._lines, wanted, strict=True):
            try:
                request.set_value(found.offset, Value.ACTIVE if is_on else Value.INACTIVE)
            except OSError as error:
                raise fault(found.name, found.chip, error) from error
        self._shown = wanted


class GpiodRgb:
    """Opens the lines that are named in the settings, wherever they sit."""

    def __init__(
        self,
        settings: RgbIndicatorSettings,
        thing: object = None,
        *,
        open_chip: OpenChip = gpiod.Chip,
        paths: Callable[[], tuple[str, ...]] = chip_paths,
    ) -> None:
        del thing
        self._pins = [checked_name("device.indicator.pins", pin) for pin in settings.pins]
        self._active_high = settings.active_high
        self._open_chip = open_chip
        self._paths = paths

    def is_present(self) -> bool:
        """Tell whether the chips of this machine have all three lines."""
        return all(find_line(pin, self._open_chip, self._paths()) for pin in self._pins)

    @asynccontextmanager
    async def open(self) -> AsyncGenerator[GpiodRgbLight, None]:
        """Claim the lines, dark; they are dark when they are given back."""
        with ExitStack() as stack:
            lines = [self._claim(pin, stack) for pin in self._pins]
            log.info("light.eight_colours", pins=self._pins, reason="gpiod knows on and off")
            light = GpiodRgbLight(lines)
            stack.callback(darken, light)
            yield light

    def _claim(self, pin: str, stack: ExitStack) -> tuple[gpiod.LineRequest, Found]:
        found = needed_line(pin, self._open_chip, self._paths())
        settings = gpiod.LineSettings(
            direction=Direction.OUTPUT,
            output_value=Value.INACTIVE,
            active_low=not self._active_high,
        )
        request = request_line(found, settings, self._open_chip)
        stack.callback(request.release)
        return request, found


def nearest_of_eight(color: Color) -> tuple[bool, bool, bool]:
    """Tell which parts are on: those of at least half the strongest, however dim it is."""
    parts = (color.red, color.green, color.blue)
    strongest = max(parts)
    red, green, blue = (strongest > 0 and 2 * part >= strongest for part in parts)
    return red, green, blue

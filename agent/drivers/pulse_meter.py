"""The HLW8012 and BL0937 on three GPIO lines: edges in, about ten readings a second out."""

import secrets
from collections.abc import AsyncGenerator, Callable
from contextlib import ExitStack
from typing import Final

import gpiod
import structlog

from agent.drivers.gpio_lines import OpenChip, chip_paths
from agent.drivers.pulse_lines import PulseInput, PulseLines
from agent.drivers.pulses.alternation import Shown
from agent.drivers.pulses.decoder import PulseDecoder
from agent.drivers.pulses.scale import CHIPS, Scale
from agent.loop_clock import LoopClock
from agent.model import Factors, Reading
from agent.ports import Clock
from agent.settings.meters import PulseMeterSettings

log: Final = structlog.get_logger()

PERIOD_S: Final = 0.105
"""Between two readings: that of the meters with frames, for which protection is made."""


class PulseMeter:
    """Counts the chip's pulses in this process: with every opening the counter begins at 0.

    The kernel keeps each edge's time and number while the loop is busy, and where it has no room
    for some it keeps the newest: the number tells how many there were.
    """

    def __init__(
        self,
        settings: PulseMeterSettings,
        thing: object = None,
        *,
        open_chip: OpenChip = gpiod.Chip,
        paths: Callable[[], tuple[str, ...]] = chip_paths,
        clock: Clock | None = None,
        opening: Callable[[], int] = lambda: secrets.randbits(48),
    ) -> None:
        del thing  # the meter is the same for every kind of device
        chip = CHIPS[settings.driver]
        self._settings = settings
        self._lines = PulseLines(open_chip, paths)
        self._clock: Clock = LoopClock() if clock is None else clock
        self._opening = opening
        self._configured = Scale(
            chip=chip,
            kv=settings.kv,
            ki=settings.ki,
            kp=settings.kp,
            vref_v=settings.vref or chip.vref_v,
        )
        self._scale = self._configured
        self._is_on = False
        self._decoder: PulseDecoder | None = None

    def rescale(self, factors: Factors) -> None:
        """Multiply the configured coefficients by *factors*, from the next reading on."""
        self._scale = self._configured.scaled(factors)
        if self._decoder is not None:
            self._decoder.rescale(self._scale)

    def set_contact(self, *, on: bool) -> None:
        """Take note of the contact: behind a closed one there must be a voltage."""
        self._is_on = on

    async def readings(self) -> AsyncGenerator[Reading, None]:
        """Claim the lines and yield readings; raise `DriverError` when they are lost."""
        settings, clock = self._settings, self._clock
        due = clock.now()
        decoder = PulseDecoder(self._scale, self._opening(), due, has_mains=self._has_mains)
        self._decoder = decoder
        with ExitStack() as claimed:
            sel = claimed.enter_context(
                self._lines.level(settings.sel, high=self._level(decoder.shown))
            )
            inputs = (
                claimed.enter_context(self._lines.pulses(settings.cf, settings.pull, decoder.cf)),
                claimed.enter_context(self._lines.pulses(settings.cf1, settings.pull, decoder.cf1)),
            )
            untimed = 0
            while True:
                _read(inputs)
                now = clock.now()
                if decoder.untimed > untimed:
                    untimed = decoder.untimed
                    log.debug("meter.overrun", driver=settings.driver, pulses=untimed)
                decoder.set_mains(now, on=self._has_mains)
                reading = decoder.reading(now)
                if reading is not None:
                    yield reading
                if decoder.turn(now):
                    sel.set(high=self._level(decoder.shown))
                due = max(due + PERIOD_S, now)
                await clock.sleep(due - now)

    @property
    def _has_mains(self) -> bool:
        return self._is_on or self._settings.voltage_from == "mains"

    def _level(self, shown: Shown) -> bool:
        return (shown is Shown.VOLTAGE) is self._settings.is_high_voltage


def _read(inputs: tuple[PulseInput, ...]) -> None:
    """Take what the kernel has, so that a reading counts up to its own moment."""
    for line in inputs:
        line.read()
        line.check()

"""A light of three pins, by what drives pins here."""

from contextlib import AbstractAsyncContextManager
from typing import Final, Protocol

from agent.drivers.choosing import Chooser
from agent.ports import Indicator
from agent.settings.indicator import RgbIndicatorSettings

CANDIDATES: Final = (
    ("gpiozero", "agent.drivers.gpiozero_rgb:GpiozeroRgb"),
    ("gpiod", "agent.drivers.gpiod_rgb:GpiodRgb"),
)
"""The one that dims comes first."""


class _Candidate(Protocol):
    def is_present(self) -> bool: ...

    def open(self) -> AbstractAsyncContextManager[Indicator]: ...


class RgbIndicator(Chooser[RgbIndicatorSettings, _Candidate]):
    """A light of three pins by what drives pins here."""

    def open(self) -> AbstractAsyncContextManager[Indicator]:
        """Open the light by the back end of the settings; raise `DriverError` when none can."""
        backend, pins = self._settings.backend, ", ".join(self._settings.pins)
        named = [row for row in CANDIDATES if backend in ("auto", row[0])]
        return self._chosen(named, event="light.chosen", pins=pins).open()

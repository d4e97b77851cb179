"""A light of three pins, by what drives pins here."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Final, Protocol

from agent.drivers.choosing import choose, load
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


Make = Callable[[RgbIndicatorSettings, object], _Candidate]


class RgbIndicator:
    """Chooses at each opening, because a chip may appear late."""

    def __init__(
        self,
        settings: RgbIndicatorSettings,
        thing: object = None,
        *,
        load: Callable[[str], Make] = load,
    ) -> None:
        self._settings = settings
        self._thing = thing
        self._load = load

    def open(self) -> AbstractAsyncContextManager[Indicator]:
        """Open the light by the back end of the settings; raise `DriverError` when none can."""
        backend, pins = self._settings.backend, ", ".join(self._settings.pins)
        named = [row for row in CANDIDATES if backend in ("auto", row[0])]
        return choose(named, self._make, event="light.chosen", pins=pins).open()

    def _make(self, path: str) -> _Candidate:
        return self._load(path)(self._settings, self._thing)

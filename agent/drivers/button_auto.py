"""`driver = "auto"` of a button: libgpiod where it knows the line, else gpiozero."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Final, Protocol

from agent.drivers.choosing import choose, load
from agent.ports import Button
from agent.settings.device import ButtonSettings

CANDIDATES: Final = (
    ("gpiod", "agent.drivers.gpiod_button:GpiodButton"),
    ("gpiozero", "agent.drivers.gpiozero_button:GpiozeroButton"),
)


class _Candidate(Protocol):
    def is_present(self) -> bool: ...

    def open(self) -> AbstractAsyncContextManager[Button]: ...


Make = Callable[[ButtonSettings, object], _Candidate]


class AutoButton:
    """Chooses at each opening, because a chip may appear late."""

    def __init__(
        self,
        settings: ButtonSettings,
        thing: object = None,
        *,
        load: Callable[[str], Make] = load,
    ) -> None:
        self._settings = settings
        self._thing = thing
        self._load = load

    def open(self) -> AbstractAsyncContextManager[Button]:
        """Open the button by the first candidate that can; raise `DriverError` when none can."""
        pin = self._settings.pin
        return choose(CANDIDATES, self._make, event="button.chosen", pins=pin).open()

    def _make(self, path: str) -> _Candidate:
        return self._load(path)(self._settings, self._thing)

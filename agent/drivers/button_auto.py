"""`driver = "auto"` of a button: libgpiod where it knows the line, else gpiozero."""

from contextlib import AbstractAsyncContextManager
from typing import Final, Protocol

from agent.drivers.choosing import Chooser
from agent.ports import Button
from agent.settings.device import ButtonSettings

CANDIDATES: Final = (
    ("gpiod", "agent.drivers.gpiod_button:GpiodButton"),
    ("gpiozero", "agent.drivers.gpiozero_button:GpiozeroButton"),
)


class _Candidate(Protocol):
    def is_present(self) -> bool: ...

    def open(self) -> AbstractAsyncContextManager[Button]: ...


class AutoButton(Chooser[ButtonSettings, _Candidate]):
    """A button by what drives pins here."""

    def open(self) -> AbstractAsyncContextManager[Button]:
        """Open the button by the first candidate that can; raise `DriverError` when none can."""
        pin = self._settings.pin
        return self._chosen(CANDIDATES, event="button.chosen", pins=pin).open()

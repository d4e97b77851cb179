"""`driver = "auto"`: libgpiod where it is installed and knows the line, else gpiozero."""

from contextlib import AbstractAsyncContextManager
from typing import Final, Protocol

from agent.drivers.choosing import Chooser
from agent.ports import HeldLine, Relay
from agent.settings.relays import RelaySettings

CANDIDATES: Final = (
    ("gpiod", "agent.drivers.gpiod_relay:GpiodRelay"),
    ("gpiozero", "agent.drivers.gpiozero_relay:GpiozeroRelay"),
)
"""Imported in this order, and only until one fits."""


class _Candidate(Protocol):
    def is_present(self) -> bool: ...

    def probe(self, held: int) -> HeldLine | None: ...

    def open(self, *, on: bool, held: int | None = None) -> AbstractAsyncContextManager[Relay]: ...


class AutoRelay(Chooser[RelaySettings, _Candidate]):
    """A relay by what drives pins here."""

    def probe(self, held: int) -> HeldLine | None:
        """Ask the first candidate that can reach the line; raise `DriverError` when none can."""
        return self._candidate().probe(held)

    def open(self, *, on: bool, held: int | None = None) -> AbstractAsyncContextManager[Relay]:
        """Open the relay by the first candidate that can; raise `DriverError` when none can."""
        return self._candidate().open(on=on, held=held)

    def _candidate(self) -> _Candidate:
        return self._chosen(CANDIDATES, event="relay.chosen", pins=self._settings.pin)

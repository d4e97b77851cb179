"""`driver = "auto"`: libgpiod where it is installed and knows the line, else gpiozero."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Final, Protocol

from agent.drivers.choosing import choose, load
from agent.ports import HeldLine, Relay
from agent.settings.device import RelaySettings

CANDIDATES: Final = (
    ("gpiod", "agent.drivers.gpiod_relay:GpiodRelay"),
    ("gpiozero", "agent.drivers.gpiozero_relay:GpiozeroRelay"),
)
"""Imported in this order, and only until one fits."""


class _Candidate(Protocol):
    def is_present(self) -> bool: ...

    def probe(self, held: int) -> HeldLine | None: ...

    def open(self, *, on: bool, held: int | None = None) -> AbstractAsyncContextManager[Relay]: ...


Make = Callable[[RelaySettings, object], _Candidate]


class AutoRelay:
    """Chooses at each opening, because a chip may appear late."""

    def __init__(
        self,
        settings: RelaySettings,
        thing: object = None,
        *,
        load: Callable[[str], Make] = load,
    ) -> None:
        self._settings = settings
        self._thing = thing
        self._load = load

    def probe(self, held: int) -> HeldLine | None:
        """Ask the first candidate that can reach the line; raise `DriverError` when none can."""
        return self._chosen().probe(held)

    def open(self, *, on: bool, held: int | None = None) -> AbstractAsyncContextManager[Relay]:
        """Open the relay by the first candidate that can; raise `DriverError` when none can."""
        return self._chosen().open(on=on, held=held)

    def _chosen(self) -> _Candidate:
        pin = self._settings.pin
        return choose(CANDIDATES, self._make, event="relay.chosen", pins=pin)

    def _make(self, path: str) -> _Candidate:
        return self._load(path)(self._settings, self._thing)

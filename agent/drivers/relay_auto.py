"""`driver = "auto"`: libgpiod where it is installed and knows the line, else gpiozero."""

import importlib
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Final, Protocol, cast

import structlog

from agent.errors import DriverError
from agent.ports import HeldLine, Relay
from agent.settings.device import RelaySettings

log = structlog.get_logger()

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


def load(path: str) -> Make:
    """Import a candidate; raise ImportError where its package is missing."""
    module, _, name = path.partition(":")
    return cast("Make", getattr(importlib.import_module(module), name))


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
        reasons: list[str] = []
        for name, path in CANDIDATES:
            try:
                candidate = self._load(path)(self._settings, self._thing)
            except ImportError:
                reasons.append(f"{name} is not installed")
                continue
            if candidate.is_present():
                log.info("relay.chosen", driver=name, pin=self._settings.pin)
                return candidate
            reasons.append(f"{name} knows no such line here, or lacks a package")
        raise DriverError(
            f"{self._settings.pin}: no driver can reach it: {'; '.join(reasons)}. On a gateway:"
            " sudo scripts/install-service --extras gateway; on a Raspberry Pi --extras gateway,pi"
        )

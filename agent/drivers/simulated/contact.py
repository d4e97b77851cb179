"""A simulated relay: a contact that remembers what was done to it."""

import os
from collections import deque
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from agent import levels
from agent.errors import DriverError
from agent.ports import HeldLine, Line
from agent.settings.relays import RelaySettings

HISTORY: Final = 1000


class SimulatedRelay:
    """Driver and relay in one.

    With a state file it acts as a GPIO line does (`agent.levels`): it is claimed by one process
    at a time, and its level stays when the process is gone. `fails` makes every drive of the
    line fail, on purpose.
    """

    def __init__(self, settings: RelaySettings, thing: object = None) -> None:
        del thing
        self._state_file = None if settings.state_file is None else Path(settings.state_file)
        self._active_high = settings.active_high
        self._descriptor: int | None = None
        self.history: deque[bool] = deque(maxlen=HISTORY)
        self.fails = False

    @property
    def line(self) -> Line | None:
        """The state file's path, for whoever drives the line when the process is gone."""
        if self._state_file is None:
            return None
        address = str(self._state_file.absolute())
        return Line(driver="simulated", address=address, active_high=self._active_high)

    @property
    def descriptor(self) -> int | None:
        """The claim on the state file, while it is open."""
        return self._descriptor

    @property
    def is_on(self) -> bool:
        """Tell whether the contact is closed."""
        return bool(self.history) and self.history[-1]

    def probe(self, held: int) -> HeldLine | None:
        """Tell where the contact stands, if *held* is the claim on its state file."""
        line = self.line
        if line is None or not levels.is_claim(held, line.address):
            return None
        return HeldLine(line=line, is_on=levels.is_high(held) is self._active_high)

    @asynccontextmanager
    async def open(
        self, *, on: bool, held: int | None = None
    ) -> AsyncGenerator["SimulatedRelay", None]:
        """Claim the contact at *on*; it stays as it is at the end, as a GPIO line does."""
        if held is not None:
            self._descriptor = held
        elif self._state_file is not None:
            self._descriptor = levels.claim(str(self._state_file.absolute()))
        try:
            self.set(on=on)
            yield self
        finally:
            if self._descriptor is not None:
                os.close(self._descriptor)
                self._descriptor = None

    def set(self, *, on: bool) -> None:
        """Drive the contact; raise `DriverError` while `fails` is set."""
        if self.fails:
            raise DriverError("relay: the simulated line fails, as it was told to")
        if self._descriptor is not None:
            levels.drive(self._descriptor, high=on is self._active_high)
        elif self._state_file is not None:
            raise DriverError(f"relay: {self._state_file} is not open")
        self.history.append(on)

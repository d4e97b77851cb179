"""A simulated relay: a contact that remembers what was done to it."""

from collections import deque
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from agent.errors import DriverError
from agent.ports import Line
from agent.settings.device import RelaySettings

HISTORY: Final = 1000


class SimulatedRelay:
    """Driver and relay in one.

    With a state file it acts as a GPIO line does: the level, `1` or `0`, stays in the file
    when the process is gone. `fails` makes every drive of the line fail, on purpose.
    """

    def __init__(self, settings: RelaySettings, thing: object = None) -> None:
        del thing
        self._state_file = None if settings.state_file is None else Path(settings.state_file)
        self._active_high = settings.active_high
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
    def is_on(self) -> bool:
        """Tell whether the contact is closed."""
        return bool(self.history) and self.history[-1]

    @asynccontextmanager
    async def open(self, *, on: bool) -> AsyncGenerator["SimulatedRelay", None]:
        """Claim the contact at *on*; it stays as it is at the end, as a GPIO line does."""
        self.set(on=on)
        yield self

    def set(self, *, on: bool) -> None:
        """Drive the contact; raise `DriverError` while `fails` is set."""
        if self.fails:
            raise DriverError("relay: the simulated line fails, as it was told to")
        if self._state_file is not None:
            self._keep(self._state_file, is_high=on == self._active_high)
        self.history.append(on)

    def _keep(self, path: Path, *, is_high: bool) -> None:
        try:
            path.write_text("1" if is_high else "0", encoding="ascii")
        except OSError as error:
            raise DriverError(f"relay: cannot write {path}: {error.strerror}") from error

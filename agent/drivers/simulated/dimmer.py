"""A simulated dimmer: it remembers what was done to it."""

from collections import deque
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Final

from agent.errors import DriverError
from agent.settings.dimmers import SimulatedDimmerSettings

HISTORY: Final = 1000


class SimulatedDimmer:
    """Driver and dimmer in one; `fails` makes every drive fail, on purpose."""

    line = None

    def __init__(self, settings: SimulatedDimmerSettings, thing: object = None) -> None:
        del settings, thing
        self.history: deque[float] = deque(maxlen=HISTORY)
        self.fails = False

    @property
    def level(self) -> float:
        """Where it stands."""
        return self.history[-1] if self.history else 0.0

    @asynccontextmanager
    async def open(self, *, level: float) -> AsyncGenerator["SimulatedDimmer", None]:
        """Claim it at *level*."""
        self.set(level=level)
        yield self

    def set(self, *, level: float) -> None:
        """Drive it; raise `DriverError` while `fails` is set."""
        if self.fails:
            raise DriverError("dimmer: the simulated output fails, as it was told to")
        self.history.append(level)

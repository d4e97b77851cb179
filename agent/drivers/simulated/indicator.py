"""A simulated light."""

from collections import deque
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Final

from agent.model import BLACK, Color
from agent.settings.device import IndicatorSettings

HISTORY: Final = 256


class SimulatedIndicator:
    """Driver and light in one; it remembers the last colours."""

    def __init__(self, settings: IndicatorSettings, thing: object = None) -> None:
        del settings, thing
        self.shown: deque[Color] = deque([BLACK], maxlen=HISTORY)

    @property
    def color(self) -> Color:
        """The colour that is shown."""
        return self.shown[-1]

    @asynccontextmanager
    async def open(self) -> AsyncGenerator["SimulatedIndicator", None]:
        """Claim the light, dark; it is dark again at the end."""
        self.show(BLACK)
        try:
            yield self
        finally:
            self.show(BLACK)

    def show(self, color: Color) -> None:
        """Show *color*."""
        self.shown.append(color)

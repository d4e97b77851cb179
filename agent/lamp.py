"""A light that is told only what it does not show yet."""

from typing import Final

import structlog

from agent.errors import DriverError
from agent.model import Color, Light
from agent.ports import Indicator

log: Final = structlog.get_logger()


class Lamp:
    """The light of one device: what it `shown`, and `until` when that holds by itself."""

    def __init__(self, name: str) -> None:
        self.shown: Color | None = None
        self.until: float | None = None
        self._name = name

    def show(self, indicator: Indicator, light: Light) -> None:
        """Show *light*; what could not be shown is tried again with the next."""
        self.until = light.until
        if light.color == self.shown:
            return
        try:
            indicator.show(light.color)
        except DriverError as error:
            log.debug("light.failed", device=self._name, error=str(error))
            return
        self.shown = light.color

"""The end of a light."""

from typing import Final

import structlog

from agent.errors import DriverError
from agent.model import BLACK
from agent.ports import Indicator

log: Final = structlog.get_logger()


def darken(light: Indicator) -> None:
    """Show black; a light that has failed must not end in an error what ends in order."""
    try:
        light.show(BLACK)
    except DriverError as error:
        log.debug("light.left", error=str(error))

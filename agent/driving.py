"""A contact as it is driven: one that does not obey is tried again until it does."""

from typing import Final

import structlog

from agent.devices.effects import SetRelay
from agent.errors import DriverError
from agent.ports import Clock, Relay

log: Final = structlog.get_logger()

RELAY_RETRY_S: Final = 1.0


class Driving:
    """Drives the contact of one device; `stuck` is what it has not obeyed yet."""

    def __init__(self, name: str) -> None:
        self.stuck: SetRelay | None = None
        self.retry_at = 0.0
        self._name = name

    def drive(self, relay: Relay, effect: SetRelay, clock: Clock) -> bool:
        """Drive the contact, and tell whether it has just ceased to obey."""
        try:
            relay.set(on=effect.on)
        except DriverError as error:
            is_news = self.stuck is None
            if is_news:
                log.critical("relay.failed", device=self._name, on=effect.on, error=str(error))
            self.stuck = effect
            self.retry_at = clock.now() + RELAY_RETRY_S
            return is_news
        if self.stuck is not None:
            log.warning("relay.obeys", device=self._name, on=effect.on)
        self.stuck = None
        return False

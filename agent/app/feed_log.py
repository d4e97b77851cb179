"""The topic `log`: the agent's own lines as they are written."""

import asyncio
from collections.abc import Callable

from agent.control.subscription import Subscription
from agent.log_ring import LogRing, parsed


class LogFeed:
    """Hears the log, from whatever thread writes it, and tells of it on the loop."""

    def __init__(self, ring: LogRing) -> None:
        self._ring = ring
        self._told: dict[int, Subscription] = {}

    def add(self, subscription: Subscription) -> None:
        """Tell *subscription* from now on."""
        if not self._told:
            loop = asyncio.get_running_loop()
            self._ring.heard = lambda text: _pass_on(loop, self._tell, text)
        self._told[subscription.number] = subscription

    def discard(self, subscription: Subscription) -> None:
        """Tell it no more."""
        del self._told[subscription.number]
        if not self._told:
            self._ring.heard = None

    def _tell(self, text: str) -> None:
        line = parsed(text)
        for subscription in tuple(self._told.values()):
            subscription.tell("log", {"line": line})


def _pass_on(loop: asyncio.AbstractEventLoop, tell: Callable[[str], None], text: str) -> None:
    if not loop.is_closed():
        loop.call_soon_threadsafe(tell, text)

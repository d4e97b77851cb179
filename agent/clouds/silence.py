"""A platform that says nothing at all: the connection is dead, whatever TCP believes."""

import asyncio
from collections.abc import Callable
from typing import Final

PATIENCE_S: Final = 10.0
"""How long an answer may take before the platform is asked for a sign of life."""
PING_S: Final = 10.0
"""How long that may take: a lost packet is sent six times by then."""


class Silence:
    """Watches one session: what is awaited, and when anything was last heard.

    *ping* asks the platform for a sign of life; *end* ends the session for a reason.
    """

    def __init__(
        self,
        *,
        ping: Callable[[], None],
        end: Callable[[str], None],
        patience_s: float = PATIENCE_S,
        ping_s: float = PING_S,
    ) -> None:
        self._loop = asyncio.get_running_loop()
        self._ping = ping
        self._end = end
        self._patience_s = patience_s
        self._ping_s = ping_s
        self._heard_at = self._loop.time()
        self._since: float | None = None
        self._is_pinged = False
        self._timer: asyncio.TimerHandle | None = None
        self._broken: asyncio.Future[None] | None = None

    def asked(self) -> None:
        """Take note that something was sent that the platform has to answer."""
        if self._since is None:
            self._since = self._loop.time()
            if self._timer is None:
                self._timer = self._loop.call_later(self._patience_s, self._look)

    def heard(self) -> None:
        """Take note that something came, whatever it was: the platform is there."""
        self._heard_at = self._loop.time()
        self._since = None
        self._is_pinged = False
        self._break()

    def idle(self, keepalive_s: float) -> None:
        """Look whether MQTT's keep-alive asks for an answer, where nothing else does."""
        if 0 < keepalive_s <= self._loop.time() - self._heard_at:
            self.asked()

    async def broken(self) -> None:
        """Wait until anything is heard since something was asked, or the session ends."""
        while self._since is not None:
            if self._broken is None:
                self._broken = self._loop.create_future()
            await asyncio.shield(self._broken)

    def close(self) -> None:
        """Watch no more."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._since = None
        self._break()

    def _break(self) -> None:
        if self._broken is not None:
            self._broken.set_result(None)
            self._broken = None

    def _look(self) -> None:
        self._timer = None
        if self._since is None:
            return
        limit_s = self._patience_s + (self._ping_s if self._is_pinged else 0.0)
        left_s = self._since + limit_s - self._loop.time()
        if left_s <= 0 and self._is_pinged:
            self._end(self._text(limit_s))
            return
        if left_s <= 0:
            self._is_pinged = True
            self._ping()
            left_s = self._ping_s
        self._timer = self._loop.call_later(left_s, self._look)

    @staticmethod
    def _text(limit_s: float) -> str:
        return (
            f"the platform has said nothing for {limit_s:g} s, not even to a ping:"
            " the connection was dead"
        )

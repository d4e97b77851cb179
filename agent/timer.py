"""One timer on the loop that is moved rather than made anew at every decision."""

import asyncio
from collections.abc import Callable


class LoopTimer:
    """Calls back once at a time of the loop's clock.

    A later time does not move the timer: it fires early, and the callback arms it again. So a
    deadline that runs ahead with every frame costs no timer a frame.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._handle: asyncio.TimerHandle | None = None
        self.callback: Callable[[], None] | None = None

    def arm(self, at: float | None) -> None:
        """Call back at *at*, or not at all."""
        handle = self._handle
        if at is None:
            self.cancel()
            return
        if handle is not None:
            if handle.when() <= at:
                return
            handle.cancel()
        self._handle = self._loop.call_at(at, self._fire)

    def cancel(self) -> None:
        """Forget what was armed."""
        if self._handle is not None:
            self._handle.cancel()
            self._handle = None

    def _fire(self) -> None:
        self._handle = None
        if self.callback is not None:
            self.callback()

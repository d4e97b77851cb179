"""A simulated button."""

from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager

from agent.settings.device import ButtonSettings


class SimulatedButton:
    """Driver and button in one; a test or the demo is the finger."""

    def __init__(self, settings: ButtonSettings, thing: object = None) -> None:
        del settings, thing
        self._callback: Callable[[bool], None] | None = None
        self.is_pressed = False

    @asynccontextmanager
    async def open(self) -> AsyncGenerator["SimulatedButton", None]:
        """Claim the button; edges are passed on while the context is open."""
        try:
            yield self
        finally:
            self._callback = None

    def on_edge(self, callback: Callable[[bool], None]) -> None:
        """Call *callback* with True when pressed and False when released."""
        self._callback = callback

    def press(self) -> None:
        """Push the button down."""
        self._move(is_pressed=True)

    def release(self) -> None:
        """Let the button go."""
        self._move(is_pressed=False)

    def _move(self, *, is_pressed: bool) -> None:
        if is_pressed == self.is_pressed:
            return
        self.is_pressed = is_pressed
        if self._callback is not None:
            self._callback(is_pressed)

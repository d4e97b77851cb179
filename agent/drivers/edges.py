"""A button's edges on their way to the device."""

from collections.abc import Callable
from typing import Final

import structlog

log: Final = structlog.get_logger()


class Edges:
    """Passes on what changes, in turn: pressed, released, pressed.

    A button that is held when it is opened counts as released until it is let go: it may be
    stuck, and must not reset or switch anything.
    """

    def __init__(self, pin: str, *, is_held: bool) -> None:
        self._pin = pin
        self._callback: Callable[[bool], None] | None = None
        self._is_pressed = False
        self._is_held_from_start = False
        self.begin(is_held=is_held)

    @property
    def is_passed_on(self) -> bool:
        """Tell whether a press was passed on whose release was not."""
        return self._is_pressed and not self._is_held_from_start

    def begin(self, *, is_held: bool) -> None:
        """Begin anew with the button as it stands."""
        self._is_pressed = self._is_held_from_start = is_held
        if is_held:
            log.warning("button.held", pin=self._pin, until="it is released, it is ignored")

    def on_edge(self, callback: Callable[[bool], None]) -> None:
        """Call *callback* on the loop with True when pressed and False when released."""
        self._callback = callback

    def deliver(self, is_pressed: bool) -> None:  # noqa: FBT001 - call_soon passes by position
        """Take what the button does; on the loop."""
        if is_pressed is self._is_pressed:
            return
        self._is_pressed = is_pressed
        if self._is_held_from_start:
            self._is_held_from_start = False
        elif self._callback is not None:
            self._callback(is_pressed)

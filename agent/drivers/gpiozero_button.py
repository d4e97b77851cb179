"""A push button between a Raspberry Pi's pin and ground, by gpiozero over lgpio."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from typing import Final, Protocol

import structlog

from agent.drivers.gpiozero_pins import lgpio_factory, load_gpiozero, plain_errors
from agent.settings.device import ButtonSettings

log = structlog.get_logger()

BOUNCE_S: Final = 0.02
"""lgpio reports an edge once the level has been stable for this long; shorter presses vanish."""


class _Input(Protocol):
    when_pressed: Callable[[], None] | None
    when_released: Callable[[], None] | None

    @property
    def is_pressed(self) -> bool: ...

    def close(self) -> None: ...


class GpiozeroEdges:
    """Carries edges from gpiozero's threads to the loop.

    A button that is held when the agent starts counts as released until it is let go: it may
    be stuck, and must not reset or switch anything.
    """

    def __init__(self, pin: str, *, is_held: bool) -> None:
        self._pin = pin
        self._is_held_from_start = is_held
        self._callback: Callable[[bool], None] | None = None
        self._loop = asyncio.get_running_loop()
        if is_held:
            log.warning("button.held", pin=pin, until="it is released, it is ignored")

    def on_edge(self, callback: Callable[[bool], None]) -> None:
        """Call *callback* on the loop with True when pressed and False when released."""
        self._callback = callback

    def pressed(self) -> None:
        """Take an edge in a foreign thread."""
        self._cross(is_pressed=True)

    def released(self) -> None:
        """Take an edge in a foreign thread."""
        self._cross(is_pressed=False)

    def _cross(self, *, is_pressed: bool) -> None:
        try:
            self._loop.call_soon_threadsafe(self._deliver, is_pressed)
        except RuntimeError as error:  # the loop was closed in this moment
            log.debug("button.late", pin=self._pin, error=str(error))

    def _deliver(self, is_pressed: bool) -> None:  # noqa: FBT001 - call_soon passes by position
        if self._is_held_from_start:
            self._is_held_from_start = is_pressed
        elif self._callback is not None:
            self._callback(is_pressed)


class GpiozeroButton:
    """Opens the pin that is named in the settings, with its pull-up."""

    def __init__(
        self,
        settings: ButtonSettings,
        thing: object = None,
        *,
        make_factory: Callable[[], object] = lgpio_factory,
    ) -> None:
        del thing
        self._pin = settings.pin
        self._make_factory = make_factory

    @asynccontextmanager
    async def open(self) -> AsyncGenerator[GpiozeroEdges, None]:
        """Claim the pin; edges end with the context."""
        with plain_errors(self._pin):
            button: _Input = load_gpiozero().Button(
                self._pin,
                pull_up=True,
                bounce_time=BOUNCE_S,
                pin_factory=self._make_factory(),
            )
            edges = GpiozeroEdges(self._pin, is_held=button.is_pressed)
            button.when_pressed = edges.pressed
            button.when_released = edges.released
        try:
            yield edges
        finally:
            with plain_errors(self._pin):
                button.close()

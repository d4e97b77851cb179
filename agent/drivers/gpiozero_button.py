"""A push button on a Raspberry Pi's pin, by gpiozero over lgpio."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from typing import Final, Protocol

import structlog

from agent.drivers.edges import Edges
from agent.drivers.gpiozero_pins import (
    are_packages_installed,
    lgpio_factory,
    load_gpiozero,
    plain_errors,
)
from agent.settings.device import ButtonSettings

log = structlog.get_logger()

BOUNCE_S: Final = 0.02
"""lgpio reports an edge once the level has been stable for this long; shorter presses vanish."""

_PULLS: Final = {"up": True, "down": False, "none": None}
"""As gpiozero calls them; with either the pressed level is the other one."""


class _Input(Protocol):
    when_pressed: Callable[[], None] | None
    when_released: Callable[[], None] | None

    @property
    def is_pressed(self) -> bool: ...

    def close(self) -> None: ...


class GpiozeroEdges(Edges):
    """Carries edges from gpiozero's threads to the loop."""

    def __init__(self, pin: str, *, is_held: bool) -> None:
        self._loop = asyncio.get_running_loop()
        super().__init__(pin, is_held=is_held)

    def pressed(self) -> None:
        """Take an edge in a foreign thread."""
        self._cross(is_pressed=True)

    def released(self) -> None:
        """Take an edge in a foreign thread."""
        self._cross(is_pressed=False)

    def _cross(self, *, is_pressed: bool) -> None:
        try:
            self._loop.call_soon_threadsafe(self.deliver, is_pressed)
        except RuntimeError as error:  # the loop was closed in this moment
            log.debug("button.late", pin=self._pin, error=str(error))


class GpiozeroButton:
    """Opens the pin that is named in the settings, with its pull."""

    def __init__(
        self,
        settings: ButtonSettings,
        thing: object = None,
        *,
        make_factory: Callable[[], object] = lgpio_factory,
    ) -> None:
        del thing
        self._pin = settings.pin
        self._pull_up = _PULLS[settings.pull]
        self._active_state = not settings.is_active_low if self._pull_up is None else None
        self._make_factory = make_factory

    @staticmethod
    def is_present() -> bool:
        """Tell whether the packages are installed."""
        return are_packages_installed()

    @asynccontextmanager
    async def open(self) -> AsyncGenerator[GpiozeroEdges, None]:
        """Claim the pin; edges end with the context."""
        with plain_errors(self._pin):
            button: _Input = load_gpiozero().Button(
                self._pin,
                pull_up=self._pull_up,
                active_state=self._active_state,
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

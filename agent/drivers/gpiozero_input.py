"""An input of a Raspberry Pi's pin, on or off, by gpiozero over lgpio."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from typing import Final, Protocol

import structlog

from agent.drivers.gpiozero_pins import lgpio_factory, load_gpiozero, plain_errors
from agent.settings.sensors import InputSensorSettings

log: Final = structlog.get_logger()

_PULLS: Final = {"up": True, "down": False, "none": None}
"""As gpiozero calls them; with either the level that means on is the other one."""


class _Input(Protocol):
    when_activated: Callable[[], None] | None
    when_deactivated: Callable[[], None] | None

    @property
    def value(self) -> float: ...

    def close(self) -> None: ...


class GpiozeroLevel:
    """An open input; of many edges at once, one is told."""

    def __init__(self, device: _Input, pin: str) -> None:
        self._device = device
        self._pin = pin
        self._loop = asyncio.get_running_loop()
        self._callback: Callable[[], None] | None = None
        self._is_on_its_way = False

    async def measure(self) -> bool:
        """Read the pin, which holds up nothing; raise `DriverError`."""
        with plain_errors(self._pin):
            return bool(self._device.value)

    def on_change(self, callback: Callable[[], None]) -> None:
        """Call *callback* on the loop whenever it is worth measuring again."""
        self._callback = callback

    def edge(self) -> None:
        """Take an edge in a foreign thread."""
        if self._is_on_its_way:
            return
        self._is_on_its_way = True
        try:
            self._loop.call_soon_threadsafe(self._tell)
        except RuntimeError as error:  # the loop was closed in this moment
            log.debug("input.late", pin=self._pin, error=str(error))

    def _tell(self) -> None:
        self._is_on_its_way = False
        if self._callback is not None:
            self._callback()


class GpiozeroInput:
    """Opens the pin that is named in the settings, with its pull."""

    def __init__(
        self,
        settings: InputSensorSettings,
        thing: object = None,
        *,
        make_factory: Callable[[], object] = lgpio_factory,
    ) -> None:
        del thing
        self._pin = settings.pin
        self._pull_up = _PULLS[settings.pull]
        self._active_state = not settings.is_active_low if self._pull_up is None else None
        self._debounce_s = settings.debounce_s or None
        self._make_factory = make_factory

    @asynccontextmanager
    async def open(self) -> AsyncGenerator[GpiozeroLevel, None]:
        """Claim the pin; edges end with the context."""
        with plain_errors(self._pin):
            device: _Input = load_gpiozero().DigitalInputDevice(
                self._pin,
                pull_up=self._pull_up,
                active_state=self._active_state,
                bounce_time=self._debounce_s,
                pin_factory=self._make_factory(),
            )
        level = GpiozeroLevel(device, self._pin)
        device.when_activated = level.edge
        device.when_deactivated = level.edge
        try:
            yield level
        finally:
            with plain_errors(self._pin):
                device.close()

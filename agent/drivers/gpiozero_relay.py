"""A relay on a Raspberry Pi's pin, by gpiozero over lgpio."""

from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from typing import Protocol

from agent.drivers.gpiozero_pins import (
    are_packages_installed,
    lgpio_factory,
    load_gpiozero,
    plain_errors,
)
from agent.errors import ConfigError
from agent.ports import HeldLine, Line
from agent.settings.relays import RelaySettings


class _Output(Protocol):
    value: float

    def close(self) -> None: ...


class GpiozeroContact:
    """A pin that is an output."""

    def __init__(self, output: _Output, pin: str) -> None:
        self._output = output
        self._pin = pin

    @property
    def line(self) -> Line:
        """The pin, for whoever drives it when the process is gone."""
        return Line(driver="gpiozero", address=self._pin, active_high=True)

    @property
    def descriptor(self) -> None:
        """None: lgpio hides its claim, so nobody can hold it through a restart."""
        return

    def set(self, *, on: bool) -> None:
        """Drive the pin; raise `DriverError`."""
        with plain_errors(self._pin):
            self._output.value = float(on)


class GpiozeroRelay:
    """Opens the pin that is named in the settings; active-high hardware only.

    lgpio takes a pin as an input, then as a low output, before it has its level: a relay that
    is on clicks at a restart, and one that closes at the low level would close at every start.
    """

    def __init__(
        self,
        settings: RelaySettings,
        thing: object = None,
        *,
        make_factory: Callable[[], object] = lgpio_factory,
    ) -> None:
        del thing
        if not settings.active_high:
            raise ConfigError(
                'device.relay: driver = "gpiozero" would close an active-low relay for a moment'
                ' at every start; use driver = "gpiod", which sets direction and level in one'
                " step (sudo scripts/install-service --extras gateway), or an active-high board"
            )
        self._pin = settings.pin
        self._keeps = settings.on_stop == "keep"
        self._make_factory = make_factory
        self._kept: _Output | None = None

    @staticmethod
    def is_present() -> bool:
        """Tell whether the packages are installed."""
        return are_packages_installed()

    @staticmethod
    def probe(held: int) -> HeldLine | None:
        """None: a claim of another driver cannot be taken over."""
        del held
        return None

    @asynccontextmanager
    async def open(
        self, *, on: bool, held: int | None = None
    ) -> AsyncGenerator[GpiozeroContact, None]:
        """Claim the pin; at the end it becomes an input, unless it is on and is to stay so."""
        del held
        output = self._claim(on=on)
        contact = GpiozeroContact(output, self._pin)
        try:
            yield contact
        finally:
            if self._keeps and output.value:
                self._kept = output
            else:
                with plain_errors(self._pin):
                    output.close()

    def _claim(self, *, on: bool) -> _Output:
        with plain_errors(self._pin):
            if self._kept is not None:
                kept, self._kept = self._kept, None
                kept.value = float(on)
                return kept
            output: _Output = load_gpiozero().OutputDevice(
                self._pin, active_high=True, initial_value=on, pin_factory=self._make_factory()
            )
            return output

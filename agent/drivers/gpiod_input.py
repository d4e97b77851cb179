"""An input of any Linux GPIO chip, on or off: the kernel debounces, the loop hears its edges."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Final, Protocol

import gpiod
from gpiod.line import Bias, Direction, Edge, Value

from agent.drivers.gpio_lines import (
    Found,
    OpenChip,
    checked_name,
    chip_paths,
    fault,
    needed_line,
    request_line,
)
from agent.errors import DriverError
from agent.settings.sensors import InputSensorSettings

_BIASES: Final = {"up": Bias.PULL_UP, "down": Bias.PULL_DOWN, "none": Bias.DISABLED}


class _Request(Protocol):
    @property
    def fd(self) -> int: ...

    def get_value(self, line: int) -> Value: ...

    def wait_edge_events(self, timeout: float) -> bool: ...

    def read_edge_events(self) -> Sequence[object]: ...

    def release(self) -> None: ...


class GpiodLevel:
    """An open input; when its chip is gone it tells a change, and cannot be measured."""

    def __init__(self, request: _Request, found: Found) -> None:
        self._request = request
        self._found = found
        self._callback: Callable[[], None] | None = None
        self._lost: DriverError | None = None
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(request.fd, self._hear)

    async def measure(self) -> bool:
        """Read the line; raise `DriverError`."""
        if self._lost is not None:
            raise self._lost
        try:
            return self._request.get_value(self._found.offset) is Value.ACTIVE
        except OSError as error:
            raise self._fault(error) from error

    def on_change(self, callback: Callable[[], None]) -> None:
        """Call *callback* on the loop whenever it is worth measuring again."""
        self._callback = callback

    def close(self) -> None:
        """Give the line back; no edge arrives any more."""
        self._callback = None
        self._loop.remove_reader(self._request.fd)
        self._request.release()

    def _hear(self) -> None:
        """Take the edges that wait; without one a read would hold the loop."""
        try:
            if self._request.wait_edge_events(0):
                self._request.read_edge_events()
        except OSError as error:
            self._loop.remove_reader(self._request.fd)
            self._lost = self._fault(error)
        if self._callback is not None:
            self._callback()

    def _fault(self, error: OSError) -> DriverError:
        return fault(self._found.name, self._found.chip, error)


class GpiodInput:
    """Opens the line that is named in the settings."""

    def __init__(
        self,
        settings: InputSensorSettings,
        thing: object = None,
        *,
        open_chip: OpenChip = gpiod.Chip,
        paths: Callable[[], tuple[str, ...]] = chip_paths,
    ) -> None:
        del thing
        self._pin = checked_name("pin", settings.pin)
        self._open_chip = open_chip
        self._paths = paths
        self._line = gpiod.LineSettings(
            direction=Direction.INPUT,
            edge_detection=Edge.BOTH,
            bias=_BIASES[settings.pull],
            active_low=settings.is_active_low,
            debounce_period=timedelta(seconds=settings.debounce_s),
        )

    @asynccontextmanager
    async def open(self) -> AsyncGenerator[GpiodLevel, None]:
        """Claim the line; edges end with the context."""
        found = needed_line(self._pin, self._open_chip, self._paths())
        level = GpiodLevel(request_line(found, self._line, self._open_chip), found)
        try:
            yield level
        finally:
            level.close()

"""A push button on any Linux GPIO chip: the kernel debounces, and the loop reads its edges."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Final, Protocol

import gpiod
import structlog
from gpiod.line import Bias, Direction, Edge, Value

from agent.drivers.edges import Edges
from agent.drivers.gpio_lines import (
    Found,
    OpenChip,
    checked_name,
    chip_paths,
    fault,
    find_line,
    needed_line,
    request_line,
)
from agent.errors import DriverError
from agent.settings.device import ButtonSettings

log: Final = structlog.get_logger()

DEBOUNCE: Final = timedelta(milliseconds=20)
REOPEN_S: Final = 20.0
"""A lost chip is looked for this often; the first time is later than any hold that means
something, so that a press which the loss cut short does nothing."""

_BIASES: Final = {"up": Bias.PULL_UP, "down": Bias.PULL_DOWN, "none": Bias.DISABLED}
_PRESS: Final = gpiod.EdgeEvent.Type.RISING_EDGE
"""The kernel's edges are those of the line at its polarity."""


class _Timer(Protocol):
    def cancel(self) -> None: ...


class _Event(Protocol):
    @property
    def event_type(self) -> gpiod.EdgeEvent.Type: ...

    @property
    def line_seqno(self) -> int: ...


class _Request(Protocol):
    @property
    def fd(self) -> int: ...

    def get_value(self, line: int) -> Value: ...

    def wait_edge_events(self, timeout: float) -> bool: ...

    def read_edge_events(self) -> Sequence[_Event]: ...

    def release(self) -> None: ...


Claim = Callable[[], tuple[_Request, Found]]
Later = Callable[[float, Callable[[], None]], _Timer]


class GpiodEdges(Edges):
    """Reads a line's edges when the kernel has some; looks for the line again when it is lost."""

    def __init__(self, pin: str, claim: Claim, later: Later) -> None:
        self._claim = claim
        self._later = later
        self._loop = asyncio.get_running_loop()
        self._timer: _Timer | None = None
        self._request: _Request | None = None
        self._last_number = 0
        request, is_held = self._claimed()
        super().__init__(pin, is_held=is_held)
        self._watch(request)

    def close(self) -> None:
        """Give the line back; no edge arrives any more."""
        self._callback = None
        if self._timer is not None:
            self._timer.cancel()
        if self._request is not None:
            self._let_go(self._request)

    def _claimed(self) -> tuple[_Request, bool]:
        request, found = self._claim()
        try:
            return request, request.get_value(found.offset) is Value.ACTIVE
        except OSError as error:
            request.release()
            raise fault(found.name, found.chip, error) from error

    def _watch(self, request: _Request) -> None:
        self._request = request
        self._last_number = 0
        self._loop.add_reader(request.fd, self._read, request)

    def _let_go(self, request: _Request) -> None:
        self._loop.remove_reader(request.fd)
        request.release()
        self._request = None

    def _read(self, request: _Request) -> None:
        """Take the edges that wait; without one a read would hold the loop."""
        try:
            events = request.read_edge_events() if request.wait_edge_events(0) else ()
        except OSError as error:
            self._lose(request, error)
            return
        for event in events:
            self._take(event)

    def _take(self, event: _Event) -> None:
        """Pass an edge on. Where the kernel had no room for those before it, they were changes."""
        if event.line_seqno > self._last_number + 1:
            log.debug("button.overrun", pin=self._pin)
            self.deliver(False)  # noqa: FBT003 - the callback's form
        self._last_number = event.line_seqno
        self.deliver(event.event_type is _PRESS)

    def _lose(self, request: _Request, error: OSError) -> None:
        self._let_go(request)
        log.warning("button.lost", pin=self._pin, error=str(error), again_s=REOPEN_S)
        self._timer = self._later(REOPEN_S, self._look)

    def _look(self) -> None:
        """Take the line again, if it is back."""
        if self.is_passed_on:
            self.deliver(False)  # noqa: FBT003 - the callback's form
        try:
            request, is_held = self._claimed()
        except DriverError as error:
            log.debug("button.missing", pin=self._pin, error=str(error))
            self._timer = self._later(REOPEN_S, self._look)
            return
        log.info("button.found", pin=self._pin)
        self.begin(is_held=is_held)
        self._watch(request)


class GpiodButton:
    """Opens the line that is named in the settings."""

    def __init__(
        self,
        settings: ButtonSettings,
        thing: object = None,
        *,
        open_chip: OpenChip = gpiod.Chip,
        paths: Callable[[], tuple[str, ...]] = chip_paths,
        later: Later | None = None,
    ) -> None:
        del thing
        self._pin = checked_name("device.button.pin", settings.pin)
        self._settings = settings
        self._open_chip = open_chip
        self._paths = paths
        self._later = later

    def is_present(self) -> bool:
        """Tell whether a chip of this machine has the line."""
        return find_line(self._pin, self._open_chip, self._paths()) is not None

    @asynccontextmanager
    async def open(self) -> AsyncGenerator[GpiodEdges, None]:
        """Claim the line; edges end with the context."""
        later = self._later or asyncio.get_running_loop().call_later
        edges = GpiodEdges(self._pin, self._claim, later)
        try:
            yield edges
        finally:
            edges.close()

    def _claim(self) -> tuple[gpiod.LineRequest, Found]:
        found = needed_line(self._pin, self._open_chip, self._paths())
        settings = gpiod.LineSettings(
            direction=Direction.INPUT,
            edge_detection=Edge.BOTH,
            bias=_BIASES[self._settings.pull],
            active_low=self._settings.is_active_low,
            debounce_period=DEBOUNCE,
        )
        return request_line(found, settings, self._open_chip), found

"""The three lines of a pulse meter on any Linux GPIO chip: the kernel times the edges."""

import asyncio
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Final, Literal, Protocol

import gpiod
from gpiod.line import Bias, Clock, Direction, Edge, Value

from agent.drivers.gpio_lines import Found, OpenChip, fault, needed_line, request_line

KEPT_EDGES: Final = 1024
"""As many as the kernel keeps at most: half a second of a BL0937 at its end."""

NS: Final = 1e9
_BIASES: Final = {"up": Bias.PULL_UP, "down": Bias.PULL_DOWN, "none": Bias.AS_IS}

Take = Callable[[float, int], None]
"""(when, in the loop's time; the kernel's number of the edge)."""


class EdgeEvent(Protocol):
    """What is used of an edge of libgpiod's."""

    @property
    def timestamp_ns(self) -> int:
        """The kernel's monotonic clock."""
        ...

    @property
    def line_seqno(self) -> int:
        """How many edges the line has had with this one, those included that were not kept."""
        ...


class PulseInput:
    """One line of pulses: each rising edge goes to *take*, on the loop, as soon as it can."""

    def __init__(self, found: Found, request: gpiod.LineRequest, take: Take) -> None:
        self.error: OSError | None = None
        self._found = found
        self._request = request
        self._take = take

    def read(self) -> None:
        """Take the edges that wait; without one a read would hold the loop.

        No more than the kernel keeps: a line that picks up noise is never read to its end.
        """
        taken = 0
        try:
            while self.error is None and taken < KEPT_EDGES and self._request.wait_edge_events(0):
                events = self._request.read_edge_events()
                taken += len(events)
                for event in events:
                    self._take(event.timestamp_ns / NS, event.line_seqno)
        except OSError as error:
            self.error = error
            self._forget()

    @contextmanager
    def read_by_loop(self) -> Generator[None]:
        """Read whenever the kernel has something, so that it never runs out of room."""
        asyncio.get_running_loop().add_reader(self._request.fd, self.read)
        try:
            yield
        finally:
            self._forget()
            self._request.release()

    def check(self) -> None:
        """Raise `DriverError` where the line was lost."""
        if self.error is not None:
            found = self._found
            raise fault(found.name, found.chip, self.error) from self.error

    def _forget(self) -> None:
        asyncio.get_running_loop().remove_reader(self._request.fd)


class PulseLines:
    """Claims lines by name; *open_chip* and *paths* as libgpiod and the machine have them."""

    def __init__(self, open_chip: OpenChip, paths: Callable[[], tuple[str, ...]]) -> None:
        self._open_chip = open_chip
        self._paths = paths

    @contextmanager
    def pulses(
        self, name: str, pull: Literal["up", "down", "none"], take: Take
    ) -> Generator[PulseInput]:
        """Claim an input of pulses for as long as the context lasts."""
        found = needed_line(name, self._open_chip, self._paths())
        settings = gpiod.LineSettings(
            direction=Direction.INPUT,
            edge_detection=Edge.RISING,
            bias=_BIASES[pull],
            event_clock=Clock.MONOTONIC,
        )
        request = request_line(found, settings, self._open_chip, event_buffer_size=KEPT_EDGES)
        pulses = PulseInput(found, request, take)
        with pulses.read_by_loop():
            yield pulses

    @contextmanager
    def level(self, name: str, *, high: bool) -> Generator["Level"]:
        """Claim an output at a level for as long as the context lasts."""
        found = needed_line(name, self._open_chip, self._paths())
        settings = gpiod.LineSettings(direction=Direction.OUTPUT, output_value=_value(high=high))
        request = request_line(found, settings, self._open_chip)
        try:
            yield Level(found, request)
        finally:
            request.release()


class Level:
    """A line that is driven."""

    def __init__(self, found: Found, request: gpiod.LineRequest) -> None:
        self._found = found
        self._request = request

    def set(self, *, high: bool) -> None:
        """Drive the line; raise `DriverError`."""
        try:
            self._request.set_value(self._found.offset, _value(high=high))
        except OSError as error:
            raise fault(self._found.name, self._found.chip, error) from error


def _value(*, high: bool) -> Value:
    return Value.ACTIVE if high else Value.INACTIVE

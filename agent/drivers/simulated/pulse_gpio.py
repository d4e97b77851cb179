"""A GPIO chip in memory with the three lines of a pulse meter, as libgpiod shows a kernel's."""

import errno
import os
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Self

from gpiod import LineSettings
from gpiod.line import Direction, Value

from agent.drivers.simulated.pulse_chip import PulseChip

PATH: Final = "/dev/gpiochip-simulated"
READ_AT_ONCE: Final = 64
ROOM: Final = 16
"""Edges that a kernel keeps of a line unless it is asked to keep more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LineInfo:
    """Who holds a line."""

    used: bool
    consumer: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EdgeEvent:
    """One edge: its time and its number."""

    timestamp_ns: int
    line_seqno: int


class Watched:
    """A claim on an input: it keeps the newest edges, and numbers all of them."""

    def __init__(self, gpio: "PulseGpio", room: int) -> None:
        self.fd, self._far_end = os.pipe()
        os.set_blocking(self._far_end, False)
        self._gpio = gpio
        self._number = 0
        self._kept: deque[EdgeEvent] = deque(maxlen=room)

    def notice(self, at: float) -> None:
        """Keep an edge; the oldest goes where there is no room."""
        self._number = (self._number + 1) % (1 << 32)
        if not self._kept:
            os.write(self._far_end, b"e")
        self._kept.append(EdgeEvent(timestamp_ns=round(at * 1e9), line_seqno=self._number))

    def wait_edge_events(self, timeout: float) -> bool:
        """Tell whether an edge waits, or the claim is lost."""
        assert timeout == 0, "the loop has other things to do"
        return bool(self._kept) or self._gpio.error is not None

    def read_edge_events(self) -> list[EdgeEvent]:
        """Take the oldest edges, not all at once."""
        if self._gpio.error is not None:
            raise self._gpio.error
        taken = [self._kept.popleft() for _ in range(min(READ_AT_ONCE, len(self._kept)))]
        if not self._kept:
            os.read(self.fd, 1)
        return taken

    def release(self) -> None:
        """Give the line back."""
        self._gpio.release(self)
        os.close(self.fd)
        os.close(self._far_end)


class Driven:
    """A claim on SEL."""

    def __init__(self, gpio: "PulseGpio") -> None:
        self._gpio = gpio

    def set_value(self, line: int, value: Value) -> None:
        """Drive the line."""
        del line
        if self._gpio.error is not None:
            raise self._gpio.error
        self._gpio.chip.select(high=value is Value.ACTIVE)

    def release(self) -> None:
        """Give the line back."""
        self._gpio.release(self)


class PulseGpio:
    """The chip of lines `CF`, `CF1` and `SEL`; `open_chip` and `paths` go to the driver.

    `error`: what every call says from now on, as an unplugged chip does. `room`: edges that are
    kept of a line, whatever was asked for.
    """

    NAMES: Final = ("CF", "CF1", "SEL")

    def __init__(self, chip: PulseChip) -> None:
        self.chip = chip
        self.error: OSError | None = None
        self.room: int | None = None
        self.claims: dict[int, Watched | Driven] = {}

    def open_chip(self, path: str) -> Self:
        """Open the one chip that there is."""
        assert path == PATH
        return self

    def paths(self) -> tuple[str, ...]:
        """List it."""
        return (PATH,)

    def advance(self, to: float) -> None:
        """Let time pass: edges come on lines that somebody watches."""
        for line, at in self.chip.advance(to):
            claim = self.claims.get(("cf", "cf1").index(line))
            if isinstance(claim, Watched):
                claim.notice(at)

    def release(self, claim: Watched | Driven) -> None:
        """Forget a claim."""
        self.claims = {line: held for line, held in self.claims.items() if held is not claim}

    # ── libgpiod's Chip ─────────────────────────────────────────────────────────────────────

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def line_offset_from_id(self, line: str) -> int:
        """Find a line by name."""
        if line not in self.NAMES:
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT))
        return self.NAMES.index(line)

    def get_line_info(self, line: int) -> LineInfo:
        """Tell who holds a line."""
        return LineInfo(used=line in self.claims, consumer="simulated")

    def request_lines(
        self,
        config: Mapping[int, LineSettings],
        consumer: str,
        event_buffer_size: int | None = None,
    ) -> Watched | Driven:
        """Claim the one line of *config*."""
        del consumer
        ((line, settings),) = config.items()
        if self.error is not None:
            raise self.error
        if line in self.claims:
            raise OSError(errno.EBUSY, os.strerror(errno.EBUSY))
        if settings.direction is Direction.OUTPUT:
            self.chip.select(high=settings.output_value is Value.ACTIVE)
            claim: Watched | Driven = Driven(self)
        else:
            claim = Watched(self, self.room or event_buffer_size or ROOM)
        self.claims[line] = claim
        return claim

"""Drivers and the clock: what the hardware and time look like to the agent."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from agent.model import Color, Reading, Stamp


class Meter(Protocol):
    """A source of readings."""

    def readings(self) -> AsyncIterator[Reading]:
        """Open the meter and yield readings until it is lost; raise `DriverError` then."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """How to reach a relay's contact from outside the process: for the stop guard's file."""

    driver: str
    address: str
    """A chip path and offset, a pin name, or a path: whatever *driver* needs to find it."""
    active_high: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldLine:
    """What a descriptor that was held through a restart turned out to be."""

    line: Line
    is_on: bool


class Relay(Protocol):
    """A contact. Opening the driver puts the line at a level without a blip."""

    @property
    def line(self) -> Line | None:
        """The line that is driven, or None where nothing outlives the process."""
        ...

    @property
    def descriptor(self) -> int | None:
        """The descriptor whose last close releases the line; None where there is none."""
        ...

    def set(self, *, on: bool) -> None:
        """Drive the contact at once; never block, never await; raise `DriverError`."""
        ...


@runtime_checkable
class Confirmed(Protocol):
    """An output that learns only later whether it obeyed: a contact of a board on a bus."""

    def on_doubt(self, callback: Callable[[], None]) -> None:
        """Call *callback* on the loop once `set` would raise though it did not; then drive again.

        Soon, if that is so already.
        """
        ...

    @property
    def is_in_doubt(self) -> bool:
        """Tell whether nothing confirms where it stands: after its end, where it was left."""
        ...


class Button(Protocol):
    """A push button."""

    def on_edge(self, callback: Callable[[bool], None]) -> None:
        """Call *callback* on the loop with True when pressed and False when released."""
        ...


class Thermometer(Protocol):
    """A temperature sensor."""

    async def celsius(self) -> float:
        """Measure now, without holding the loop; raise `DriverError`."""
        ...


class Sensor(Protocol):
    """A source of one quantity, in the unit that its driver or its section's `scale` gives."""

    async def measure(self) -> float | bool:
        """Measure now, without holding the loop; raise `DriverError`."""
        ...


@runtime_checkable
class Watched(Protocol):
    """A sensor that can tell when something has changed: an input with edges."""

    def on_change(self, callback: Callable[[], None]) -> None:
        """Call *callback* on the loop whenever it is worth measuring again."""
        ...


class Dimmer(Protocol):
    """An output of many levels. Opening the driver puts it at a level without a blip."""

    @property
    def line(self) -> Line | None:
        """What is driven, or None where nothing outlives the process."""
        ...

    def set(self, *, level: float) -> None:
        """Drive the output at *level*, 0.0 (off) to 1.0; never block; raise `DriverError`."""
        ...


class Indicator(Protocol):
    """A light of one colour at a time."""

    def show(self, color: Color) -> None:
        """Show *color*; the latest wins; raise `DriverError`."""
        ...


class Provisioner(Protocol):
    """The machine's way into a network. All of it may take half a minute."""

    async def begin(self, name: str) -> str:
        """Open a network of our own, and tell what it is called; raise `DriverError`.

        A person then joins it and brings the machine into another.
        """
        ...

    async def end(self) -> None:
        """Close the network of our own, if it is open; raise `DriverError`."""
        ...

    async def forget(self) -> None:
        """Forget every network that the machine knows; raise `DriverError` if one is left."""
        ...


class RelayDriver(Protocol):
    """Opens a relay: the contact stands at *on* when the context is entered."""

    def probe(self, held: int) -> HeldLine | None:
        """Tell what *held* is; None where it is not a claim on this relay's line. Moves nothing."""
        ...

    def open(self, *, on: bool, held: int | None = None) -> AbstractAsyncContextManager[Relay]:
        """Claim the line with its level in one step where the kernel can.

        *held*, which `probe` has accepted, is the claim itself: it is taken over, and the contact
        moves only if it does not stand at *on*. A line in use raises `LineBusyError`.
        """
        ...


@runtime_checkable
class Announced(Protocol):
    """A driver whose opening takes its time, and that knows before it what it will drive."""

    @property
    def line(self) -> Line | None:
        """The line that `open` drives."""
        ...


class DimmerDriver(Protocol):
    """Opens a dimmer."""

    def open(self, *, level: float) -> AbstractAsyncContextManager[Dimmer]:
        """Claim the output at *level*."""
        ...


class SensorDriver(Protocol):
    """Opens a sensor."""

    def open(self) -> AbstractAsyncContextManager[Sensor]:
        """Claim what the sensor is on; raise `DriverError` where it is not there."""
        ...


class ButtonDriver(Protocol):
    """Opens a button."""

    def open(self) -> AbstractAsyncContextManager[Button]:
        """Claim the line."""
        ...


class IndicatorDriver(Protocol):
    """Opens an indicator."""

    def open(self) -> AbstractAsyncContextManager[Indicator]:
        """Claim the light, dark."""
        ...


class Clock(Protocol):
    """Time, as an argument to everything that needs it."""

    def now(self) -> float:
        """Monotonic seconds, the loop's own."""
        ...

    def wall_time(self) -> float | None:
        """Unix seconds, or None while the clock is not trusted."""
        ...

    def stamp(self) -> Stamp:
        """Tell the moment, and how far its wall time is trusted."""
        ...

    def since_boot(self) -> float:
        """Seconds since the machine booted, those of a suspend too: what outlives a process."""
        ...

    def wall_time_at(self, at: float) -> float | None:
        """Unix seconds of the moment *at* of this boot, as they are known now; None: not yet."""
        ...

    def learn(self, wall_time: float) -> None:
        """Take a platform's time of this moment, where nothing better is known."""
        ...

    def tls_is_possible(self) -> bool:
        """Tell whether the clock can check a certificate (it is not before the build date)."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        ...

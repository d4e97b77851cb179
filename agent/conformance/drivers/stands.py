"""What a driver is examined at: its hardware's fake, which tells what it was made to do."""

from collections.abc import Sequence
from enum import StrEnum
from typing import Protocol, TypeVar

from agent.model import Color
from agent.ports import (
    ButtonDriver,
    DimmerDriver,
    IndicatorDriver,
    Meter,
    RelayDriver,
    SensorDriver,
    Thermometer,
)

D = TypeVar("D", covariant=True)  # noqa: PLC0105 - a driver


class Fault(StrEnum):
    """What goes wrong with hardware, on purpose."""

    GONE = "gone"
    """It is not there: unplugged, no such file, nobody listens."""
    ERROR = "error"
    """It refuses every access."""
    SILENT = "silent"
    """It takes what it is told and does not answer until the fault is over."""
    BUSY = "busy"
    """Somebody else has it: only where a driver claims it."""
    SPLIT = "split"
    """What it says comes in the smallest pieces."""
    NOISE = "noise"
    """What it says comes with garbage in between."""


class Stand(Protocol[D]):
    """One piece of hardware, and the driver at it. A rule has a fresh one.

    What is plugged in here works at first. It may be slow, as the real thing is.
    """

    @property
    def faults(self) -> frozenset[Fault]:
        """What can be made to go wrong here."""
        ...

    def driver(self) -> D:
        """Make the driver anew for this hardware, as a start of the agent does."""
        ...

    def make(self, fault: Fault | None) -> None:
        """Have something go wrong from now on; None: mend it. Any thread may ask for that."""
        ...


class RelayStand(Stand[RelayDriver], Protocol):
    """A contact."""

    @property
    def moves(self) -> Sequence[bool]:
        """Where the contact was driven to, in order; a repetition may be left out."""
        ...

    def is_on(self) -> bool:
        """Tell whether it is closed now."""
        ...

    def put(self, *, on: bool) -> None:
        """Leave it closed or open, as an earlier process may have done."""
        ...


class DimmerStand(Stand[DimmerDriver], Protocol):
    """An output of many levels; `moves` and `put` are as of a contact."""

    @property
    def moves(self) -> Sequence[float]:
        """Which levels it was driven to, in order."""
        ...

    @property
    def step(self) -> float:
        """How far apart its levels are, of 1.0."""
        ...

    def level(self) -> float:
        """Tell its level now."""
        ...

    def put(self, *, level: float) -> None:
        """Leave it at a level."""
        ...


class MeterStand(Stand[Meter], Protocol):
    """What is measured: a load on mains."""

    @property
    def tolerance(self) -> float:
        """How far a good reading may be off, as a part of the value."""
        ...

    def load(self, *, voltage_v: float, current_a: float) -> None:
        """Have that measured from now on, at a power factor of 1."""
        ...


class SensorStand(Stand[SensorDriver], Protocol):
    """What is sensed."""

    @property
    def samples(self) -> Sequence[float | bool]:
        """At least two values that it can be made to show, as the driver should give them."""
        ...

    @property
    def tolerance(self) -> float:
        """How far a number may be off."""
        ...

    def show(self, value: float | bool) -> None:  # noqa: FBT001 - a value, not a switch
        """Have that sensed from now on."""
        ...


class ThermometerStand(Stand[Thermometer], Protocol):
    """What is warm; `samples` and the rest are as of a sensor, in degrees Celsius."""

    @property
    def samples(self) -> Sequence[float]:
        """At least two temperatures that it can be made to show."""
        ...

    @property
    def tolerance(self) -> float:
        """How far a measurement may be off."""
        ...

    def show(self, value: float) -> None:
        """Have that temperature from now on."""
        ...


class ButtonStand(Stand[ButtonDriver], Protocol):
    """A finger."""

    def press(self) -> None:
        """Push the button down; any thread may do that."""
        ...

    def release(self) -> None:
        """Let the button go."""
        ...


class IndicatorStand(Stand[IndicatorDriver], Protocol):
    """A light."""

    @property
    def colors(self) -> Sequence[Color]:
        """At least two colours besides black that it can tell apart."""
        ...

    def color(self) -> Color:
        """Tell what it shows now; one that is dark is black."""
        ...

"""The meter's readings: to the device first, then to whoever watches; and the meter's scale."""

import asyncio
from collections.abc import Callable
from typing import Final, Protocol, runtime_checkable

import structlog

from agent.devices.inputs import Measured
from agent.model import Factors, Reading
from agent.ports import Clock, Meter

log: Final = structlog.get_logger()

NO_RESCALE: Final = "the meter's driver has no rescale(): values are shown without the calibration"

METER_PATIENCE_S: Final = 3.0
"""A meter that has not spoken for so long after the start counts as silent."""

Dispatch = Callable[[Measured], object]


@runtime_checkable
class Rescales(Protocol):
    """A meter that can be calibrated."""

    def rescale(self, factors: Factors) -> None:
        """Multiply the configured coefficients by *factors*, from the next reading on."""
        ...


class Readings:
    """Passes each reading on; *door* gives the device's one door. `watchers` may come and go."""

    def __init__(self, meter: Meter | None, name: str, door: Callable[[], Dispatch]) -> None:
        self.watchers: set[Callable[[Reading], None]] = set()
        self._meter = meter
        self._name = name
        self._door = door

    @property
    def can_rescale(self) -> bool:
        """Tell whether the meter can be calibrated."""
        return isinstance(self._meter, Rescales)

    def take(self, reading: Reading) -> None:
        """Pass *reading* on."""
        self._door()(Measured(reading=reading))
        if self.watchers:
            for watcher in tuple(self.watchers):
                watcher(reading)

    def rescale(self, factors: Factors) -> None:
        """Give the meter other factors; one that cannot take them measures as configured."""
        if isinstance(self._meter, Rescales):
            self._meter.rescale(factors)
        else:
            log.warning("calibration.unused", device=self._name, reason=NO_RESCALE)


async def wait_for_meter(clock: Clock, ready: asyncio.Event) -> None:
    """Have a patience with a meter that does not speak after the start; then go on without."""
    await clock.sleep(METER_PATIENCE_S)
    ready.set()

"""A simulated sensor: steady, swinging, or failing on purpose."""

import asyncio
import math
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager

from agent.errors import DriverError
from agent.settings.sensors import Fault, SimulatedSensorSettings


class SimulatedSensor:
    """Driver and sensor in one; a test or the demo moves `value`, or breaks it.

    `fault` is what goes wrong in each measurement that `fault_every` tells: an error, a hang
    that ends with the one who waits, a number that is none. `is_unplugged`: it cannot be opened.
    """

    def __init__(self, settings: SimulatedSensorSettings, thing: object = None) -> None:
        del thing
        self.value = settings.value
        self.fault: Fault = settings.fault
        self.fault_every = settings.fault_every
        self.is_unplugged = False
        self.measured = 0
        self._swing = settings.swing
        self._period_s = settings.period_s
        self._callback: Callable[[], None] | None = None

    @asynccontextmanager
    async def open(self) -> AsyncGenerator["SimulatedSensor", None]:
        """Open it; raise `DriverError` while it is unplugged."""
        self._check_plug()
        try:
            yield self
        finally:
            self._callback = None

    def on_change(self, callback: Callable[[], None]) -> None:
        """Call *callback* whenever it is worth measuring again."""
        self._callback = callback

    def show(self, *, value: float | bool) -> None:
        """Move to *value*, and tell it as an input with edges does."""
        self.value = value
        if self._callback is not None:
            self._callback()

    async def measure(self) -> float | bool:
        """Measure now, or misbehave as told."""
        self._check_plug()
        self.measured += 1
        if self.measured % self.fault_every == 0:
            match self.fault:
                case "error":
                    raise DriverError("the simulated sensor fails, as it was told to")
                case "hang":
                    await asyncio.Event().wait()
                case "nan":
                    return math.nan
                case "none":
                    pass
        return self._swung()

    def _swung(self) -> float | bool:
        if not self._swing:
            return self.value
        turn = math.sin(2 * math.pi * asyncio.get_running_loop().time() / self._period_s)
        if isinstance(self.value, bool):
            return self.value is (turn >= 0)
        return self.value + self._swing * turn

    def _check_plug(self) -> None:
        if self.is_unplugged:
            raise DriverError("the simulated sensor is unplugged, as it was told to be")

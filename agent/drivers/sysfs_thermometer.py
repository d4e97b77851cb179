"""A temperature from a file of the kernel's: w1, hwmon, iio or a thermal zone."""

import asyncio
from pathlib import Path
from typing import Final

from agent.errors import DriverError
from agent.settings.device import TemperatureSettings

LONGEST: Final = 64
LEAST_C: Final = -55.0
MOST_C: Final = 150.0
"""No sensor of these kinds measures outside; such a number is a fault of the sensor."""


class SysfsThermometer:
    """Reads the file in a thread: a 1-wire sensor takes most of a second."""

    def __init__(self, settings: TemperatureSettings, thing: object = None) -> None:
        del thing
        self._path = Path(settings.path)
        self._scale = settings.scale

    async def celsius(self) -> float:
        """Measure now; raise `DriverError`."""
        return await asyncio.to_thread(self._read)

    def _read(self) -> float:
        try:
            with self._path.open("rb") as file:
                text = file.read(LONGEST)
        except OSError as error:
            raise DriverError(
                f"temperature: {self._path}: {error.strerror}: is the sensor connected, and its"
                " driver loaded?"
            ) from error
        try:
            celsius = float(text) * self._scale
        except ValueError as error:
            raise DriverError(f"temperature: {self._path}: {text!r} is no number") from error
        if not LEAST_C <= celsius <= MOST_C:
            raise DriverError(
                f"temperature: {self._path}: {celsius:g} °C cannot be; look at the sensor and at"
                " device.temperature.scale"
            )
        return celsius

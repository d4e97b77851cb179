"""A temperature from a file of the kernel's: w1, hwmon, iio or a thermal zone."""

from pathlib import Path
from typing import Final

from agent.drivers.off_loop import PATIENCE_S, OffLoop
from agent.errors import DriverError
from agent.settings.device import TemperatureSettings

LONGEST: Final = 64
LEAST_C: Final = -55.0
MOST_C: Final = 150.0
"""No sensor of these kinds measures outside; such a number is a fault of the sensor."""


class SysfsThermometer:
    """Reads the file off the loop: a 1-wire sensor takes most of a second."""

    def __init__(
        self, settings: TemperatureSettings, thing: object = None, *, patience_s: float = PATIENCE_S
    ) -> None:
        del thing
        self._path = Path(settings.path)
        self._scale = settings.scale
        self._reading: OffLoop[float] = OffLoop(
            "temperature", f"temperature: {self._path}", patience_s=patience_s
        )

    async def celsius(self) -> float:
        """Measure now; raise `DriverError`, at once while an earlier read still hangs."""
        return await self._reading.ask(self._read)

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

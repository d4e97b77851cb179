"""A temperature from a file of the kernel's: w1, hwmon, iio or a thermal zone."""

import asyncio
import threading
from concurrent.futures import Future
from pathlib import Path
from typing import Final

from agent.errors import DriverError
from agent.settings.device import TemperatureSettings

PATIENCE_S: Final = 5.0
"""A sensor that has not answered for so long hangs: the slowest, on 1-wire, takes 0.75 s."""

LONGEST: Final = 64
LEAST_C: Final = -55.0
MOST_C: Final = 150.0
"""No sensor of these kinds measures outside; such a number is a fault of the sensor."""


class SysfsThermometer:
    """Reads the file in a thread of its own: a 1-wire sensor takes most of a second.

    There is one thread at most, whatever hangs, and it does not hold up the end of the process:
    a read inside the kernel cannot be taken back.
    """

    def __init__(
        self, settings: TemperatureSettings, thing: object = None, *, patience_s: float = PATIENCE_S
    ) -> None:
        del thing
        self._path = Path(settings.path)
        self._scale = settings.scale
        self._patience_s = patience_s
        self._reading: Future[float] | None = None

    async def celsius(self) -> float:
        """Measure now; raise `DriverError`, at once while an earlier read still hangs."""
        if self._reading is not None and not self._reading.done():
            raise self._hangs()
        self._reading = self._begin()
        waiting = asyncio.wrap_future(self._reading)
        try:
            await asyncio.wait([waiting], timeout=self._patience_s)
            if not waiting.done():
                raise self._hangs()
        finally:
            waiting.cancel()  # the read itself goes on, and its answer is nobody's then
        return waiting.result()

    def _begin(self) -> Future[float]:
        reading: Future[float] = Future()
        reading.set_running_or_notify_cancel()
        threading.Thread(
            target=self._answer, args=(reading,), name="temperature", daemon=True
        ).start()
        return reading

    def _answer(self, reading: Future[float]) -> None:
        try:
            reading.set_result(self._read())
        except DriverError as error:
            reading.set_exception(error)

    def _hangs(self) -> DriverError:
        return DriverError(
            f"temperature: {self._path}: no answer within {self._patience_s:g} s: the sensor or its"
            " bus hangs; look at its wiring and at dmesg, or unplug the sensor and plug it in again"
        )

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

"""Temperatures into the device: the socket's own sensor, and the processor's."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Final, NoReturn

import structlog

from agent.devices.inputs import Heat
from agent.drivers.sysfs_thermometer import SysfsThermometer
from agent.errors import DriverError
from agent.ports import Clock, Thermometer
from agent.settings.device import TemperatureSettings

log: Final = structlog.get_logger()

EVERY_S: Final = 2.0
CPU_EVERY_S: Final = 10.0
CPU_FILE: Final = Path("/sys/class/thermal/thermal_zone0/temp")
MEANS: Final = "no protection against heat until it answers"

Dispatch = Callable[[Heat], object]


class Warmth:
    """Measures for one device; `error` says why its own sensor cannot be read, or is None."""

    def __init__(self, name: str) -> None:
        self.error: str | None = None
        self._name = name

    def begin(
        self,
        group: asyncio.TaskGroup,
        thermometer: Thermometer | None,
        dispatch: Dispatch,
        clock: Clock,
    ) -> None:
        """Measure temperatures where there is something to measure them with."""
        if thermometer is not None:
            own = self.watch(thermometer, dispatch, clock)
            group.create_task(own, name=f"{self._name}.temperature")
        if CPU_FILE.exists():
            cpu = SysfsThermometer(TemperatureSettings(driver="sysfs", path=str(CPU_FILE)))
            warmth = self.watch(cpu, dispatch, clock, is_cpu=True)
            group.create_task(warmth, name=f"{self._name}.cpu")

    async def watch(
        self, thermometer: Thermometer, dispatch: Dispatch, clock: Clock, *, is_cpu: bool = False
    ) -> NoReturn:
        """Measure for ever; a sensor that cannot be read is told once, and its value is unknown."""
        every_s = CPU_EVERY_S if is_cpu else EVERY_S
        is_lost = False
        while True:
            celsius, error = await _measured(thermometer)
            if not is_cpu:
                self.error = error
            if is_lost != (error is not None):
                is_lost = not is_lost
                self._tell(error, is_cpu=is_cpu)
            dispatch(Heat(celsius=celsius, is_cpu=is_cpu))
            await clock.sleep(every_s)

    def _tell(self, error: str | None, *, is_cpu: bool) -> None:
        sensor = "cpu" if is_cpu else "socket"
        if error is None:
            log.warning("temperature.found", device=self._name, sensor=sensor)
        else:
            lost = {"error": error} if is_cpu else {"error": error, "means": MEANS}
            log.warning("temperature.lost", device=self._name, sensor=sensor, **lost)


async def _measured(thermometer: Thermometer) -> tuple[float | None, str | None]:
    try:
        return await thermometer.celsius(), None
    except DriverError as error:
        return None, str(error)

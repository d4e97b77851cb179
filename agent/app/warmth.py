"""Temperatures into the device: the socket's own sensor, and the processor's."""

from collections.abc import Callable
from pathlib import Path
from typing import Final, NoReturn

import structlog

from agent.devices.inputs import Heat
from agent.errors import DriverError
from agent.ports import Clock, Thermometer

log: Final = structlog.get_logger()

EVERY_S: Final = 2.0
CPU_EVERY_S: Final = 10.0
CPU_FILE: Final = Path("/sys/class/thermal/thermal_zone0/temp")


async def watch(
    thermometer: Thermometer,
    dispatch: Callable[[Heat], object],
    clock: Clock,
    *,
    is_cpu: bool = False,
) -> NoReturn:
    """Measure for ever; a sensor that cannot be read is told once, and its value is unknown."""
    every_s = CPU_EVERY_S if is_cpu else EVERY_S
    told: str | None = None
    while True:
        try:
            celsius: float | None = await thermometer.celsius()
        except DriverError as error:
            celsius = None
            if told != str(error):
                log.warning("temperature.lost", error=str(error))
                told = str(error)
        else:
            if told is not None:
                log.warning("temperature.found")
            told = None
        dispatch(Heat(celsius=celsius, is_cpu=is_cpu))
        await clock.sleep(every_s)

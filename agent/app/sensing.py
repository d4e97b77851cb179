"""The sensors of one device: measured again and again, each beside the others."""

import asyncio
from collections.abc import Callable, Mapping
from typing import Final, NoReturn

import structlog

from agent.devices.inputs import Sensed
from agent.errors import DriverError
from agent.ports import Clock, Needs, SensorDriver

log: Final = structlog.get_logger()

Dispatch = Callable[[Sensed], object]
EVERY_S: Final = 10.0


class Sensing:
    """Measures for one device; `errors` says why a sensor cannot be read, by sensor."""

    def __init__(self, name: str) -> None:
        self.errors: dict[str, str] = {}
        self._name = name

    def begin(
        self,
        group: asyncio.TaskGroup,
        sensors: Mapping[str, SensorDriver],
        needs: Needs,
        dispatch: Dispatch,
        clock: Clock,
    ) -> None:
        """Measure with every sensor until *group* ends."""
        del needs
        for name, driver in sensors.items():
            watching = self._watch(name, driver, dispatch, clock)
            group.create_task(watching, name=f"{self._name}.{name}")

    async def _watch(
        self, name: str, driver: SensorDriver, dispatch: Dispatch, clock: Clock
    ) -> NoReturn:
        while True:
            try:
                async with driver.open() as sensor:
                    while True:
                        dispatch(Sensed(sensor=name, value=await sensor.measure()))
                        self.errors.pop(name, None)
                        await clock.sleep(EVERY_S)
            except DriverError as error:
                self._tell(name, str(error))
                dispatch(Sensed(sensor=name, value=None))
            await clock.sleep(EVERY_S)

    def _tell(self, name: str, error: str) -> None:
        if name not in self.errors:
            log.warning("sensor.lost", device=self._name, sensor=name, error=error)
        self.errors[name] = error

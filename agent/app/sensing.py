"""The sensors of one device: measured again and again, each beside the others."""

import asyncio
import math
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Final, NoReturn, TypeVar

import structlog

from agent.devices.inputs import Sensed
from agent.errors import DriverError
from agent.ports import Clock, Needs, Sensor, SensorDriver, Watched
from agent.settings.section import NamesDriver
from agent.settings.sensors import SensorSettings

log: Final = structlog.get_logger()

T = TypeVar("T")
Dispatch = Callable[[Sensed], object]

EVERY_S: Final = 10.0
"""How often a sensor is measured whose section does not say."""

SPREAD_S: Final = 2.0
"""The first measurements of a device are spread over so long, or over their own interval."""

RETRY_S: Final = 1.0
"""A DHT11 wants as much between two readings."""

LIMIT_S: Final = 10.0
"""A driver that keeps us waiting for so long hangs; our own give up before."""

GAP_S: Final = 0.05
"""An input that changes more often than this is measured no more often."""

SLOWEST_S: Final = 60.0
"""A sensor that is lost is looked for at least this often."""

QUIET_S: Final = 60.0
"""A sensor that was found is not told to be lost again before that: it may come and go for ever."""

LONGEST: Final = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """When one sensor is measured: first after `first_s`, and then every `interval_s`."""

    first_s: float = 0.0
    interval_s: float = EVERY_S
    retries: int = 0

    def again_s(self, failures: int) -> float:
        """How long to wait before a sensor is opened again that failed so often in a row."""
        return min(SLOWEST_S, max(self.interval_s, 2.0 ** min(failures, 6)))


def pace_of(section: NamesDriver | None, place: int, count: int) -> Pace:
    """Tell the pace of the sensor at *place* among *count*, so that not all are read at once."""
    interval_s, retries = EVERY_S, 0
    if isinstance(section, SensorSettings):
        interval_s, retries = section.interval_s, section.retries
    first_s = place * min(SPREAD_S, interval_s) / max(count, 1)
    return Pace(first_s=first_s, interval_s=interval_s, retries=retries)


class Sensing:
    """Measures for one device; `errors` says why a sensor cannot be read, by sensor."""

    def __init__(self, name: str) -> None:
        self.errors: dict[str, str] = {}
        self._name = name
        self._told: set[str] = set()
        self._quiet_until: dict[str, float] = {}

    def begin(
        self,
        group: asyncio.TaskGroup,
        sensors: Mapping[str, SensorDriver],
        needs: Needs,
        dispatch: Dispatch,
        clock: Clock,
    ) -> None:
        """Measure with every sensor until *group* ends."""
        for place, (name, driver) in enumerate(sensors.items()):
            pace = pace_of(needs.sensors.get(name), place, len(sensors))
            watching = _Watching(self, name, pace, dispatch, clock).run(driver)
            group.create_task(watching, name=f"{self._name}.{name}")

    def lose(self, sensor: str, error: str, now: float) -> None:
        """Note why *sensor* cannot be read; tell it once, and not too often."""
        text = self.errors[sensor] = error[:LONGEST]
        if sensor not in self._told and now >= self._quiet_until.get(sensor, now):
            self._told.add(sensor)
            log.warning("sensor.lost", device=self._name, sensor=sensor, error=text)

    def find(self, sensor: str, now: float) -> None:
        """Note that *sensor* can be read, and tell it where it was told that it could not."""
        self.errors.pop(sensor, None)
        if sensor in self._told:
            self._told.discard(sensor)
            self._quiet_until[sensor] = now + QUIET_S
            log.warning("sensor.found", device=self._name, sensor=sensor)


class _Watching:
    """Measures with one sensor."""

    def __init__(
        self, sensing: Sensing, name: str, pace: Pace, dispatch: Dispatch, clock: Clock
    ) -> None:
        self._sensing = sensing
        self._name = name
        self._pace = pace
        self._dispatch = dispatch
        self._clock = clock
        self._failures = 0

    async def run(self, driver: SensorDriver) -> NoReturn:
        """Measure for ever; open it again where it is lost."""
        await self._clock.sleep(self._pace.first_s)
        while True:
            try:
                async with AsyncExitStack() as stack:
                    sensor = await _in_time(stack.enter_async_context(driver.open()))
                    await self._measure(sensor)
            except DriverError as error:
                self._sensing.lose(self._name, str(error), self._clock.now())
                self._dispatch(Sensed(sensor=self._name, value=None))
            await self._clock.sleep(self._pace.again_s(self._failures))
            self._failures += 1

    async def _measure(self, sensor: Sensor) -> NoReturn:
        """Measure at each interval, and whenever an input has changed; raise `DriverError`."""
        changed = asyncio.Event()
        if isinstance(sensor, Watched):
            sensor.on_change(changed.set)
        while True:
            due = self._clock.now() + self._pace.interval_s
            changed.clear()
            value = await self._tried(sensor)
            self._failures = 0
            self._sensing.find(self._name, self._clock.now())
            self._dispatch(Sensed(sensor=self._name, value=value))
            if isinstance(sensor, Watched):
                await self._clock.sleep(GAP_S)
                await _first(changed, due - self._clock.now())
            else:
                await self._clock.sleep(max(0.0, due - self._clock.now()))

    async def _tried(self, sensor: Sensor) -> float | bool:
        """Measure, again where it fails and there are tries left; raise `DriverError`."""
        for _ in range(self._pace.retries):
            try:
                return await _measured(sensor)
            except DriverError as error:
                log.debug("sensor.retried", sensor=self._name, error=str(error)[:LONGEST])
            await self._clock.sleep(RETRY_S)
        return await _measured(sensor)


async def _measured(sensor: Sensor) -> float | bool:
    value = await _in_time(sensor.measure())
    if not math.isfinite(value):
        raise DriverError(f"it gives {value}, which is no number")
    return value


async def _in_time(answer: Awaitable[T]) -> T:
    try:
        async with asyncio.timeout(LIMIT_S):
            return await answer
    except TimeoutError as error:
        raise DriverError(f"no answer within {LIMIT_S:g} s") from error


async def _first(changed: asyncio.Event, seconds: float) -> None:
    """Wait for a change, for *seconds* at most."""
    try:
        async with asyncio.timeout(max(0.0, seconds)):
            await changed.wait()
    except TimeoutError:
        return

"""Rules of sensors and thermometers: a value of now, or the reason why there is none."""

import asyncio
import math
import threading
from collections.abc import AsyncGenerator, Sequence
from contextlib import AbstractAsyncContextManager, nullcontext
from functools import partial
from typing import Any, Final, Protocol

from agent.conformance.drivers.bench import POLL_S, Bench, raised
from agent.conformance.drivers.rule import Check, DriverRule
from agent.conformance.drivers.shared import Ways, shared_rules, waiting_rule
from agent.conformance.drivers.stands import SensorStand, Stand, ThermometerStand
from agent.conformance.rule import shown
from agent.ports import Sensor, SensorDriver, Thermometer, Watched


class _Shows(Stand[Any], Protocol):
    @property
    def samples(self) -> Sequence[float | bool]: ...

    @property
    def tolerance(self) -> float: ...

    def show(self, value: Any) -> None: ...  # noqa: ANN401 - what the stand takes


def _measures(ways: Ways[Any, Any]) -> Check[Any]:
    async def check(bench: Bench[_Shows]) -> AsyncGenerator[str, None]:
        stand = bench.stand
        async with ways.enter(stand.driver()) as sensor:
            for value in (*stand.samples, *reversed(stand.samples)):
                stand.show(value)
                found: list[object] = []
                tried = await bench.tried(partial(_until_shown, ways, bench, sensor, value, found))
                if tried.error is not None:
                    yield f"of {value} it raised {raised(tried.error)}"
                elif tried.is_late:
                    yield f"of {value} it measured {shown(found[-1]) if found else 'nothing'}"

    return check


async def _until_shown(
    ways: Ways[Any, Any],
    bench: Bench[_Shows],
    sensor: object,
    value: float | bool,  # noqa: FBT001 - a value, not a switch
    found: list[object],
) -> None:
    """Measure until it shows: what is debounced shows a little later."""
    while not found or not _is_same(found[-1], value, bench.stand.tolerance):
        found.append(await ways.use(sensor))
        await asyncio.sleep(POLL_S)


def _is_same(found: object, value: float | bool, tolerance: float) -> bool:  # noqa: FBT001 - a value
    """Compare; on and off are no numbers."""
    if isinstance(value, bool) or isinstance(found, bool) or not isinstance(found, int | float):
        return found is value
    return math.isfinite(found) and abs(found - value) <= tolerance


async def _watched(bench: Bench[SensorStand]) -> AsyncGenerator[str, None]:
    stand = bench.stand
    async with stand.driver().open() as sensor:
        if not isinstance(sensor, Watched):
            return
        told: list[int] = []
        sensor.on_change(lambda: told.append(threading.get_ident()))
        for value in stand.samples:
            stand.show(value)
        if not await bench.eventually(lambda: bool(told)):
            yield "nobody is told that something has changed"
        if set(told) - {threading.get_ident()}:
            yield "another thread than the loop's tells of a change"


def _open(driver: SensorDriver) -> AbstractAsyncContextManager[Sensor]:
    return driver.open()


WAYS_OF_SENSORS: Final[Ways[SensorDriver, Sensor]] = Ways(
    role="sensor", enter=_open, use=lambda sensor: sensor.measure(), passes_errors=True
)
WAYS_OF_THERMOMETERS: Final[Ways[Thermometer, Thermometer]] = Ways(
    role="thermometer", enter=nullcontext, use=lambda thermometer: thermometer.celsius()
)
SENSOR_RULES: Final[tuple[DriverRule[SensorStand], ...]] = (
    DriverRule(
        name="sensor-measures",
        statement="a measurement is what is sensed now, a finite number or on and off",
        check=_measures(WAYS_OF_SENSORS),
    ),
    DriverRule(
        name="sensor-watched",
        statement="a sensor that tells of changes does so, on the loop",
        check=_watched,
    ),
    *shared_rules(WAYS_OF_SENSORS),
    waiting_rule(WAYS_OF_SENSORS),
)
THERMOMETER_RULES: Final[tuple[DriverRule[ThermometerStand], ...]] = (
    DriverRule(
        name="thermometer-measures",
        statement="a measurement is the temperature of now, in degrees Celsius",
        check=_measures(WAYS_OF_THERMOMETERS),
    ),
    *shared_rules(WAYS_OF_THERMOMETERS),
    waiting_rule(WAYS_OF_THERMOMETERS),
)

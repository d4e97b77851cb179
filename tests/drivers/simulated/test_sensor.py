"""A simulated sensor: steady, swinging, and failing in the measurements that it is told to."""

import asyncio
import math

import pytest

from agent.drivers.simulated.sensor import SimulatedSensor
from agent.errors import DriverError
from agent.settings.sensors import SimulatedSensorSettings
from chaos.virtual import run_virtually


def sensor(**keys):
    return SimulatedSensor(SimulatedSensorSettings(driver="simulated", **keys))


def over_time(made, times):
    """Measure at each of *times*, seconds of a loop whose time costs nothing."""

    async def run():
        loop, values = asyncio.get_running_loop(), []
        async with made.open() as opened:
            for at in times:
                await asyncio.sleep(at - loop.time())
                values.append(await opened.measure())
        return values

    return run_virtually(run())


def test_it_swings_about_its_value_once_in_its_period():
    made = sensor(value=20, swing=5, period_s=100)
    assert over_time(made, [1000, 1025, 1075]) == pytest.approx([20, 25, 15])


def test_an_input_turns_over_each_half_period():
    assert over_time(sensor(value=True, swing=1, period_s=100), [1010, 1060]) == [True, False]
    assert over_time(sensor(value=False, swing=1, period_s=100), [1010, 1060]) == [False, True]


async def test_it_fails_as_often_as_it_is_told():
    made = sensor(value=1, fault="error", fault_every=3)
    assert [await made.measure() for _ in range(2)] == [1, 1]
    with pytest.raises(DriverError, match="as it was told to"):
        await made.measure()
    made.fault = "nan"
    assert [math.isnan(await made.measure()) for _ in range(3)] == [False, False, True]


async def test_a_change_is_told_to_whoever_has_it_open():
    made, told = sensor(value=False), []
    made.show(value=True)
    async with made.open() as opened:
        opened.on_change(lambda: told.append(opened.value))
        made.show(value=False)
    made.show(value=True)
    assert told == [False]


async def test_an_unplugged_sensor_cannot_be_opened():
    made = sensor()
    made.is_unplugged = True
    with pytest.raises(DriverError, match="unplugged"):
        async with made.open():
            pass

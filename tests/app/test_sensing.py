"""Sensors are measured in turn, tried again, told once when lost, and never give nonsense."""

import asyncio
import itertools
import math
from contextlib import asynccontextmanager

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from structlog.testing import capture_logs

from agent.app.sensing import EVERY_S, LONGEST, SLOWEST_S, SPREAD_S, Pace, Sensing, pace_of
from agent.devices.inputs import Sensed
from agent.drivers.simulated.sensor import SimulatedSensor
from agent.errors import DriverError
from agent.ports import Needs
from agent.settings.sensors import SimulatedSensorSettings
from chaos.virtual import BEGIN_S, VirtualClock, run_virtually


def section(**keys):
    return SimulatedSensorSettings(driver="simulated", **keys)


class World:
    """Sensing in virtual time; what was told, with the second at which it was."""

    def __init__(self, drivers, sections=None):
        self.drivers = drivers
        self.needs = Needs(sensors=sections or {name: section() for name in drivers})
        self.told = []
        self.sensing = Sensing("env-1")

    def play(self, seconds, **at):
        """Run for *seconds*; `at` has what happens after so many (`s5=…`)."""

        async def run():
            clock = VirtualClock()
            loop = asyncio.get_running_loop()
            for name, step in at.items():
                loop.call_later(float(name[1:]), step)
            async with asyncio.TaskGroup() as group:
                before = asyncio.all_tasks()
                self.sensing.begin(group, self.drivers, self.needs, self._take, clock)
                tasks = asyncio.all_tasks() - before
                await clock.sleep(seconds)
                for task in tasks:
                    task.cancel()

        with capture_logs() as self.logs:
            run_virtually(run())

    def _take(self, sensed):
        at = asyncio.get_running_loop().time() - BEGIN_S
        self.told.append((round(at, 3), sensed))

    def values(self, sensor="T"):
        return [sensed.value for _, sensed in self.told if sensed.sensor == sensor]

    @property
    def events(self):
        return [entry["event"] for entry in self.logs if entry["log_level"] == "warning"]


def simulated(**keys):
    return SimulatedSensor(section(**keys))


def test_a_sensor_is_measured_at_its_interval():
    world = World({"T": simulated(value=21.5)}, {"T": section(interval_s=3)})
    world.play(7)
    assert world.told == [(at, Sensed(sensor="T", value=21.5)) for at in (0, 3, 6)]
    assert not world.events


def test_a_sensor_without_edges_is_measured_at_its_interval_too():
    class Plain:
        @asynccontextmanager
        async def open(self):
            yield self

        async def measure(self):
            await asyncio.sleep(0.5)
            return 4

    world = World({"T": Plain()}, {"T": section(interval_s=3)})
    world.play(7)
    assert [at for at, _ in world.told] == [0.5, 3.5, 6.5]
    assert set(world.values()) == {4}


def test_64_sensors_are_not_measured_at_once():
    names = [f"T{number}" for number in range(64)]
    world = World({name: simulated() for name in names}, {name: section() for name in names})
    world.play(SPREAD_S)
    times = [at for at, _ in world.told]
    assert len(times) == len(set(times)) == 64


def test_a_failure_is_tried_again_before_anyone_hears_of_it():
    sensor = simulated(value=5.0, fault="error", fault_every=2)
    world = World({"T": sensor}, {"T": section(interval_s=5, retries=1)})
    world.play(30)
    assert set(world.values()) == {5.0}
    assert not world.events
    assert not world.sensing.errors


def test_a_lost_sensor_is_told_once_is_unknown_and_is_found_again():
    sensor = simulated(value=5.0)
    world = World({"T": sensor}, {"T": section(interval_s=2, retries=2)})

    def unplug():
        sensor.is_unplugged = True

    def plug():
        sensor.is_unplugged = False

    world.play(200, s3=unplug, s100=plug)
    values = world.values()
    gap = values.index(None)
    assert set(values[:gap]) == {5.0}
    assert values[gap:].count(None) > 1
    assert values[-1] == 5.0
    assert world.events == ["sensor.lost", "sensor.found"]
    assert world.logs[0] != world.logs[-1]
    assert not world.sensing.errors


def test_a_sensor_that_comes_and_goes_for_ever_is_told_a_few_times_an_hour_and_not_each_time():
    sensor = simulated(fault="error", fault_every=2)
    world = World({"T": sensor}, {"T": section(interval_s=0.1, retries=0)})
    world.play(600)
    assert world.values().count(None) > 500
    assert 10 <= len(world.events) <= 2 * 11
    assert set(world.events) == {"sensor.lost", "sensor.found"}


def test_a_sensor_that_is_lost_for_good_soon_after_it_was_found_is_told_all_the_same():
    sensor = simulated()
    sensor.is_unplugged = True
    world = World({"T": sensor}, {"T": section(interval_s=1, retries=0)})

    def turn():
        sensor.is_unplugged = not sensor.is_unplugged

    world.play(300, s2=turn, s10=turn)
    assert world.events == ["sensor.lost", "sensor.found", "sensor.lost"]
    assert world.sensing.errors


def test_an_error_stands_in_the_status_while_it_lasts_and_is_short():
    class Wordy:
        @asynccontextmanager
        async def open(self):
            raise DriverError("no " * 1000)
            yield

    world = World({"T": Wordy()})
    world.play(500)
    assert len(world.sensing.errors["T"]) == LONGEST
    assert set(world.values()) == {None}
    assert world.events == ["sensor.lost"]


def test_a_lost_sensor_is_looked_for_less_and_less_often_but_each_minute():
    sensor = simulated()
    sensor.is_unplugged = True
    world = World({"T": sensor}, {"T": section(interval_s=0.1, retries=0)})
    world.play(1000)
    times = [at for at, _ in world.told]
    gaps = [round(later - before, 1) for before, later in itertools.pairwise(times)]
    assert gaps[:7] == [1, 2, 4, 8, 16, 32, 60]
    assert set(gaps[6:]) == {SLOWEST_S}


def test_a_sensor_that_hangs_does_not_hold_up_the_others():
    drivers = {"H": simulated(fault="hang"), "T": simulated(value=1.0)}
    sections = {name: section(interval_s=1, retries=0) for name in drivers}
    world = World(drivers, sections)
    world.play(60)
    assert set(world.values("H")) == {None}
    assert world.values("T").count(1.0) >= 59
    assert "no answer within 10 s" in world.sensing.errors["H"]


def test_a_driver_that_hangs_while_it_opens_is_given_up_too():
    class Stuck:
        @asynccontextmanager
        async def open(self):
            await asyncio.Event().wait()
            yield

    world = World({"T": Stuck()})
    world.play(15)
    assert world.told == [(10, Sensed(sensor="T", value=None))]


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_what_is_no_number_is_unknown(value):
    world = World({"T": simulated()}, {"T": section(retries=0)})
    world.drivers["T"].value = value
    world.play(1)
    assert world.values() == [None]
    assert "is no number" in world.sensing.errors["T"]


def test_an_input_that_changes_is_measured_at_once_and_between_times_too():
    sensor = simulated(value=False)
    world = World({"T": sensor}, {"T": section(value=False, interval_s=10)})
    world.play(12, s3=lambda: sensor.show(value=True), s4=lambda: sensor.show(value=False))
    assert [(at, sensed.value) for at, sensed in world.told] == [
        (0, False),
        (3, True),
        (4, False),
    ]


def test_an_input_that_rattles_is_measured_no_more_often_than_is_good():
    sensor = simulated(value=False)
    world = World({"T": sensor}, {"T": section(value=False)})
    steps = {
        f"s{number / 1000}": lambda: sensor.show(value=not sensor.value) for number in range(1000)
    }
    world.play(2, **steps)
    assert len(world.told) <= 22
    assert world.values()[-1] is sensor.value


def test_a_plug_ins_section_without_a_pace_has_the_usual_one():
    assert pace_of(None, 0, 0) == Pace(first_s=0, interval_s=EVERY_S, retries=0)


FAULTS = st.sampled_from(["none", "error", "hang", "nan"])


@settings(max_examples=60, deadline=None)
@given(
    faults=st.lists(st.tuples(st.integers(0, 300), FAULTS, st.booleans()), max_size=12),
    interval_s=st.floats(0.1, 30),
    retries=st.integers(0, 3),
)
def test_whatever_goes_wrong_only_good_numbers_are_told_and_a_good_sensor_is_found(
    faults, interval_s, retries
):
    sensor = simulated(value=7.0)
    world = World({"T": sensor}, {"T": section(interval_s=interval_s, retries=retries)})

    def turn(fault, is_unplugged=False):  # noqa: FBT002
        sensor.fault, sensor.is_unplugged = fault, is_unplugged

    steps = {f"s{at + 0.5}": lambda step=step: turn(*step) for at, *step in faults}
    world.play(600, **steps, s301=lambda: turn("none"))
    assert set(world.values()) <= {7.0, None}
    assert world.values()[-1] == 7.0
    assert not world.sensing.errors
    assert world.events == ["sensor.lost", "sensor.found"] * (len(world.events) // 2)

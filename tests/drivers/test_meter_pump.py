"""The pump: readings flow, a lost meter comes back, and each is said once."""

import asyncio
from collections.abc import AsyncIterator

import pytest
import structlog

from agent.drivers.meter_pump import Retry, pump
from agent.errors import DriverError
from agent.loop_clock import LoopClock
from agent.model import Reading, Register

NO_REGISTER = Register(raw=0, value=None, is_updated=False)


def reading(pulses: int) -> Reading:
    return Reading(
        voltage_v=None, current_a=None, power_w=None, pulses=pulses, pulse_pj=1,
        voltage=NO_REGISTER, current=NO_REGISTER, power=NO_REGISTER,
    )  # fmt: skip


class ScriptedMeter:
    """Plays one list of readings for each opening; each ends with a loss, the last with silence."""

    def __init__(self, *openings: list[int]) -> None:
        self.openings = list(openings)
        self.closed = 0

    async def readings(self) -> AsyncIterator[Reading]:
        try:
            for pulses in self.openings.pop(0):
                yield reading(pulses)
            if not self.openings:
                await asyncio.Event().wait()
            raise DriverError("meter on tty: gone")
        finally:
            self.closed += 1


class StillClock(LoopClock):
    """A clock whose sleeps pass at once, and are remembered."""

    def __init__(self) -> None:
        self.slept: list[float] = []

    def now(self) -> float:
        return 0.0

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        await asyncio.sleep(0)


async def run(meter: ScriptedMeter, count: int, retry: Retry | None = None):
    """Pump until *count* readings came; return pulses, states, sleeps and the log."""
    seen: list[int] = []
    states: list[str | None] = []
    clock = StillClock()
    enough = asyncio.Event()

    def dispatch(one: Reading) -> None:
        seen.append(one.pulses)
        if len(seen) == count:
            enough.set()

    with structlog.testing.capture_logs() as logs:
        async with asyncio.timeout(5), asyncio.TaskGroup() as tasks:
            pumping = tasks.create_task(
                pump(meter, dispatch, clock, states.append, retry=retry or Retry())
            )
            await enough.wait()
            pumping.cancel()
    return seen, states, clock.slept, [(entry["event"], entry["log_level"]) for entry in logs]


async def test_a_lost_meter_is_opened_again_and_said_once():
    meter = ScriptedMeter([1, 2], [], [], [3, 4])
    seen, states, slept, logs = await run(meter, 4)
    assert seen == [1, 2, 3, 4]
    assert states == [None, "meter on tty: gone", None]
    assert [event for event, level in logs if level == "warning"] == ["meter.lost", "meter.found"]
    assert len(slept) == 3
    assert meter.closed == 4


async def test_a_meter_that_is_missing_from_the_start_is_said_once():
    _, states, _, logs = await run(ScriptedMeter([], [], [7]), 1)
    assert states == ["meter on tty: gone", None]
    assert [event for event, level in logs if level == "warning"] == ["meter.lost", "meter.found"]


async def test_a_meter_that_is_there_from_the_start_is_no_warning():
    _, states, _, logs = await run(ScriptedMeter([7]), 1)
    assert states == [None]
    assert logs == [("meter.found", "info")]


async def test_the_wait_grows_and_begins_anew_after_a_reading():
    meter = ScriptedMeter([1], [], [], [], [2], [], [3])
    _, _, slept, _ = await run(meter, 3, Retry(jitter=lambda: 1.0))
    assert slept == [2, 4, 8, 16, 2, 4]


async def test_a_fault_of_the_device_is_not_taken_for_a_lost_meter():
    def dispatch(_: Reading) -> None:
        raise DriverError("relay: broken")

    meter = ScriptedMeter([1, 2])
    with pytest.raises(DriverError, match="relay"):
        await pump(meter, dispatch, StillClock(), lambda _: None)
    assert meter.closed == 1


@pytest.mark.parametrize(("failures", "least", "most"), [(1, 1, 2), (4, 1, 16), (10_000, 1, 30)])
def test_a_wait_lies_between_its_bounds(failures, least, most):
    assert Retry(jitter=lambda: 0.0).delay_s(failures) == least
    assert Retry(jitter=lambda: 1.0).delay_s(failures) == most


class Pushing:
    """A meter that hands on what it is told to; then it is lost."""

    def __init__(self, *pulses: int) -> None:
        self.pulses = pulses

    async def listen(self, take) -> None:
        for each in self.pulses:
            await asyncio.sleep(0)
            take(reading(each))
        raise DriverError("meter on tty: gone")

    def readings(self):
        raise AssertionError("it is listened to")


async def test_a_meter_that_hands_its_readings_on_is_listened_to():
    seen, states, slept, logs = await run(Pushing(1, 2), 3)
    assert seen[:3] == [1, 2, 1]
    assert states[:3] == [None, "meter on tty: gone", None]
    assert len(slept) >= 1
    assert [event for event, _ in logs][:3] == ["meter.found", "meter.lost", "meter.found"]


async def test_a_fault_of_whoever_is_handed_a_reading_is_not_taken_for_a_lost_meter():
    def dispatch(_: Reading) -> None:
        raise DriverError("relay: broken")

    with pytest.raises(DriverError, match="relay"):
        await pump(Pushing(1), dispatch, StillClock(), lambda _: None)

"""Where one device's fault ends: errors as values, and work that takes nobody along."""

import asyncio

import pytest

from agent.app.trouble import attempt, end_of, leaves, missed, trouble_of, within
from agent.errors import ConfigError, DriverError


class Failing:
    def __init__(self):
        self.errors = []

    def fail(self, error):
        self.errors.append(error)


def broken():
    raise ZeroDivisionError("by nought")


def test_a_bug_goes_to_the_device_and_the_others_get_their_answer():
    device = Failing()
    assert within(device, lambda: 7, 0) == 7
    assert within(device, broken, 0) == 0
    assert [str(error) for error in device.errors] == ["by nought"]


def test_what_fails_before_there_is_a_device_is_a_value():
    assert attempt(lambda: 7) == 7
    assert isinstance(attempt(broken), ZeroDivisionError)


def test_what_a_device_can_wait_for_is_no_bug():
    group = ExceptionGroup("", [DriverError("no line"), ExceptionGroup("", [ConfigError("no")])])
    trouble = trouble_of(group, retry_at=7.0)
    assert (trouble.error, trouble.is_bug, trouble.retry_at) == ("no line; no", False, 7.0)
    mixed = ExceptionGroup("", [DriverError("no line"), ZeroDivisionError("by nought")])
    trouble = trouble_of(mixed, retry_at=7.0)
    assert (trouble.error, trouble.is_bug) == ("no line; ZeroDivisionError('by nought')", True)
    assert len(list(leaves(group))) == 2


def test_a_time_limit_that_was_missed_is_a_drivers_fault():
    with pytest.raises(DriverError, match="not open within 5 s"), missed("not open within 5 s"):
        raise TimeoutError


async def raising():
    await asyncio.sleep(0)
    broken()


async def test_the_end_of_work_is_told_and_takes_nobody_along():
    end = await end_of(raising(), "work")
    assert isinstance(end.error, ZeroDivisionError)
    assert end.cancellation is None
    end = await end_of(asyncio.sleep(0), "work")
    assert (end.error, end.cancellation) == (None, None)


@pytest.mark.parametrize("ends_by_a_bug", [False, True])
async def test_who_is_cancelled_waits_for_the_work_to_end(ends_by_a_bug):
    begun, may_end, has_ended = (asyncio.Event() for _ in range(3))

    async def work():
        try:
            begun.set()
            await asyncio.Event().wait()
        finally:
            await may_end.wait()
            has_ended.set()
            if ends_by_a_bug:
                broken()

    caller = asyncio.create_task(end_of(work(), "work"))
    await begun.wait()
    caller.cancel()
    await asyncio.sleep(0)
    assert not caller.done()
    may_end.set()
    end = await caller
    assert has_ended.is_set()
    assert isinstance(end.cancellation, asyncio.CancelledError)
    assert (end.error is not None) is ends_by_a_bug

"""A platform's rate is kept in every second, and turns come in the order they were asked for."""

import asyncio

from hypothesis import given, settings
from hypothesis import strategies as st

from agent.clouds.pacing import Pacer
from tests.clouds.support import TestClock, run_virtually


async def sent_at(per_s, count, *, after_s=0.0, answers=()):
    """Send *count* messages as fast as the pacer lets; return when each went."""
    loop = asyncio.get_running_loop()
    pacer = Pacer(per_s=per_s, clock=TestClock())
    await asyncio.sleep(after_s)
    times = []
    for number in range(count):
        if number in answers:
            pacer.count()
        await pacer.turn()
        times.append(loop.time())
    return times


@given(per_s=st.integers(1, 30), count=st.integers(1, 120), after_s=st.floats(0, 5))
@settings(max_examples=60, deadline=None)
def test_no_second_holds_more_messages_than_the_platform_takes(per_s, count, after_s):
    times = run_virtually(sent_at(per_s, count, after_s=after_s))
    for first, beyond in zip(times, times[per_s:], strict=False):
        assert beyond - first > 0.999


def test_what_may_go_at_once_goes_at_once_and_the_rest_at_the_rate():
    times = run_virtually(sent_at(10, 31))
    assert times[9] == times[0]
    assert 2.99 < times[30] - times[0] < 3.4


def test_an_answer_that_did_not_wait_delays_what_can():
    times = run_virtually(sent_at(1, 3, answers={1}))
    assert [round(each - times[0], 3) for each in times] == [0, 2, 3]


class UnfairClock(TestClock):
    """Wakes the reports a moment before everyone else."""

    async def sleep(self, seconds):
        task = asyncio.current_task()
        await asyncio.sleep(seconds + (0 if task.get_name() == "reports" else 1e-4))


@given(answers_in_s=st.floats(0.001, 0.5), asked_at_s=st.floats(0, 9))
@settings(max_examples=40, deadline=None)
def test_an_event_waits_for_one_report_at_most(answers_in_s, asked_at_s):
    async def main():
        pacer = Pacer(per_s=1, clock=UnfairClock())
        sent = []

        async def report():
            for number in range(20):
                await pacer.turn()
                sent.append(number)
                await asyncio.sleep(answers_in_s)

        async with asyncio.TaskGroup() as group:
            group.create_task(report(), name="reports")
            await asyncio.sleep(asked_at_s)
            before = len(sent)
            await pacer.turn()
            return len(sent) - before

    assert run_virtually(main()) <= 1

"""How many messages leave in a second, wherever the second begins."""

import asyncio

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from agent.clouds.pacing import Pacer, Window
from tests.clouds.support import TestClock, run_virtually


@given(
    per_s=st.integers(1, 12),
    gaps=st.lists(st.floats(0, 2), min_size=1, max_size=60),
)
@example(per_s=10, gaps=[0.0] * 40)
def test_no_second_holds_more_than_the_platform_takes(per_s, gaps):
    window, now, sent = Window(per_s=per_s), 1000.3, []
    for gap in gaps:
        now += gap
        now += window.delay_s(now)
        window.spend(now)
        sent.append(now)
    assert max(sum(at <= other < at + 1.0 for other in sent) for at in sent) <= per_s


def test_a_platform_that_takes_less_than_one_a_second_gets_less():
    window = Window(per_s=0.25)
    window.spend(0.0)
    assert 4.0 < window.delay_s(0.0) < 4.5


@pytest.mark.parametrize("per_s", [1, 10])
def test_in_the_long_run_the_pace_is_nearly_that_of_the_platform(per_s):
    async def main() -> float:
        clock = TestClock()
        pacer = Pacer(per_s=per_s, clock=clock)
        began = clock.now()
        for _ in range(30 * per_s):
            await pacer.turn()
        return clock.now() - began

    assert 29 <= run_virtually(main()) <= 33


def test_what_cannot_wait_is_counted_against_what_can():
    async def main() -> float:
        clock = TestClock()
        pacer = Pacer(per_s=2, clock=clock)
        await asyncio.sleep(5)
        for _ in range(50):
            pacer.count()
        began = clock.now()
        await pacer.turn()
        return clock.now() - began

    assert 1.0 <= run_virtually(main()) < 1.2


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

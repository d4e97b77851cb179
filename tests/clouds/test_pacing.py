"""How many messages leave in a second, wherever the second begins."""

import asyncio
from dataclasses import replace

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from agent.clouds.pacing import Pacer, Pacers, Window
from agent.ports import PlatformLimits
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
            await pacer.turn(0)
        return clock.now() - began

    assert 29 <= run_virtually(main()) <= 33


def test_what_cannot_wait_is_counted_against_what_can():
    async def main() -> float:
        clock = TestClock()
        pacer = Pacer(per_s=2, clock=clock)
        await asyncio.sleep(5)
        for _ in range(50):
            pacer.count(0)
        began = clock.now()
        await pacer.turn(0)
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
                await pacer.turn(0)
                sent.append(number)
                await asyncio.sleep(answers_in_s)

        async with asyncio.TaskGroup() as group:
            group.create_task(report(), name="reports")
            await asyncio.sleep(asked_at_s)
            before = len(sent)
            await pacer.turn(0)
            return len(sent) - before

    assert run_virtually(main()) <= 1


# ── one identity, one window ────────────────────────────────────────────────────────────────

LIMITS = PlatformLimits(
    connect_interval_s=5, rejected_interval_s=60, messages_per_s=1, payload_bytes=1000
)
STEPS = st.lists(
    st.tuples(st.sampled_from(["turn", "count", "reload", "restart"]), st.floats(0, 1.5)),
    min_size=1,
    max_size=40,
)


@given(steps=STEPS, per_s=st.sampled_from([0.25, 1, 3, 10]))
@example(steps=[("turn", 0.0), ("reload", 0.0)] * 10, per_s=1)
@example(steps=[("turn", 0.0), ("restart", 0.0)] * 10, per_s=10)
@example(steps=[("turn", 0.0)] * 40, per_s=3)
@settings(max_examples=100, deadline=None)
def test_no_window_of_the_platform_holds_more_whatever_is_reloaded_and_restarted(steps, per_s):
    limits = replace(LIMITS, messages_per_s=per_s)

    async def main():
        clock, left = TestClock(), []
        pacers = Pacers(clock)
        for step, gap in steps:
            await asyncio.sleep(gap)
            if step == "restart":
                pacers = Pacers(clock)
            pacer = pacers.of("dev1", limits, is_resumed=bool(left))
            if step == "count":
                pacer.count(10)
            elif step == "turn":
                await pacer.turn(10)
                left.append(clock.now())
        return left

    left, span_s = run_virtually(main()), max(1.0, 1 / per_s)
    most = max(1, int(per_s * span_s))
    assert all(sum(at <= other < at + span_s for other in left) <= most for at in left)


def test_one_identity_has_one_pacer_and_another_has_its_own():
    async def main():
        pacers = Pacers(TestClock())
        first = pacers.of("dev1", LIMITS, is_resumed=False)
        again = pacers.of("dev1", LIMITS, is_resumed=True)
        return first is again, first is pacers.of("dev2", LIMITS, is_resumed=False)

    assert run_virtually(main()) == (True, False)


def test_with_another_rate_it_begins_as_if_that_were_used_up():
    async def main():
        clock = TestClock()
        pacers = Pacers(clock)
        pacers.of("dev1", LIMITS, is_resumed=False).count(10)
        began = clock.now()
        pacer = pacers.of("dev1", replace(LIMITS, messages_per_s=10), is_resumed=False)
        await pacer.turn(10)
        return clock.now() - began, pacer.report(LIMITS).messages_last_minute

    waited_s, seen = run_virtually(main())
    assert 1.0 < waited_s < 1.1
    assert seen == 2


def test_the_first_process_of_a_boot_waits_for_nobody():
    async def main():
        clock = TestClock()
        began = clock.now()
        await Pacers(clock).of("dev1", LIMITS, is_resumed=False).turn(10)
        return clock.now() - began

    assert run_virtually(main()) == 0.0

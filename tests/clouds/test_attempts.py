"""A loop of crashes or reboots is never faster than the platform's floor and the backoff allow."""

import asyncio
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.clouds.attempts import NextAttempt
from agent.clouds.link import FAILED, KICKED, REFUSED
from agent.clouds.simulated import Trouble
from agent.errors import AuthRejectedError, TransportError
from agent.memory import Attempt, ProcessMemory
from agent.retry import CALM, MOST_AFTER_BOOT_S, Pace, Streak, read_streak
from tests.clouds.support import Bench, run_virtually

FLOOR_S, REJECTED_S, CAP_S = 5.0, 60.0, 120.0
PACE = Pace(floor_s=FLOOR_S, rejected_s=REJECTED_S)
REFUSED_ONCE = Trouble(refusal=AuthRejectedError("refused with code 4"))
UNREACHED = Trouble(refusal=TransportError("no route"))
DROPPED = Trouble(lasts_s=0)


async def live(bench, for_s, jitter=0.5):
    """Be one process for a while, then be killed."""
    running = asyncio.create_task(bench.make_link(jitter).run())
    await asyncio.wait([running], timeout=for_s)
    running.cancel()
    await asyncio.wait([running])


def lived(bench, lives, jitter=0.5):
    async def main():
        for for_s in lives:
            await live(bench, for_s, jitter)

    run_virtually(main())
    return bench.attempts


def gaps(bench):
    return [late - early for early, late in pairwise(bench.attempts)]


@given(chance=st.randoms(use_true_random=False))
@settings(max_examples=15, deadline=None)
def test_a_broker_that_accepts_and_drops_is_not_tried_faster_by_a_process_that_crashes(chance):
    bench = Bench(*[DROPPED] * 300)
    lived(bench, [chance.uniform(0.1, 12) for _ in range(80)], chance.random())
    assert min(gaps(bench)) >= FLOOR_S
    assert all(gap >= REJECTED_S for gap in gaps(bench)[2:])


@given(chance=st.randoms(use_true_random=False))
@settings(max_examples=15, deadline=None)
def test_a_broker_that_refuses_is_not_tried_faster_by_a_process_that_crashes(chance):
    bench = Bench(*[REFUSED_ONCE] * 300)
    lived(bench, [chance.uniform(0.1, 6) for _ in range(80)], chance.random())
    assert all(gap >= REJECTED_S for gap in gaps(bench))


def test_what_went_wrong_in_other_processes_makes_the_waits_grow_as_in_one():
    alone = Bench(*[UNREACHED] * 300).run(for_s=1000)
    often = Bench(*[UNREACHED] * 300)
    lived(often, [6.0] * 166)
    assert max(gaps(alone)) == pytest.approx(max(gaps(often)), rel=0.05)
    assert max(gaps(often)) > CAP_S / 2


def test_a_process_that_dies_in_each_session_is_slower_each_time():
    bench = Bench()
    lived(bench, [6.0] * 100)
    grown = gaps(bench)
    assert grown[0] < 2 * FLOOR_S + 6
    assert grown == sorted(grown[:5]) + grown[5:]
    assert min(grown[5:]) > CAP_S / 2 - 6


def test_a_session_that_lasts_makes_all_that_forgotten():
    bench = Bench(*[DROPPED] * 2)
    first, second = [30.0, 60.0], 0.1

    async def main():
        for for_s in first:
            await live(bench, for_s)
        known = read_streak(bench.memory.last_attempt("dev1").streak)
        await live(bench, second)
        return known

    assert run_virtually(main()) == CALM
    assert bench.attempts[-1] == 1000.0 + sum(first)


@pytest.mark.parametrize(
    ("trouble", "text"),
    [(REFUSED_ONCE, REFUSED), (DROPPED, KICKED), (UNREACHED, FAILED)],
    ids=["refused", "kicked", "unreached"],
)
def test_it_says_why_it_waits_because_of_an_earlier_process(trouble, text):
    bench = Bench(*[trouble] * 3)

    async def main():
        await live(bench, 40.0)
        link = bench.make_link(0.5)
        running = asyncio.create_task(link.run())
        await bench.clock.sleep(1)
        seen = link.status
        running.cancel()
        await asyncio.wait([running])
        return seen

    assert run_virtually(main()).last_error == text


# ── boots ───────────────────────────────────────────────────────────────────────────────────


def rebooted(bench, boots, for_s, jitter=0.5):
    """Boot again and again; the agent starts a second after each boot."""

    async def main():
        for number in range(boots):
            bench.boot_id, bench.clock.booted_at = f"boot-{number}", bench.clock.now()
            await bench.clock.sleep(1)
            await live(bench, for_s, jitter)

    run_virtually(main())
    return bench


@pytest.mark.parametrize("trouble", [REFUSED_ONCE, DROPPED], ids=["refused", "kicked"])
@pytest.mark.parametrize("for_s", [2.0, 20.0, 90.0, 400.0])
def test_a_loop_of_reboots_does_not_hammer_a_platform_that_will_not_have_us(trouble, for_s):
    bench = rebooted(Bench(*[trouble] * 500), boots=40, for_s=for_s)
    assert min(gaps(bench), default=FLOOR_S) >= FLOOR_S
    assert all(gap >= REJECTED_S for gap in gaps(bench)[2:])


@pytest.mark.parametrize("trouble", [UNREACHED, DROPPED, Trouble()], ids=["far", "drops", "fair"])
@given(lives=st.lists(st.floats(0.1, 15), min_size=5, max_size=30))
@settings(max_examples=10, deadline=None)
def test_reboots_keep_the_floor_though_nobody_knows_the_moment(trouble, lives):
    bench = Bench(*[trouble] * 100)

    async def main():
        for number, for_s in enumerate(lives):
            bench.boot_id, bench.clock.booted_at = f"boot-{number}", bench.clock.now()
            await live(bench, for_s)

    run_virtually(main())
    assert all(gap >= FLOOR_S - 1e-6 for gap in gaps(bench))


def test_a_machine_rebooted_because_no_cloud_is_reached_gets_through_in_the_end():
    bench = rebooted(Bench(*[REFUSED_ONCE] * 5), boots=7, for_s=MOST_AFTER_BOOT_S + 10)
    assert bench.platform.heard


def test_a_reboot_cures_what_was_no_refusal():
    bench = Bench(*[UNREACHED] * 100)
    lived(bench, [600.0])
    next_attempt = NextAttempt("dev1", "next", bench.memory)
    next_attempt.keep_to(PACE, lambda: 0.5)
    assert next_attempt.wait_s(0.0) == FLOOR_S
    assert next_attempt.streak == CALM


@pytest.mark.parametrize(
    ("streak", "floor_s", "rejected_s", "wait_s"),
    [
        ('{"rejections": 1}', 5.0, 60.0, 60.0),
        ('{"rejections": 9, "failures": 4}', 5.0, 300.0, MOST_AFTER_BOOT_S),
        ('{"short_sessions": 3}', 12.0, 120.0, 120.0),
        ('{"short_sessions": 2, "failures": 9}', 12.0, 120.0, 12.0),
        ("{damaged", 12.0, 120.0, 12.0),
    ],
)
async def test_after_a_boot_the_streak_says_how_careful_to_be(streak, floor_s, rejected_s, wait_s):
    memory = ProcessMemory()
    await memory.note_attempt("dev1", Attempt(boot_id="before", at=1e6, streak=streak))
    next_attempt = NextAttempt("dev1", "now", memory)
    next_attempt.keep_to(Pace(floor_s=floor_s, rejected_s=rejected_s), lambda: 0.9)
    assert next_attempt.wait_s(0.0) == wait_s
    assert next_attempt.wait_s(10.0) == wait_s - 10.0
    assert not next_attempt.is_resumed


async def test_a_boot_that_cannot_be_told_from_another_counts_as_another():
    memory = ProcessMemory()
    await memory.note_attempt("dev1", Attempt(boot_id="", at=1e6))
    next_attempt = NextAttempt("dev1", "", memory)
    next_attempt.keep_to(PACE, lambda: 0.5)
    assert next_attempt.wait_s(0.0) == FLOOR_S


async def test_a_link_that_is_replaced_goes_on_with_the_streak_and_another_pace():
    next_attempt = NextAttempt("dev1", "boot", ProcessMemory())
    next_attempt.streak = Streak(rejections=2)
    await next_attempt.allow_from(100.0)
    next_attempt.keep_to(Pace(floor_s=12.0, rejected_s=120.0), lambda: 0.0)
    assert next_attempt.wait_s(40.0) == 60.0
    assert next_attempt.streak == Streak(rejections=2)

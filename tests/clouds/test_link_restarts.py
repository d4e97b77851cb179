"""A platform's connect interval holds across reloads, crashes and restarts."""

import asyncio
from contextlib import asynccontextmanager
from itertools import cycle, pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from structlog.testing import capture_logs

from agent.clouds.attempts import LONGEST_WAIT_S, Attempts, NextAttempt
from agent.clouds.link import UNDER_WAY_S
from agent.clouds.simulated import Trouble
from agent.errors import AuthRejectedError, TransportError
from agent.memory import Attempt, ProcessMemory
from tests.clouds.support import Bench, run_virtually
from tests.memories import Disk

FLOOR_S = 5.0
REJECTED_S = 60.0


class FarTransport:
    """Takes its time to reach the platform, and until the answer is back."""

    def __init__(self, bench, ways):
        self._near = bench.transport
        self._now = bench.clock.now
        self._ways = cycle(ways)
        self.connected_at = []

    @asynccontextmanager
    async def connect(self, params):
        reach_s, answer_s = next(self._ways)
        await asyncio.sleep(reach_s)
        self.connected_at.append(self._now())
        await asyncio.sleep(answer_s)
        async with self._near.connect(params) as session:
            yield session


async def live(bench, for_s, turns=0):
    """Be a process for a while and some turns of the loop more; then be killed."""
    running = asyncio.create_task(bench.make_link(0.0).run())
    await asyncio.wait([running], timeout=for_s)
    for _ in range(turns):
        await asyncio.sleep(0)
    running.cancel()
    await asyncio.wait([running])


def connects(bench, lives, ways=((0.0, 0.0),)):
    """Tell when the platform saw a CONNECT while one process came after the other."""
    bench.transport = far = FarTransport(bench, ways)

    async def main():
        for for_s, turns in lives:
            await live(bench, for_s, turns)

    run_virtually(main())
    return far.connected_at


LIVES = st.lists(
    st.tuples(st.one_of(st.just(0.0), st.floats(0, 20)), st.integers(0, 25)), max_size=30
)
ENDS = st.lists(
    st.sampled_from(
        [
            Trouble(),
            Trouble(lasts_s=2),
            Trouble(cut_after=1),
            Trouble(refusal=TransportError("no route")),
        ]
    ),
    max_size=20,
)


@given(
    lives=LIVES,
    troubles=ENDS,
    disk_s=st.floats(0, 1),
    ways=st.lists(
        st.tuples(st.floats(0, UNDER_WAY_S - 1), st.floats(0, 10)), min_size=1, max_size=5
    ),
)
@settings(max_examples=200, deadline=None)
def test_connects_are_never_closer_than_the_floor_wherever_processes_are_killed(
    lives, troubles, disk_s, ways
):
    bench = Bench(*troubles)
    bench.memory = Disk(delay_s=disk_s)
    gaps = [b - a for a, b in pairwise(connects(bench, lives, ways))]
    assert all(gap >= FLOOR_S - 1e-6 for gap in gaps)


@pytest.mark.parametrize("turns", range(40))
def test_killed_at_each_await_it_still_keeps_the_floor_and_still_connects(turns):
    bench = Bench()
    bench.memory = Disk()
    at = connects(bench, [(0.0, turns)] * 3 + [(1.0, 0)] * 40)
    assert len(at) >= 2
    assert min(b - a for a, b in pairwise(at)) >= FLOOR_S


def test_started_and_killed_every_second_it_connects_at_the_platforms_pace():
    bench = Bench()
    at = connects(bench, [(1.0, 0)] * 60)
    gaps = [b - a for a, b in pairwise(at)]
    assert len(at) == 12
    assert min(gaps) >= FLOOR_S


@pytest.mark.parametrize(
    "troubles",
    [
        [Trouble(refusal=AuthRejectedError("refused with code 4"))],
        [Trouble(lasts_s=2)] * 3,
    ],
)
def test_what_a_refusal_or_a_kick_makes_it_wait_outlives_the_process(troubles):
    bench = Bench(*troubles)
    first_life_s = 1.0 if len(troubles) == 1 else 30.0
    at = connects(bench, [(first_life_s, 0)] + [(1.0, 0)] * 80)
    setback = len(troubles) - 1
    assert at[setback + 1] - at[setback] >= REJECTED_S


def test_a_connect_that_was_long_under_way_when_it_was_killed_counts_from_its_end():
    at = connects(Bench(), [(9.0, 0), (30.0, 0)], [(8.5, 9.0), (0.0, 0.0)])
    assert at[1] - at[0] >= FLOOR_S


def test_it_can_be_stopped_in_the_very_moment_in_which_the_connection_is_lost():
    bench = Bench()

    async def main():
        running = asyncio.create_task(bench.make_link(0.5).run())
        await bench.clock.sleep(1)
        bench.transport.session.end()
        await asyncio.sleep(0)
        running.cancel()
        await asyncio.wait([running], timeout=60)
        return running.cancelled()

    assert run_virtually(main())


def test_after_a_session_that_held_the_next_process_connects_at_once():
    at = connects(Bench(), [(6.0, 0), (1.0, 0)])
    assert [b - a for a, b in pairwise(at)] == [6.0]


def test_it_says_that_it_waits_because_of_an_earlier_process():
    bench = Bench()

    async def main():
        await live(bench, 1)
        link = bench.make_link(0.5)
        running = asyncio.create_task(link.run())
        await bench.clock.sleep(1)
        seen = link.status
        running.cancel()
        await asyncio.wait([running])
        return seen

    with capture_logs() as logs:
        status = run_virtually(main())
    assert status.next_attempt_at == 1005.0
    assert "the platform allows one connect in 5 s" in status.last_error
    (waits,) = [entry for entry in logs if entry["event"] == "cloud.waits"]
    assert (waits["for_s"], waits["log_level"]) == (4.0, "info")


def test_a_disk_that_takes_nothing_prevents_no_connection():
    bench = Bench()
    bench.memory = Disk()
    bench.memory.is_refusing = True
    assert len(connects(bench, [(3.0, 0)])) == 1


def test_a_slow_disk_does_not_hold_up_a_session_that_is_open():
    bench = Bench()
    bench.memory = Disk()

    async def scenario(bench):
        while not bench.transport.connects:
            await bench.clock.sleep(0)
        bench.memory.holds.clear()

    bench.report(1)
    assert bench.run(scenario).platform.values("count_down") == [1]


async def test_another_boot_or_identity_does_not_wait():
    memory = ProcessMemory()
    await Attempts(memory, "boot").of("tencent", ("p", "d")).allow_from(1000.0)
    waits = {
        (boot, cloud, identity): Attempts(memory, boot).of(cloud, identity).wait_s(990.0)
        for boot in ("boot", "next")
        for cloud in ("tencent", "onenet")
        for identity in (("p", "d"), ("p", "e"), ("p,d",))
    }
    assert {key for key, wait_s in waits.items() if wait_s} == {("boot", "tencent", ("p", "d"))}


async def test_links_with_one_identity_wait_for_each_other():
    attempts = Attempts(ProcessMemory(), "boot")
    await attempts.of("tencent", ("p", "d")).allow_from(1000.0)
    assert attempts.of("tencent", ("p", "d")).wait_s(995.0) == 5.0


@pytest.mark.parametrize(
    ("at", "wait_s"), [(0.0, 0.0), (1e12, LONGEST_WAIT_S), (float("nan"), 0.0)]
)
async def test_a_memory_that_makes_no_sense_does_not_stop_it_for_ever(at, wait_s):
    memory = ProcessMemory()
    await memory.note_attempt("dev1", Attempt(boot_id="boot", at=at))
    assert NextAttempt("dev1", "boot", memory).wait_s(1000.0) == wait_s

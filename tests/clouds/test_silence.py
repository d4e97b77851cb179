"""Silence of a platform: what counts as a sign of life, and when the connection is dead."""

import asyncio
from contextlib import suppress

from hypothesis import given, settings
from hypothesis import strategies as st

from agent.clouds.silence import PATIENCE_S, PING_S, Silence
from tests.clouds.support import run_virtually

DEAD_S = PATIENCE_S + PING_S


class Watched:
    """A watch on a session, and what it did, each at its time since the begin."""

    def __init__(self, *, answers_pings: bool = False) -> None:
        self.pings: list[float] = []
        self.ends: list[tuple[float, str]] = []
        self.answers_pings = answers_pings
        self.loop = asyncio.get_running_loop()
        self.began = self.loop.time()
        self.silence = Silence(ping=self.ping, end=self.end)

    def ping(self) -> None:
        self.pings.append(self.loop.time() - self.began)
        if self.answers_pings:
            self.silence.heard()

    def end(self, why: str) -> None:
        self.ends.append((self.loop.time() - self.began, why))


def watch(scenario, **more):
    async def main():
        watched = Watched(**more)
        await scenario(watched)
        watched.silence.close()
        return watched

    return run_virtually(main())


async def ask_and_wait(watched):
    watched.silence.asked()
    await asyncio.sleep(100)


def test_an_answer_that_does_not_come_is_asked_for_and_then_the_connection_is_dead():
    watched = watch(ask_and_wait)
    assert watched.pings == [PATIENCE_S]
    ((at, why),) = watched.ends
    assert at == DEAD_S
    assert "nothing for 20 s, not even to a ping" in why


def test_a_platform_that_answers_the_ping_alone_is_alive():
    watched = watch(ask_and_wait, answers_pings=True)
    assert watched.pings == [PATIENCE_S]
    assert watched.ends == []


def test_while_nothing_is_awaited_silence_means_nothing():
    watched = watch(lambda _watched: asyncio.sleep(10_000))
    assert watched.pings == watched.ends == []


def test_a_session_that_has_ended_is_watched_no_more():
    async def scenario(watched):
        watched.silence.asked()
        watched.silence.close()
        await watched.silence.broken()
        await asyncio.sleep(100)

    watched = watch(scenario)
    assert watched.pings == watched.ends == []


def test_a_keep_alive_that_is_due_asks_by_itself():
    async def scenario(watched):
        for _ in range(20):
            await asyncio.sleep(5)
            watched.silence.idle(0)
            watched.silence.idle(60)

    assert [at for at, _ in watch(scenario).ends] == [60 + DEAD_S]


MOMENTS = st.lists(st.tuples(st.floats(0, 60), st.booleans()), max_size=12)


def expected_end(moments):
    """The first moment at which something asked had waited for all of the time."""
    since = None
    for at, is_asked in [*sorted(moments), (1000.0, False)]:
        if since is not None and at > since + DEAD_S:
            return since + DEAD_S
        if not is_asked:
            since = None
        elif since is None:
            since = at
    return None


@given(MOMENTS)
@settings(max_examples=60, deadline=None)
def test_it_ends_exactly_when_something_asked_has_met_nothing_but_silence(moments):
    async def scenario(watched):
        for at, is_asked in sorted(moments):
            await asyncio.sleep(max(0.0, watched.began + at - watched.loop.time()))
            if watched.ends:
                return
            (watched.silence.asked if is_asked else watched.silence.heard)()
        await asyncio.sleep(100)

    watched = watch(scenario)
    due = expected_end(moments)
    assert len(watched.ends) == (due is not None)
    if due is not None:
        assert abs(watched.ends[0][0] - due) < 1e-3


def test_who_waits_for_a_sign_of_life_gets_it_with_whatever_comes_and_not_before():
    async def scenario(watched):
        await watched.silence.broken()  # nothing was asked
        watched.silence.asked()
        with suppress(TimeoutError):
            async with asyncio.timeout(5):
                await watched.silence.broken()
        assert watched.loop.time() - watched.began == 5
        watched.loop.call_later(3, watched.silence.heard)
        await asyncio.gather(watched.silence.broken(), watched.silence.broken())
        assert watched.loop.time() - watched.began == 8

    watch(scenario)

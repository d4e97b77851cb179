"""Credentials that end: the link signs anew before, as if nothing had happened."""

import asyncio
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from structlog.testing import capture_logs

from agent.clouds.onenet.token import LIFETIME_S as TOKEN_S
from agent.clouds.renewal import (
    EARLIEST,
    LATEST,
    MOST_S,
    QUIET_EVERY_S,
    SPREAD,
    RenewalDueError,
    renew,
)
from agent.clouds.simulated import Trouble
from agent.clouds.tencent.credentials import LIFETIME_S
from agent.devices.socket.thing_table import SOCKET
from agent.emulator.onenet.rules import OnenetRules
from agent.emulator.tencent.rules import TencentRules
from agent.errors import TransportError
from tests.clouds.brokers import params
from tests.clouds.support import Bench, TestClock, make_codec, run_virtually
from tests.contract.dialects import SPEAKERS
from tests.contract.world import World, play

DAY_S = 86_400.0
DUE_S = (EARLIEST + SPREAD / 2) * LIFETIME_S
"""With the benches' jitter of one half."""


def renewed_after(life_s, *, jitter=0.5, busy_until=0.0, wall=1_800_000_000.0):
    """Tell after how long a session of credentials with that life is to be replaced, if ever."""

    async def main():
        clock = TestClock(wall)
        began = clock.now()
        until = None if life_s is None else (clock.wall_time() or 0) + life_s
        login = replace(params(1), valid_until=until)
        try:
            await renew(
                login,
                clock,
                jitter=jitter,
                is_quiet=lambda: clock.now() - began >= busy_until,
            )
        except RenewalDueError:
            return clock.now() - began
        return None

    return run_virtually(main())


@given(
    life_s=st.floats(60, 60 * DAY_S),
    jitter=st.floats(0, 1, exclude_max=True),
    late_s=st.floats(-100, 1000),
)
@settings(max_examples=30, deadline=None)
def test_a_session_is_replaced_before_the_end_and_later_while_something_is_under_way(
    life_s, jitter, late_s
):
    due_s = (EARLIEST + SPREAD * jitter) * life_s
    at = renewed_after(life_s, jitter=jitter, busy_until=due_s + late_s)
    assert due_s - 1e-3 <= at < life_s
    last_s = min(due_s + MOST_S, LATEST * life_s)
    assert at <= min(max(due_s, due_s + late_s), last_s) + QUIET_EVERY_S + 1e-3


@pytest.mark.parametrize("life_s", [None, 401 * DAY_S])
def test_what_never_ends_or_in_years_is_not_replaced(life_s):
    assert renewed_after(life_s) is None


def test_without_a_clock_nobody_knows_when_it_ends():
    assert renewed_after(100.0, wall=None) is None
    assert make_codec().connect_params(None, "x").valid_until is None


@pytest.mark.parametrize("name", SPEAKERS)
def test_the_login_tells_until_when_it_holds_where_the_platform_asks_for_an_end(name):
    codec = SPEAKERS[name].factory(SPEAKERS[name].settings(host="x"), SOCKET)
    lives = {"tencent": LIFETIME_S, "onenet": TOKEN_S, "onenet-datastream": TOKEN_S}
    signed = codec.connect_params(1_800_000_000.0, "abcde")
    expected = None if name not in lives else 1_800_000_000 + lives[name]
    assert signed.valid_until == expected
    assert codec.connect_params(None, "abcde").valid_until is None


def test_the_link_comes_back_at_once_without_a_warning_or_a_grown_wait():
    bench = Bench()
    with capture_logs() as logs:
        bench.run(for_s=3 * LIFETIME_S)
    gaps = [late - early for early, late in pairwise(bench.attempts)]
    assert gaps == pytest.approx([DUE_S] * 3, abs=1)
    assert [entry for entry in logs if entry["log_level"] == "warning"] == []
    assert [entry["event"] for entry in logs].count("cloud.renews") == 3
    assert bench.link.status.last_error is None


def test_a_setback_after_a_renewal_is_the_first_of_its_kind():
    troubles = [Trouble(lasts_s=2)] * 3 + [Trouble()]
    refusal = Trouble(refusal=TransportError("no route"))
    bench = Bench(*troubles, refusal).run(for_s=2 * LIFETIME_S)
    assert not bench.link.status.is_kicked
    assert bench.attempts[5] - bench.attempts[4] < 10.001


async def held(bench):
    """Leave one report unanswered while the renewal falls due, until it is sent again."""
    await asyncio.sleep(DUE_S - 5)
    bench.platform.is_mute_to = {"report"}
    bench.report(7)
    await asyncio.sleep(18)
    bench.platform.is_mute_to = set()


def test_a_report_that_is_under_way_is_answered_first():
    bench = Bench().run(held, for_s=60)
    first, second = bench.attempts
    assert 14 <= second - first - DUE_S <= 17
    assert bench.outbox.counters.unconfirmed == 0


CUTTING = {
    "tencent": {"tencent": TencentRules(cuts_at_expiry=True)},
    "onenet": {"onenet": OnenetRules(cuts_at_expiry=True)},
}
"""Emulators that end a session with its credentials."""


@pytest.mark.parametrize(
    ("name", "cuts"), [("tencent", True), ("tencent", False), ("onenet", True)]
)
def test_no_session_is_cut_because_its_credentials_have_ended(name, cuts):
    life_s = LIFETIME_S if name == "tencent" else TOKEN_S

    async def scenario(world: World) -> None:
        await world.settled()
        await asyncio.sleep(1.05 * life_s)
        assert world.is_online
        assert world.link.status.sessions == 2
        assert world.said("cloud.down") == world.said("session.cut") == []

    play(name, scenario, options=CUTTING[name] if cuts else None)

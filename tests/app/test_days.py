"""Days begin for the device when the clock says so, and only while it is trusted."""

import time

from agent.app.days import day_of, keep_days, until_next_look_s
from agent.devices.inputs import Dated


class Steps:
    """A clock whose sleeps lead from one wall time to the next; the last one ends the test."""

    def __init__(self, *wall_times):
        self._wall_times = list(wall_times)
        self.slept = []

    def now(self):
        return 0.0

    def wall_time(self):
        return self._wall_times[0]

    async def sleep(self, seconds):
        self.slept.append(seconds)
        del self._wall_times[0]
        if not self._wall_times:
            raise EndOfTestError


class EndOfTestError(Exception):
    """The clock has no more times."""


async def days(*wall_times, place=""):
    told = []
    try:
        await keep_days(told.append, Steps(*wall_times), lambda: place)
    except EndOfTestError:
        return told


def local(text):
    return time.mktime(time.strptime(text, "%Y-%m-%d %H:%M:%S"))


async def test_each_day_is_told_once():
    told = await days(
        local("2026-11-26 22:00:00"),
        local("2026-11-26 23:59:59"),
        local("2026-11-27 00:00:00"),
        local("2026-11-27 00:00:30"),
    )
    assert told == [Dated(day="2026-11-26"), Dated(day="2026-11-27")]


async def test_nothing_is_told_while_the_clock_is_not_trusted():
    assert await days(None, None, local("2026-11-26 10:00:00")) == [Dated(day="2026-11-26")]


def test_a_time_zone_that_moves_while_the_agent_runs_is_seen(monkeypatch):
    noon = 1_764_158_400.0  # 2025-11-26 12:00 UTC
    try:
        with monkeypatch.context() as environ:
            environ.setenv("TZ", "WEST+13")
            assert day_of(noon) == "2025-11-25"
            environ.setenv("TZ", "EAST-13")
            assert day_of(noon) == "2025-11-27"
    finally:
        time.tzset()


async def test_days_are_those_of_the_place_where_one_is_named():
    noon = 1_764_158_400.0
    assert await days(noon, noon + 8 * 3600, place="Asia/Shanghai") == [
        Dated(day="2025-11-26"),
        Dated(day="2025-11-27"),
    ]


def test_midnight_is_looked_at_within_a_moment():
    wall_time = local("2026-11-26 23:59:58")
    slept = until_next_look_s(wall_time)
    assert 2 <= slept <= 2.1
    assert day_of(wall_time + slept) == "2026-11-27"
    assert until_next_look_s(local("2026-11-26 12:10:00")) == 30

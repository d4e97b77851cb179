from datetime import datetime
from zoneinfo import ZoneInfo

from agent.automation.local_time import UNKNOWN, LocalTime, is_zone, zone


def test_time_that_nobody_vouches_for_is_not_known():
    assert UNKNOWN.wall_time(5.0) is None
    assert UNKNOWN.monotonic(5.0) is None
    assert UNKNOWN.moment(5.0) is None


def test_a_moment_is_that_of_the_zone():
    local = LocalTime(offset=1_782_000_000.0, zone="Asia/Shanghai")
    assert local.wall_time(60.0) == 1_782_000_060.0
    assert local.monotonic(1_782_000_060.0) == 60.0
    expected = datetime(2026, 6, 21, 8, 1, tzinfo=ZoneInfo("Asia/Shanghai"))
    assert local.moment(60.0) == expected


def test_what_is_no_zone_counts_as_utc():
    assert is_zone("Europe/Berlin")
    for name in ("Europe/Nowhere", "", "../etc", "Europe", "a\0b", "x" * 5000):
        assert not is_zone(name)
        assert zone(name).utcoffset(None) is not None

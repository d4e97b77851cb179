"""What goes to a cloud is counted in bounded memory, and a month is forecast from it."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.clouds.limits import LIMITS, TENCENT
from agent.clouds.usage import (
    FORECAST_FROM_S,
    HOUR_S,
    HOURS_KEPT,
    MONTH_S,
    SECONDS_KEPT,
    Usage,
)

BEGAN = 1234.5


def steady(for_s, every_s=5, size=200, limits=TENCENT):
    usage, now = Usage(BEGAN), BEGAN
    while now < BEGAN + for_s:
        usage.add_message(size, limits.billed_bytes, now)
        now += every_s
    return usage.report(limits, BEGAN + for_s)


@pytest.mark.parametrize("for_s", [FORECAST_FROM_S, 5000, 100_000, 400_000])
def test_a_steady_device_is_forecast_rightly_after_ten_minutes_and_after_days(for_s):
    report = steady(for_s)
    assert report.forecast.messages == pytest.approx(MONTH_S / 5, rel=0.01)
    assert report.forecast.payload_bytes == pytest.approx(200 * MONTH_S / 5, rel=0.01)
    assert report.forecast.billed == report.forecast.messages
    assert report.messages_last_minute == 12
    assert report.publish_headroom == pytest.approx(0.98)
    assert report.observed_s <= HOURS_KEPT * HOUR_S


def test_below_ten_minutes_there_is_no_number():
    report = steady(FORECAST_FROM_S - 1)
    assert report.forecast is None
    assert report.observed_s == FORECAST_FROM_S - 1


def test_what_was_long_ago_is_forecast_no_more():
    usage = Usage(0.0)
    for _ in range(1000):
        usage.add_message(10_000, None, 100.0)
    later = 100.0 + HOURS_KEPT * HOUR_S
    assert usage.report(TENCENT, later - HOUR_S).forecast.messages > 0
    assert usage.report(TENCENT, later).forecast.messages == 0
    assert usage.report(TENCENT, 161.0).messages_last_minute == 0


@pytest.mark.parametrize(("size", "billed"), [(0, 1), (1, 1), (512, 1), (513, 2), (16_384, 32)])
def test_a_message_is_billed_for_each_512_bytes_that_are_begun(size, billed):
    usage = Usage(0.0)
    usage.add_message(size, TENCENT.billed_bytes, 1.0)
    report = usage.report(TENCENT, FORECAST_FROM_S)
    assert report.forecast.billed == billed * MONTH_S / FORECAST_FROM_S
    assert report.forecast.messages == MONTH_S / FORECAST_FROM_S


def test_nothing_is_said_of_a_bill_where_nothing_is_known_of_it():
    assert steady(1000, limits=LIMITS["aliyun"]).forecast.billed is None


def test_head_room_is_what_the_limit_has_left_and_never_less_than_none():
    usage = Usage(0.0)
    for _ in range(3):
        usage.add_connect(10.0)
    for _ in range(1000):
        usage.add_message(1, None, 10.5)
    report = usage.report(TENCENT, 20.0)
    assert (report.connects_last_minute, report.connect_headroom) == (3, 0.75)
    assert (report.messages_last_minute, report.publish_headroom) == (1000, 0.0)
    assert usage.report(replace(TENCENT, messages_per_s=20), 20.0).publish_headroom < 0.2
    assert usage.report(TENCENT, 100.0).publish_headroom == 1.0


@given(
    steps=st.lists(
        st.tuples(st.floats(0, 7200), st.integers(0, 20_000), st.booleans()), max_size=200
    )
)
@settings(max_examples=50)
def test_memory_is_bounded_and_the_last_minute_is_right(steps):
    usage, now, at = Usage(BEGAN), BEGAN, []
    for gap, size, is_connect in steps:
        now += gap
        if is_connect:
            usage.add_connect(now)
        else:
            usage.add_message(size, 512, now)
            at.append(now)
    assert len(usage._seconds.buckets) <= SECONDS_KEPT
    assert len(usage._hours.buckets) <= HOURS_KEPT
    seen = usage.report(TENCENT, now).messages_last_minute
    assert sum(now - each <= 60 for each in at) <= seen <= sum(now - each < 61 for each in at)

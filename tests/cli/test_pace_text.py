"""The pace of a cloud fits into one line of a table of 80 columns."""

import pytest

from agent.cli.pace import FORECAST_FROM_S, pace_text
from agent.cli.table import status_text
from agent.clouds import usage

PACE = {
    "messages_last_minute": 12,
    "connects_last_minute": 1,
    "publish_headroom": 0.98,
    "connect_headroom": 0.917,
    "observed_s": 5400,
    "messages_per_30_days": 51_834,
    "megabytes_per_30_days": 9.312,
    "billed_messages_per_30_days": 51_834,
}
SHORT = {
    **PACE,
    "observed_s": 130,
    "messages_per_30_days": None,
    "megabytes_per_30_days": None,
    "billed_messages_per_30_days": None,
}


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({}, "12/min, head-room 98 %; month: 51,800 messages, 9.31 MB"),
        (
            {"billed_messages_per_30_days": 103_668},
            "12/min, head-room 98 %; month: 51,800 messages (104,000 billed), 9.31 MB",
        ),
        (
            {"connect_headroom": 0.2},
            "12/min, head-room 98 %, for connects 20 %; month: 51,800 messages, 9.31 MB",
        ),
        (SHORT, "12/min, head-room 98 %; forecast in 8 min"),
        ({**SHORT, "observed_s": 599.9}, "12/min, head-room 98 %; forecast in 1 min"),
        (
            {"messages_per_30_days": 0, "megabytes_per_30_days": 0.0, "publish_headroom": 1.0}
            | {"messages_last_minute": 0, "billed_messages_per_30_days": None},
            "0/min, head-room 100 %; month: 0 messages, 0 MB",
        ),
        ({"messages_last_minute": None}, ""),
        ({"publish_headroom": True}, ""),
    ],
)
def test_the_line_says_head_room_and_what_a_month_comes_to(changes, text):
    assert pace_text({**PACE, **changes}) == text


def test_it_waits_for_a_forecast_as_long_as_the_agent_does():
    assert usage.FORECAST_FROM_S == FORECAST_FROM_S


def test_a_table_with_a_pace_fits_into_eighty_columns():
    cloud = {"connected": True, "since": 1_800_000_000, "pending": 0, "pace": PACE}
    busy = {**cloud, "pace": {**PACE, "messages_last_minute": 600, "publish_headroom": 0.0}}
    clouds = {"tencent": cloud, "aliyun": {**cloud, "pace": SHORT}, "onenet": busy}
    properties = {"apparent_power": 60.1, "power_switch": True}
    device = {"id": "socket-1", "kind": "socket", "properties": properties, "clouds": clouds}
    text = status_text({"devices": [device], "agent": {"version": "0.1.0"}})
    assert text.count("  pace ") == 3
    assert max(map(len, text.splitlines())) <= 80


def test_an_older_agent_that_tells_no_pace_gets_no_line():
    device = {"id": "a", "kind": "socket", "clouds": {"tencent": {"connected": True}}}
    assert "pace" not in status_text({"devices": [device]})

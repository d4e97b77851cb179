"""What is over, on a platform without a history: what was measured, and events with their time."""

import json

import pytest

from agent.messages import EventReport
from agent.ports import Batch
from tests.clouds.reports import AT, low_voltage, report, trip
from tests.clouds.support import DEVICE, make_codec

CODEC = make_codec()
NOW = AT + 3600
LATE = AT + 86_400
"""The platform takes no stamp of AT any more."""


def told(batch):
    assert batch.publish is not None
    return json.loads(batch.publish.payload)


def test_the_past_is_told_one_report_at_a_time_and_with_its_time():
    batch = CODEC.encode_past([report(voltage=229.8), report(60)], "7", NOW)
    assert batch == Batch(publish=CODEC.encode(report(voltage=229.8), "7", NOW))
    assert told(batch)["timestamp"] == 1_800_000_000_250


def test_nothing_that_was_set_is_told_of_the_past():
    codec = make_codec(rename={"current_limit": "limit", "count_down_to": "to"})
    switched = report(power_switch=True, count_down=9, count_down_to=True, current_limit=5.0)
    mixed = report(**switched.values, voltage=230.0, total_energy=1.5)
    assert codec.encode_past([switched, report()], "7", NOW) == Batch(publish=None)
    assert told(codec.encode_past([mixed], "7", NOW))["params"] == {
        "voltage": 230.0,
        "total_kwh": 1.5,
    }


def test_what_was_measured_at_an_unknown_time_is_not_told():
    assert CODEC.encode_past([report(at=None), report()], "7", NOW) == Batch(publish=None)


@pytest.mark.parametrize("encode", [CODEC.encode_past, CODEC.encode_together])
def test_events_go_together_each_with_its_time(encode):
    batch = encode([trip(), low_voltage(1.5), report(2)], "7", NOW)
    assert (batch.taken, batch.publish.topic) == (2, f"$thing/up/event/{DEVICE}")
    assert told(batch) == {
        "method": "events_post",
        "clientToken": "CS0SLTKSYA-7",
        "events": [
            {
                "eventId": "status_report",
                "type": "info",
                "timestamp": 1_800_000_000_250,
                "params": {"status": 1, "message": "overcurrent"},
            },
            {
                "eventId": "low_voltage",
                "type": "alert",
                "timestamp": 1_800_000_001_750,
                "params": {"voltage": 180.0},
            },
        ],
    }
    assert encode([low_voltage(each) for each in range(30)], "7", NOW).taken == 10
    assert encode([trip()], "7", NOW) == Batch(publish=CODEC.encode(trip(), "7", NOW))


def test_a_report_of_now_goes_alone():
    batch = CODEC.encode_together([report(power_switch=True), report()], "7", NOW)
    assert batch == Batch(publish=CODEC.encode(report(power_switch=True), "7", NOW))


def test_an_event_of_an_unknown_time_goes_alone_and_without_one():
    batch = CODEC.encode_past([trip(at=None), trip()], "7", NOW)
    assert batch == Batch(publish=CODEC.encode(trip(at=None), "7", NOW))
    assert "timestamp" not in told(batch)


def test_an_old_event_tells_its_time_in_its_text():
    (only,) = told(CODEC.encode_past([trip(), trip()], "7", LATE))["events"][1:]
    assert only == {
        "eventId": "status_report",
        "type": "info",
        "params": {"status": 1, "message": "overcurrent at 2027-01-15 08:00:00 UTC"},
    }
    assert told(CODEC.encode_past([trip()], "7", LATE)) == {
        "method": "event_post",
        "version": "1.0",
        "clientToken": "CS0SLTKSYA-7",
        **only,
    }


@pytest.mark.parametrize("name", ["meter", "x" * 64, ""])
def test_its_text_is_no_longer_than_the_model_allows(name):
    values = {"name": name, "error_code": 1}
    fault = EventReport(name="hardware_fault", values=values, wall_time=AT)
    body = told(CODEC.encode_past([fault], "7", LATE))
    text = body["params"]["name"]
    assert text == f"{name[:37]} at 2027-01-15 08:00:00 UTC".strip()
    assert len(text) <= 64
    assert ("timestamp" in body, body["params"]["error_code"]) == (False, 1)


def test_an_old_event_without_a_text_has_no_time():
    body = told(CODEC.encode_past([low_voltage()], "7", LATE))
    assert (body["params"], "timestamp" in body) == ({"voltage": 180.0}, False)


def test_while_nobody_knows_the_time_no_stamp_is_risked():
    batch = CODEC.encode_past([trip(), trip()], "7", None)
    assert batch.taken == 1
    assert told(batch)["params"]["message"] == "overcurrent at 2027-01-15 08:00:00 UTC"
    assert "timestamp" not in told(batch)
    assert told(CODEC.encode_past([report()], "7", None))["timestamp"] == 1_800_000_000_250

"""What Aliyun hears of trips, other events and facts, and under which names."""

import pytest

from agent.errors import ConfigError
from agent.messages import EventReport, InfoReport
from tests.clouds.aliyun_device import AT, THING, encoded, make_codec


def raised(event, wall_time=None, **values):
    return EventReport(name=event, values=values, wall_time=wall_time)


def test_a_trip_by_current_is_an_event_of_its_own():
    trip = raised("trip", AT, cause="overcurrent", value=7.3, limit=5, duration_s=0.2)
    publish, body = encoded(trip)
    assert (publish.topic, publish.qos) == (f"{THING}/event/OverCurrent/post", 1)
    assert body == {
        "id": "1",
        "version": "1.0",
        "sys": {"ack": 1},
        "params": {
            "value": {"Current": 7.3, "Threshold": 5.0, "TripState": 1},
            "time": 1524448722000,
        },
        "method": "thing.event.OverCurrent.post",
    }


def test_a_trip_by_current_tells_only_what_is_known():
    _, body = encoded(raised("trip", cause="overcurrent", value=float("nan")))
    assert body["params"] == {"value": {"TripState": 1}}


def test_another_trip_tells_its_cause():
    publish, body = encoded(raised("trip", cause="overpower", value=1300.0, limit=1100))
    assert publish.topic == f"{THING}/event/Trip/post"
    assert body["params"] == {"value": {"Cause": "overpower", "Value": 1300.0, "Limit": 1100.0}}
    _, body = encoded(raised("trip", cause="meter_lost", value=float("nan"), duration_s=3))
    assert body["params"] == {"value": {"Cause": "meter_lost", "Duration": 3.0}}


def test_other_events_have_identifiers_too():
    publish, body = encoded(raised("low_voltage", voltage=180.04))
    assert publish.topic == f"{THING}/event/LowVoltage/post"
    assert body["params"] == {"value": {"Voltage": 180.0}}
    publish, body = encoded(raised("hardware_fault", name="relay", error_code=1))
    assert body["method"] == "thing.event.HardwareFault.post"
    assert body["params"] == {"value": {"Name": "relay", "ErrorCode": 1}}


def test_events_and_their_parameters_can_be_renamed():
    rename = {
        "trip.overcurrent": "Over",
        "trip.overcurrent.value": "I",
        "trip.overcurrent.limit": "Max",
        "trip.overcurrent.state": "State",
        "trip": "Off",
        "trip.cause": "Why",
    }
    trip = raised("trip", cause="overcurrent", value=7.3, limit=5.0)
    publish, body = encoded(trip, rename=rename)
    assert publish.topic == f"{THING}/event/Over/post"
    assert body["params"]["value"] == {"I": 7.3, "Max": 5.0, "State": 1}
    publish, body = encoded(raised("trip", cause="undervoltage"), rename=rename)
    assert publish.topic == f"{THING}/event/Off/post"
    assert body["params"]["value"] == {"Why": "undervoltage"}


@pytest.mark.parametrize(
    "rename",
    [
        {"count_down.time_left": "IsRunning"},
        {"trip.overcurrent.value": "Threshold"},
        {"trip.overcurrent": "Cause"},
        {"voltage": "Current"},
    ],
)
def test_two_names_in_one_place_cannot_share_an_identifier(rename):
    with pytest.raises(ConfigError, match="on the wire"):
        make_codec(rename=rename)


def test_only_what_the_device_has_can_be_renamed():
    with pytest.raises(ConfigError, match=r"nothing named .trip\.message."):
        make_codec(rename={"trip.message": "Message"})


def test_facts_become_labels_in_the_characters_of_labels():
    facts = {
        "name": "socket-1",
        "hardware": "Raspberry Pi 4 (rev 1.4)",
        "place": "厨房/1",
        "mac-address": "aa:bb",
        "2nd": "x" * 300,
        "empty": "",
        "": "nameless",
    }
    publish, body = encoded(InfoReport(facts=facts))
    assert publish.topic == f"{THING}/deviceinfo/update"
    assert body["method"] == "thing.deviceinfo.update"
    assert body["params"] == [
        {"attrKey": "name", "attrValue": "socket-1"},
        {"attrKey": "hardware", "attrValue": "Raspberry_Pi_4__rev_1.4_"},
        {"attrKey": "place", "attrValue": "厨房_1"},
        {"attrKey": "mac_address", "attrValue": "aa_bb"},
        {"attrKey": "_2nd", "attrValue": "x" * 256},
    ]
    assert make_codec().encode(InfoReport(facts={}), "1") is None

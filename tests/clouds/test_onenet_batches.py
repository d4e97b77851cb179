"""What goes up to OneNET several at once: history and pack, or many points of each stream."""

import json

import pytest

from agent.messages import Ack, PropertyReport
from agent.ports import Batch
from tests.clouds.onenet_support import PREFIX, datastream, hear, legacy, said, thing
from tests.clouds.reports import AT, low_voltage, report, trip

MS = 1_800_000_000_250
NOW = AT + 3600
THING, STREAMS, OLD = thing(), datastream(), legacy()
NAN = PropertyReport(values={"voltage": float("nan")}, wall_time=AT)


def params(batch):
    assert batch.publish is not None
    return said(batch.publish)["params"]


def framed(batch):
    payload = batch.publish.payload
    assert int.from_bytes(payload[1:3], "big") == len(payload) - 3
    return payload[0], json.loads(payload[3:])


# ── a thing model ───────────────────────────────────────────────────────────────────────────


def test_the_past_is_the_documented_history():
    batch = THING.encode_past(
        [report(power_switch=True), low_voltage(1), report(60), report(61)], "7", NOW
    )
    assert (batch.taken, batch.publish.topic) == (4, f"{PREFIX}thing/history/post")
    assert said(batch.publish) == {
        "id": "7",
        "version": "1.0",
        "params": [
            {
                "properties": {
                    "power_switch": [{"value": True, "time": MS}],
                    "voltage": [
                        {"value": 230.0, "time": MS + 60_000},
                        {"value": 230.0, "time": MS + 61_000},
                    ],
                },
                "events": {"low_voltage": [{"value": {"voltage": 180.0}, "time": MS + 1000}]},
            }
        ],
    }
    assert THING.encode_past([report()], "7", NOW).publish.topic.endswith("history/post")


def test_what_has_waited_is_the_documented_pack():
    batch = THING.encode_together([report(), low_voltage(1), report(60)], "7")
    assert (batch.taken, batch.publish.topic) == (3, f"{PREFIX}thing/pack/post")
    assert params(batch) == [
        {"properties": {"voltage": {"value": 230.0, "time": MS}}},
        {"events": {"low_voltage": {"value": {"voltage": 180.0}, "time": MS + 1000}}},
        {"properties": {"voltage": {"value": 230.0, "time": MS + 60_000}}},
    ]
    assert THING.encode_together([report()], "7") == Batch(publish=THING.encode(report(), "7"))


def test_a_pack_is_small_and_a_history_has_at_most_100_values_of_one():
    assert THING.encode_together([report(each) for each in range(30)], "7").taken == 10
    assert THING.encode_past([report(each) for each in range(130)], "7").taken == 100
    assert THING.encode_past([low_voltage(each) for each in range(130)], "7").taken == 100


def test_a_pack_has_at_most_100_points_of_the_device_events_included():
    wide = {f"x{number}": float(number) for number in range(30)}
    mixed = [report(**wide), low_voltage(), report(**wide), report(**wide), report(**wide)]
    assert THING.encode_together(mixed, "7").taken == 4


@pytest.mark.parametrize("codec", [THING, STREAMS, OLD])
def test_what_has_no_time_is_no_past(codec):
    event = low_voltage(at=None)
    assert codec.encode_past([report(at=None), report()], "7", NOW) == Batch(publish=None)
    assert codec.encode_past([report(), report(), report(at=None)], "7", NOW).taken == 2
    assert codec.encode_past([event, event], "7", NOW) == Batch(publish=codec.encode(event, "7"))
    assert codec.encode_past([NAN, report()], "7", NOW) == Batch(publish=None)


@pytest.mark.parametrize("codec", [THING, STREAMS, OLD])
def test_of_now_what_has_no_time_goes_alone(codec):
    batch = codec.encode_together([report(at=None), report()], "7", NOW)
    assert batch == Batch(publish=codec.encode(report(at=None), "7", NOW))
    assert codec.encode_together([NAN, report()], "7", NOW) == Batch(publish=None)


def test_without_a_history_the_past_is_a_pack_or_alone():
    old = [report(voltage=1.0, power_switch=True), report(1), trip(2)]
    packed = thing(history="batch").encode_past(old, "7", NOW)
    assert packed.taken == 3
    assert params(packed)[0]["properties"].keys() == {"voltage"}
    alone = thing(history="single").encode_past(old, "7", NOW)
    assert alone == Batch(publish=THING.encode(report(voltage=1.0), "7"))


def test_what_may_not_be_packed_goes_alone():
    some, none = thing(batch="properties"), thing(batch="none")
    assert some.encode_together([report(), report(1), trip()], "7").taken == 2
    assert some.encode_together([trip(), trip()], "7").taken == 1
    assert none.encode_together([report(), report()], "7").taken == 1


@pytest.mark.parametrize("channel", ["history", "pack"])
def test_their_replies_are_heard(channel):
    good = hear(THING, f"thing/{channel}/post/reply", {"id": "7", "code": 200, "msg": "success"})
    assert (good.message_id, good.is_accepted) == ("7", True)
    bad = hear(THING, f"thing/{channel}/post/reply", {"id": "7", "code": 2402, "msg": "no"})
    assert isinstance(bad, Ack)
    assert (bad.message_id, bad.is_accepted, bad.code) == ("7", False, 2402)


# ── data streams ────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("encode", [STREAMS.encode_past, STREAMS.encode_together])
def test_a_message_has_several_points_of_a_stream_also_of_one_second(encode):
    batch = encode([report(), report(0.5, voltage=231.0), low_voltage(60)], "7", NOW)
    assert (batch.taken, batch.publish.topic) == (3, f"{PREFIX}dp/post/json")
    second = int(AT)
    assert said(batch.publish) == {
        "id": 7,
        "dp": {
            "voltage": [{"v": 230.0, "t": second}, {"v": 231.0, "t": second}],
            "low_voltage": [{"v": {"voltage": 180.0}, "t": second + 60}],
        },
    }


def test_one_report_of_streams_is_the_usual_post():
    expected = Batch(publish=STREAMS.encode(report(), "7"))
    assert STREAMS.encode_past([report()], "7", NOW) == expected
    assert datastream(history="single").encode_past([report(), report()], "7") == expected
    assert datastream(batch="none").encode_together([report(), report()], "7") == expected
    assert datastream(history="single").encode_together([report(), report()], "7").taken == 2


# ── the old platform ────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("encode", [OLD.encode_past, OLD.encode_together])
def test_a_frame_has_several_points_of_a_stream_also_of_one_second(encode):
    batch = encode([report(), report(0.5, voltage=231.0), trip(60)], "7", NOW)
    assert (batch.taken, batch.publish.topic, batch.publish.is_answered) == (3, "$dp", False)
    kind, body = framed(batch)
    at = "2027-01-15 16:00:00"
    assert (kind, body["datastreams"][0]) == (
        1,
        {
            "id": "voltage",
            "datapoints": [{"at": at, "value": 230.0}, {"at": at, "value": 231.0}],
        },
    )
    assert body["datastreams"][1]["datapoints"][0]["at"] == "2027-01-15 16:01:00"


def test_a_frame_is_never_too_long_for_its_length():
    many = [report(each, voltage=230.0, current=1.0) for each in range(1000)]
    batch = OLD.encode_past(many, "7", NOW)
    assert 500 < batch.taken < 1000
    assert 65_400 < len(batch.publish.payload) <= OLD.limits.payload_bytes
    assert framed(batch)[0] == 1


def test_one_of_the_old_platform_is_the_usual_frame():
    expected = Batch(publish=OLD.encode(report(), "7", NOW))
    assert framed(expected)[0] == 4
    assert OLD.encode_past([report()], "7", NOW) == expected
    assert legacy(history="single").encode_past([report(), report()], "7", NOW) == expected
    assert legacy(batch="none").encode_together([report(), report()], "7", NOW) == expected


def test_where_stamps_are_not_written_there_is_no_past():
    codec = legacy(stamps="none")
    assert codec.encode_past([report(), report()], "7", NOW) == Batch(publish=None)
    assert codec.encode_past([trip(), trip()], "7", NOW) == Batch(publish=codec.encode(trip(), "7"))
    together = codec.encode_together([report(), report()], "7", NOW)
    assert together == Batch(publish=codec.encode(report(), "7"))

"""What goes up to Aliyun several at once: its history for what is over, its batch for now."""

import pytest

from agent.messages import Ack, PropertyReport
from agent.ports import Batch
from tests.clouds.aliyun_device import DN, PK, THING, decode, make_codec, read
from tests.clouds.reports import AT, low_voltage, report, trip

HISTORY = f"{THING}/event/property/history/post"
BATCH = f"{THING}/event/property/batch/post"
MS = 1_800_000_000_250
NOW = AT + 3600
CODEC = make_codec()


def told(batch):
    assert batch.publish is not None
    return read(batch.publish)["params"]


def test_the_past_is_the_documented_history_of_the_device_itself():
    batch = CODEC.encode_past(
        [report(power_switch=True, voltage=229.8), report(60, voltage=230.0)], "7", NOW
    )
    assert (batch.taken, batch.publish.topic, batch.publish.qos) == (2, HISTORY, 1)
    assert (batch.publish.is_answered, batch.publish.replied_on) == (True, f"{HISTORY}_reply")
    assert read(batch.publish) == {
        "id": "7",
        "version": "1.0",
        "sys": {"ack": 1},
        "params": [
            {
                "identity": {"productKey": PK, "deviceName": DN},
                "properties": [
                    {
                        "PowerSwitch": {"value": 1, "time": MS},
                        "CurrentVoltage": {"value": 229.8, "time": MS},
                    },
                    {"CurrentVoltage": {"value": 230.0, "time": MS + 60_000}},
                ],
            }
        ],
        "method": "thing.event.property.history.post",
    }


def test_events_of_the_past_stand_beside_what_was_measured():
    batch = CODEC.encode_past([trip(), report(1), low_voltage(2)], "7", NOW)
    assert batch.taken == 3
    assert told(batch)[0]["events"] == [
        {"OverCurrent": {"value": {"Current": 7.5, "Threshold": 5.0, "TripState": 1}, "time": MS}},
        {"LowVoltage": {"value": {"Voltage": 180.0}, "time": MS + 2000}},
    ]
    assert len(told(batch)[0]["properties"]) == 1


def test_one_message_of_the_past_is_history_too():
    assert CODEC.encode_past([report()], "7", NOW).publish.topic == HISTORY


def test_what_has_waited_is_the_documented_batch():
    batch = CODEC.encode_together([report(), low_voltage(), report(60), report(61, current=1)], "7")
    assert (batch.taken, batch.publish.topic) == (4, BATCH)
    assert batch.publish.replied_on == f"{BATCH}_reply"
    assert told(batch) == {
        "properties": {
            "CurrentVoltage": [
                {"value": 230.0, "time": MS},
                {"value": 230.0, "time": MS + 60_000},
            ],
            "Current": [{"value": 1.0, "time": MS + 61_000}],
        },
        "events": {"LowVoltage": [{"value": {"Voltage": 180.0}, "time": MS}]},
    }


@pytest.mark.parametrize(
    "message", [report(), report(at=None), low_voltage(), low_voltage(at=None)]
)
def test_one_alone_is_the_usual_post(message):
    alone = Batch(publish=CODEC.encode(message, "7"))
    assert CODEC.encode_together([message], "7") == alone
    assert CODEC.encode_together([report(at=None), message], "7").taken == 1


def test_a_batch_ends_before_what_has_no_time():
    assert CODEC.encode_together([report(), report(), report(at=None)], "7").taken == 2
    assert CODEC.encode_past([report(), report(), report(at=None)], "7").taken == 2
    assert CODEC.encode_past([report(at=None), report()], "7") == Batch(publish=None)


def test_an_event_of_an_unknown_time_is_posted_alone_and_without_one():
    event = low_voltage(at=None)
    batch = CODEC.encode_past([event, event], "7", NOW)
    assert batch == Batch(publish=CODEC.encode(event, "7"))
    assert told(batch) == {"value": {"Voltage": 180.0}}


def test_what_says_nothing_has_no_form():
    empty = PropertyReport(values={"voltage": float("nan")}, wall_time=AT)
    assert CODEC.encode_past([empty, report()], "7") == Batch(publish=None)
    assert CODEC.encode_together([empty, report()], "7") == Batch(publish=None)


@pytest.mark.parametrize("encode", [CODEC.encode_past, CODEC.encode_together])
def test_at_most_200_values_and_20_events_go_together(encode):
    assert encode([report(each, voltage=1.0, current=1.0) for each in range(150)], "7").taken == 100
    assert encode([low_voltage(each) for each in range(30)], "7").taken == 20


def test_where_the_platform_has_no_history_the_past_is_a_batch_of_what_was_measured():
    codec = make_codec(history="batch")
    old = [report(voltage=1.0, power_switch=True, count_down=9), report(1), trip(2)]
    batch = codec.encode_past(old, "7", NOW)
    assert (batch.taken, batch.publish.topic) == (3, BATCH)
    assert told(batch)["properties"].keys() == {"CurrentVoltage"}
    switched = report(power_switch=True, count_down=9, count_down_to=True, current_limit=5.0)
    assert codec.encode_past([switched, report()], "7", NOW) == Batch(publish=None)
    assert codec.encode_past([report(at=None)], "7", NOW) == Batch(publish=None)


def test_or_each_goes_by_itself():
    codec = make_codec(history="single")
    old = report(voltage=1.0, power_switch=True)
    expected = codec.encode(report(voltage=1.0), "7")
    assert codec.encode_past([old, report()], "7", NOW) == Batch(publish=expected)
    assert codec.encode_past([trip(), trip()], "7") == Batch(publish=codec.encode(trip(), "7"))


def test_what_may_not_be_batched_goes_alone():
    some, none = make_codec(batch="properties"), make_codec(batch="none")
    assert some.encode_together([report(), report(1), trip()], "7").taken == 2
    assert some.encode_together([trip(), trip()], "7") == Batch(publish=CODEC.encode(trip(), "7"))
    assert none.encode_together([report(), report()], "7") == Batch(
        publish=CODEC.encode(report(), "7")
    )


@pytest.mark.parametrize("topic", [HISTORY, BATCH])
def test_their_replies_are_heard(topic):
    assert decode(f"{topic}_reply", id="7", code=200, data={}) == Ack(
        message_id="7", is_accepted=True, code=200
    )
    refusal = decode(f"{topic}_reply", id="7", code=6106, message="too many")
    assert (refusal.message_id, refusal.is_accepted, refusal.code) == ("7", False, 6106)

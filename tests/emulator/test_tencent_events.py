"""A device's events: what is recorded, and what is refused."""

import pytest

from tests.emulator.dialogues import MS, OWN
from tests.emulator.support import DEVICE, WALL, make_device

EVENT_UP = f"$thing/up/event/{OWN}"


def event(**fields):
    return {
        "eventId": "status_report",
        "type": "info",
        "timestamp": MS,
        "params": {"status": 1, "message": "overcurrent"},
    } | fields


def test_an_event_is_recorded_and_answered():
    core = make_device()
    post = {"method": "event_post", "clientToken": "e", "version": "1.0"} | event()
    assert core.ask(1, EVENT_UP, post) == {
        "method": "event_reply",
        "clientToken": "e",
        "version": "1.0",
        "code": 0,
        "status": "success",
        "data": {},
    }
    (record,) = core.platform.describe(DEVICE)["events"]
    assert (record["id"], record["params"]["message"]) == ("status_report", "overcurrent")


@pytest.mark.parametrize(
    ("method", "answer"), [("events_post", "events_reply"), ("event_post", "event_reply")]
)
def test_events_may_come_in_a_list_under_either_method(method, answer):
    core = make_device()
    post = {"method": method, "clientToken": "e", "events": [event(), event(timestamp=0)]}
    assert core.ask(1, EVENT_UP, post)["method"] == answer
    assert len(core.platform.describe(DEVICE)["events"]) == 2


@pytest.mark.parametrize(
    ("expected", "fields"),
    [
        (403, {"eventId": "DeviceStatus"}),
        (403, {"eventId": None}),
        (403, {"params": {"Message": "x"}}),
        (405, {"timestamp": int(WALL)}),
        (406, {"type": "alert"}),
        (406, {"type": "fatal"}),
        (406, {"params": {"status": True}}),
        (406, {"params": {"message": "x" * 65}}),
    ],
)
def test_a_wrong_event_is_refused_with_all_that_came_with_it(expected, fields):
    core = make_device()
    post = {"method": "events_post", "clientToken": "e", "events": [event(), event(**fields)]}
    assert core.ask(1, EVENT_UP, post)["code"] == expected
    assert core.platform.describe(DEVICE)["events"] == []

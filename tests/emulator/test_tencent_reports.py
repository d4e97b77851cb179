"""A device's reports: what is taken, and the code of each that is not."""

import json

import pytest

from tests.emulator import probe
from tests.emulator.dialogues import MS, report
from tests.emulator.support import CLIENT_ID, DEVICE, DOWN, NAME, PRODUCT, UP, WALL, make_device


def reply_code(document):
    core = make_device()
    reply = core.ask(1, UP, document)
    assert reply["method"] == "report_reply"
    return reply["code"], core.platform.describe(DEVICE)["properties"]


GOOD = {
    "power_switch": 1,
    "voltage": 229.8,
    "current": 0,
    "active_power": 98.1,
    "apparent_power": 99,
    "power_factor": 0.99,
    "total_kwh": 9999.999,
    "count_down": 86_400,
}


def test_a_good_report_is_taken_and_answered_with_its_token():
    core = make_device()
    assert core.ask(1, UP, report(GOOD, timestamp=MS)) == {
        "method": "report_reply",
        "clientToken": "t-1",
        "code": 0,
        "status": "success",
    }
    core.ask(1, UP, report({"voltage": 230}))
    assert core.platform.describe(DEVICE)["properties"] == GOOD | {"voltage": 230}


@pytest.mark.parametrize(
    ("expected", "document"),
    [
        (400, b"{"),
        (400, b""),
        (400, b"\xff"),
        (400, b"[]"),
        (400, b"null"),
        (400, b'{"method":"report","params":{"voltage":NaN}}'),
        (400, b"[" * 16_000),
        (400, b'{"clientToken":' + b"[" * 40 + b"]" * 40 + b"}"),
        (400, b'{"method":"report","clientToken":1e999}'),
        (403, report({"voltag": 1})),
        (403, report({"voltage": 230, "DeviceStatus": 1})),
        (405, report({"voltage": 230}, timestamp=int(WALL))),
        (405, report({"voltage": 230}, timestamp=MS - 86_401_000)),
        (405, report({"voltage": 230}, timestamp="now")),
        (406, report({"power_switch": True})),
        (406, report({"power_switch": 2})),
        (406, report({"power_switch": "1"})),
        (406, report({"voltage": "230"})),
        (406, report({"voltage": -0.1})),
        (406, report({"voltage": 400.1})),
        (406, report({"voltage": None})),
        (406, report({"count_down": 1.5})),
        (406, report({"count_down": 86_401})),
        (406, report({"count_down": True})),
        (406, report([])),
        (406, {"method": "report", "clientToken": "t-1"}),
    ],
)
def test_a_wrong_report_has_its_code_and_changes_nothing(expected, document):
    assert reply_code(document) == (expected, {})


def test_a_huge_integer_is_out_of_range_and_not_a_crash():
    assert reply_code(b'{"method":"report","params":{"voltage":1' + b"0" * 4000 + b"}}")[0] == 406


def test_a_reply_before_the_subscription_is_lost():
    core = make_device()
    core.say(1, probe.unsubscribe(DOWN))
    assert core.say(1, probe.publish(UP, json.dumps(report({"voltage": 1})).encode())) == []
    assert CLIENT_ID == PRODUCT + NAME

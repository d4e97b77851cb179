"""What a device asks that has one answer here."""

import json

import pytest

from tests.emulator.aliyun import MODEL, MS, OWN, THING, ask, code, make_device, say

NTP = f"/ext/ntp/{OWN}/request"


@pytest.mark.parametrize(
    ("sent", "now"), [("1700000000000", str(MS)), ("", str(MS)), (1_700_000_000_000, MS), (0.5, MS)]
)
def test_the_time_is_told_in_the_type_it_was_asked_in(sent, now):
    (message,) = say(make_device(), NTP, {"deviceSendTime": sent})
    assert message.topic == f"/ext/ntp/{OWN}/response"
    assert json.loads(message.payload) == {
        "deviceSendTime": sent,
        "serverRecvTime": now,
        "serverSendTime": now,
    }


@pytest.mark.parametrize("document", [b"", b"{", b"[]", {}, {"deviceSendTime": None}, b"7"])
def test_a_malformed_request_for_the_time_has_no_answer(document):
    core = make_device()
    assert say(core, NTP, document) == []
    assert core.notes[-1].event == "uplink.refused"


def test_the_thing_model_can_be_fetched():
    data = ask(make_device(), f"{THING}/dsltemplate/get", {})["data"]
    assert data == json.loads(MODEL.read_bytes())


def test_there_is_no_remote_configuration():
    params = {"configScope": "product", "getType": "file"}
    assert code(make_device(), f"{THING}/config/get", params) == 6713


def test_no_log_is_wanted_and_some_is_taken():
    core = make_device()
    data = ask(core, f"{THING}/config/log/get", {"configScope": "device"})["data"]
    assert data == {"getType": "content", "content": {"mode": 0}}
    assert code(core, f"{THING}/log/post", [{"logLevel": "INFO"}]) == 200


@pytest.mark.parametrize("params", [None, {}, [], [{}] * 41])
def test_a_malformed_log_is_460(params):
    assert code(make_device(), f"{THING}/log/post", params) == 460

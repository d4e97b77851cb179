"""The smaller dialogues: facts, versions, the time, logs, unbinding and what is unknown."""

import json

import pytest

from tests.emulator import probe
from tests.emulator.dialogues import MS, OWN
from tests.emulator.support import DEVICE, UP, WALL, make_device


def test_report_info_is_kept():
    core = make_device()
    info = {"name": "socket-1", "fw_ver": "1.2.0", "device_label": {"append_info": "x"}}
    reply = core.ask(1, UP, {"method": "report_info", "clientToken": "i", "params": info})
    assert (reply["method"], reply["code"]) == ("report_info_reply", 0)
    assert core.platform.describe(DEVICE)["info"] == info


@pytest.mark.parametrize(
    ("up", "down", "request_document", "expected"),
    [
        (
            "$ota/report",
            "$ota/update",
            {"type": "report_version", "report": {"version": "0.1"}},
            {
                "type": "report_version_rsp",
                "version": "0.1",
                "result_code": 0,
                "result_msg": "success",
            },
        ),
        (
            "$sys/operation",
            "$sys/operation/result",
            {"type": "get", "resource": ["time"]},
            {"type": "get", "time": int(WALL), "ntptime1": MS, "ntptime2": MS},
        ),
        (
            "$log/operation",
            "$log/operation/result",
            {"type": "get_log_level", "clientToken": "l"},
            {
                "type": "get_log_level",
                "clientToken": "l",
                "log_level": 0,
                "result": 0,
                "timestamp": int(WALL),
            },
        ),
        (
            "$thing/up/service",
            "$thing/down/service",
            {"method": "unbind_device_request", "clientToken": "u"},
            {
                "method": "unbind_device_reply",
                "clientToken": "u",
                "code": 0,
                "status": "success",
            },
        ),
    ],
)
def test_the_smaller_dialogues_are_answered(up, down, request_document, expected):
    core = make_device()
    core.say(1, probe.subscribe((f"{down}/{OWN}", 0)))
    (packet,) = core.say(1, probe.publish(f"{up}/{OWN}", json.dumps(request_document).encode()))
    message = probe.read_message(*packet)
    assert (message.topic, json.loads(message.payload)) == (f"{down}/{OWN}", expected)


@pytest.mark.parametrize("method", ["", "reports", 7, None, ["report"], {}])
def test_an_unknown_method_is_403(method):
    core = make_device()
    reply = core.ask(1, UP, {"method": method, "clientToken": "x"})
    assert (reply["code"], reply["clientToken"]) == (403, "x")

"""What the platform asks of a device: controls and actions, sent, kept and settled."""

import json

import pytest

from tests.emulator import probe
from tests.emulator.dialogues import MS, OWN, report
from tests.emulator.support import DEVICE, DOWN, UP, make_device


def control(core, values):
    request = core.platform.control(DEVICE, values, core.at)
    was_sent = core.publish(request.publication)
    return request.request_id, was_sent


def get_status(core, **fields):
    return core.ask(1, UP, {"method": "get_status", "clientToken": "g", **fields})


def test_a_control_is_sent_and_its_reply_is_passed_on():
    core = make_device()
    token, was_sent = control(core, {"power_switch": 1})
    assert was_sent
    message = probe.read_message(*core.hear(1)[0])
    assert message.topic == DOWN
    assert json.loads(message.payload) == {
        "method": "control",
        "clientToken": token,
        "params": {"power_switch": 1},
    }
    reply = {"method": "control_reply", "clientToken": token, "code": 406, "status": "why"}
    assert core.say(1, probe.publish(UP, json.dumps(reply).encode())) == []
    (answer,) = core.answers
    assert (answer.request_id, answer.code, answer.message) == (token, 406, "why")
    assert "control" not in get_status(core)["data"]


@pytest.mark.parametrize("extra", [{}, {"method": "control_reply", "data": {}}])
def test_a_control_reply_may_lack_its_method_or_carry_data(extra):
    core = make_device()
    token, _ = control(core, {"power_switch": 1})
    core.hear(1)
    core.say(1, probe.publish(UP, json.dumps({"clientToken": token, "code": 0} | extra).encode()))
    assert [answer.code for answer in core.answers] == [0]


def test_get_status_gives_what_its_type_asks_for():
    core = make_device()
    assert get_status(core) == {
        "method": "get_status_reply",
        "clientToken": "g",
        "code": 0,
        "status": "success",
        "data": {},
    }
    core.ask(1, UP, report({"voltage": 230}))
    control(core, {"count_down": 600, "power_switch": 0})
    control(core, {"power_switch": 1})
    core.hear(1)
    reported = {"reported": {"voltage": 230}}
    wanted = {"control": {"count_down": 600, "power_switch": 1}}
    assert get_status(core)["data"] == reported | wanted
    assert get_status(core, params={"type": "report"})["data"] == reported | wanted
    by_report = get_status(core, type="report")
    assert (by_report["data"], by_report["type"]) == (reported, "report")
    by_control = get_status(core, type="control", showmeta=0)
    assert (by_control["data"], by_control["type"]) == (wanted, "control")


def test_a_control_for_an_absent_device_waits_until_clear_control():
    core = make_device()
    core.lose(1)
    _, was_sent = control(core, {"power_switch": 1})
    assert not was_sent
    core.broker.open(1, core.at)
    core = make_device()
    control(core, {"power_switch": 1})
    core.hear(1)
    cleared = core.ask(1, UP, {"method": "clear_control", "clientToken": "c"})
    assert cleared == {
        "method": "clear_control_reply",
        "clientToken": "c",
        "code": 0,
        "status": "success",
    }
    assert get_status(core)["data"] == {}


def test_a_control_reply_with_the_get_status_token_settles_what_that_handed_out():
    core = make_device()
    token, _ = control(core, {"power_switch": 1})
    core.hear(1)
    get_status(core)
    core.say(1, probe.publish(UP, b'{"method":"control_reply","clientToken":"g","code":0}'))
    assert [answer.request_id for answer in core.answers] == [token]
    assert get_status(core)["data"] == {}


def test_an_action_is_invoked_and_its_reply_passed_on():
    core = make_device()
    request = core.platform.invoke(DEVICE, "reset_energy", {}, core.at)
    core.publish(request.publication)
    message = json.loads(probe.read_message(*core.hear(1)[0]).payload)
    assert message == {
        "method": "action",
        "clientToken": request.request_id,
        "actionId": "reset_energy",
        "timestamp": MS,
        "params": {},
    }
    reply = {
        "method": "action_reply",
        "clientToken": request.request_id,
        "code": 0,
        "status": "ok",
        "response": {"err_code": 0},
    }
    core.say(1, probe.publish(f"$thing/up/action/{OWN}", json.dumps(reply).encode()))
    (answer,) = core.answers
    assert (answer.code, answer.message, answer.output) == (0, "ok", {"err_code": 0})

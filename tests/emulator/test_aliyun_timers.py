"""The shipped model of Aliyun takes timers and lists of countdowns as the platform's model does."""

import json

import pytest

from agent.emulator.aliyun.rules import AliyunRules
from tests.emulator.aliyun import DEVICE, POST, SET, ask, described, make_device, say, sent

TIMER = {"Timer": "30 7 * * 1", "Enable": 1, "IsValid": 1, "PowerSwitch": 1}
COUNTDOWN = {"Target": "PowerSwitch", "Contents": "PowerSwitch-0-1-60-1799999999000"}
STRICT = AliyunRules(refuses_unknown=True, checks_ranges=True)


def post(rules=None, **params):
    return ask(make_device(rules), POST, params)


def test_timers_and_countdowns_are_stored_and_shown_as_they_came():
    core = make_device()
    unused = {"Timer": "", "Enable": 0, "IsValid": 0}
    assert (
        ask(core, POST, {"LocalTimer": [TIMER, unused], "CountDownList": COUNTDOWN})["code"] == 200
    )
    shown = described(core)["properties"]
    assert shown["LocalTimer"] == [TIMER, unused]
    assert shown["CountDownList"] == COUNTDOWN
    assert ask(core, POST, {"LocalTimer": []})["code"] == 200
    assert described(core)["properties"]["LocalTimer"] == []


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({"LocalTimer": TIMER}, 6328),
        ({"LocalTimer": [TIMER, 7]}, 6325),
        ({"LocalTimer": [{**TIMER, "Timer": 730}]}, 6325),
        ({"LocalTimer": [{**TIMER, "Enable": True}]}, 6325),
        ({"LocalTimer": [{**TIMER, "Targets": "PowerSwitch"}]}, 6325),
        ({"LocalTimer": [TIMER] * 14}, 6324),
        ({"LocalTimer": [{**TIMER, "Timer": "x" * 2049}]}, 6325),
        ({"CountDownList": "PowerSwitch-0-1-60"}, 6312),
        ({"CountDownList": {**COUNTDOWN, "Contents": 60}}, 6310),
        ({"CountDownList": {**COUNTDOWN, "PowerSwitch": 1}}, 6304),
    ],
)
def test_what_the_model_does_not_have_like_that_is_refused(params, code):
    assert post(STRICT, **params)["code"] == code
    assert "x" * 60 not in post(STRICT, **params)["message"]


def test_a_product_with_weak_validation_leaves_it_out():
    core = make_device()
    assert ask(core, POST, {"LocalTimer": TIMER, "PowerSwitch": 1})["code"] == 200
    assert described(core)["properties"] == {"PowerSwitch": 1}


def test_an_app_sets_timers_in_the_platforms_own_form():
    core = make_device()
    request = core.platform.control(DEVICE, {"LocalTimer": [TIMER]}, core.at)
    message = sent(core, request)
    assert message.topic == SET
    body = json.loads(message.payload)
    assert body["params"] == {"LocalTimer": [TIMER]}
    reply = {"id": body["id"], "code": 200, "data": {}, "message": "success"}
    assert say(core, f"{SET}_reply", reply) == []

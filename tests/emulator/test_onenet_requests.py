"""What the platform asks a device with a thing model, and which of its replies are taken."""

import json

import pytest

from agent.emulator.onenet import thing
from agent.emulator.onenet.model import read_model
from agent.emulator.onenet.pending import MAX_PENDING, Match, Pending, Waiting
from agent.emulator.onenet.rules import OnenetRules
from agent.emulator.onenet.thing import ThingPlatform
from agent.emulator.platform import NotSupportedError, RequestError
from tests.emulator import probe
from tests.emulator.onenet import (
    DEVICE,
    KEY,
    NAME,
    OWN,
    PRODUCT,
    log_codes,
    login,
    make_thing,
    messages,
    post,
    say,
    thing_device,
    view,
)
from tests.emulator.support import Core

SET = f"{OWN}thing/property/set"
GET = f"{OWN}thing/property/get"
INVOKE = f"{OWN}thing/service/reset_energy/invoke"


def ask(core, request):
    """Send a request, and return its id and what the device hears."""
    assert core.publish(request.publication)
    ((topic, payload),) = messages(core.hear(1))
    assert topic == request.publication.topic
    return request.request_id, json.loads(payload)


def switched(core):
    return core.platform.control(DEVICE, {"power_switch": True}, core.at)


def test_a_set_carries_bare_values_and_an_id_of_digits():
    core = thing_device()
    number, body = ask(core, switched(core))
    assert body == {"id": number, "version": "1.0", "params": {"power_switch": True}}
    assert number.isdigit()
    assert len(number) <= 13


def test_two_runs_give_out_different_ids():
    core, platform = thing_device(), make_thing()
    other = ThingPlatform(
        [thing.register(PRODUCT, NAME, KEY, read_model(b'{"properties":[]}'))], nonce="x"
    )
    first = platform.control(DEVICE, {}, core.at).request_id
    assert first != platform.control(DEVICE, {}, core.at).request_id
    assert first != other.control(DEVICE, {}, core.at).request_id


def test_a_reply_answers_the_request_once():
    core = thing_device()
    number, _ = ask(core, switched(core))
    assert say(core, f"{SET}_reply", {"id": number, "code": 200, "msg": "success"}) == []
    (answered,) = core.answers
    assert (answered.request_id, answered.code, answered.message) == (number, 200, "success")
    say(core, f"{SET}_reply", {"id": number, "code": 200, "msg": "success"})
    assert len(core.answers) == 1
    assert log_codes(core) == [1028]


def test_a_reply_after_five_seconds_is_too_late():
    core = thing_device()
    number, _ = ask(core, switched(core))
    core.wait(5.1)
    say(core, f"{SET}_reply", {"id": number, "code": 200})
    assert core.answers == []
    assert log_codes(core) == [1023]


@pytest.mark.parametrize(
    ("code", "reply"),
    [
        (1027, b"{"),
        (1027, b"[]"),
        (1027, b""),
        (1027, {"code": 200}),
        (1027, {"id": 7, "code": 200}),
        (1027, {"id": "7"}),
        (1027, {"id": "7", "code": "200"}),
        (1027, {"id": "7", "code": True}),
        (1028, {"id": "7", "code": 200}),
        (1028, {"id": "", "code": 200}),
    ],
)
def test_a_reply_that_answers_nothing_is_noted(code, reply):
    core = thing_device()
    ask(core, switched(core))
    assert say(core, f"{SET}_reply", reply) == []
    assert core.answers == []
    assert log_codes(core) == [code]


def test_a_number_for_the_id_is_not_taken_even_if_it_is_the_right_one():
    core = thing_device()
    number, _ = ask(core, switched(core))
    say(core, f"{SET}_reply", {"id": int(number), "code": 200})
    assert log_codes(core) == [1027]


def test_a_reply_on_another_topic_answers_nothing():
    core = thing_device()
    number, _ = ask(core, switched(core))
    say(core, f"{GET}_reply", {"id": number, "code": 200})
    say(core, f"{OWN}thing/service/x/invoke_reply", {"id": number, "code": 200})
    assert core.answers == []
    assert log_codes(core) == [1028, 1028]
    say(core, f"{SET}_reply", {"id": number, "code": 100, "msg": "no"})
    assert core.answers[0].code == 100


def test_a_get_brings_the_values_of_now():
    core = thing_device()
    number, body = ask(core, core.platform.get(DEVICE, ["voltage"], core.at))
    assert body["params"] == ["voltage"]
    say(core, f"{GET}_reply", {"id": number, "code": 200, "data": {"voltage": 221.5}})
    assert core.answers[0].output == {"voltage": 221.5}


def test_a_service_is_invoked_on_a_topic_of_its_own():
    core = thing_device()
    number, body = ask(core, core.platform.invoke(DEVICE, "reset_energy", {}, core.at))
    assert body == {"id": number, "version": "1.0", "params": {}}
    reply = {"id": number, "code": 200, "data": {"result": 0}}
    say(core, f"{INVOKE}_reply", reply)
    assert core.answers[0].output == {"result": 0}


def test_an_asynchronous_service_may_take_its_time():
    row = {"identifier": "slow", "callType": "async", "input": [], "output": []}
    model = read_model(json.dumps({"properties": [], "services": [row]}).encode())
    core = Core(ThingPlatform([thing.register(PRODUCT, NAME, KEY, model)], nonce="n"))
    core.connect(1, **login())
    core.say(1, probe.subscribe((f"{OWN}thing/#", 0)))
    number, _ = ask(core, core.platform.invoke(DEVICE, "slow", {}, core.at))
    core.wait(60)
    say(core, f"{OWN}thing/service/slow/invoke_reply", {"id": number, "code": 200})
    assert core.answers[0].code == 200


@pytest.mark.parametrize("name", ["", "a/b", "+", "#", "x" * 65, "ü", "a b"])
def test_a_service_that_could_be_no_topic_is_refused(name):
    core = thing_device()
    with pytest.raises(RequestError, match="letters"):
        core.platform.invoke(DEVICE, name, {}, core.at)


def test_sets_above_one_a_second_fail_at_the_api_when_that_is_asked_for():
    core = thing_device(OnenetRules(sets_per_s=1))
    ask(core, switched(core))
    with pytest.raises(RequestError, match="1 set a second"):
        switched(core)
    core.wait(1)
    ask(core, switched(core))


def test_a_set_reaches_nobody_who_has_not_subscribed():
    core = thing_device()
    core.say(1, probe.unsubscribe(f"{OWN}thing/#"))
    request = switched(core)
    assert not request.is_kept
    assert not core.publish(request.publication)
    assert core.platform.offline_code == 10500


def desired(core, *names):
    return post(core, "thing/property/desired/get", list(names))["data"]


def test_desired_values_have_versions_that_count_up_and_start_anew():
    core = thing_device()
    for value in (True, False):
        request = core.platform.desire(DEVICE, {"power_switch": value, "count_down": 5}, core.at)
        assert request.is_kept
        _, body = ask(core, request)
        assert body["params"] == {"power_switch": value, "count_down": 5}
    assert desired(core, "power_switch", "voltage") == {
        "power_switch": {"value": False, "version": 2}
    }
    assert view(core)["desired"]["count_down"] == {"value": 5, "version": 2}
    params = {"power_switch": {"version": 2}, "count_down": {}, "voltage": {}}
    assert post(core, "thing/property/desired/delete", params)["code"] == 200
    assert desired(core, "power_switch", "count_down") == {}
    core.platform.desire(DEVICE, {"power_switch": True}, core.at)
    assert desired(core, "power_switch") == {"power_switch": {"value": True, "version": 1}}


def test_a_delete_of_a_stale_version_is_ignored():
    core = thing_device()
    core.platform.desire(DEVICE, {"power_switch": True}, core.at)
    core.platform.desire(DEVICE, {"power_switch": False}, core.at)
    params = {"power_switch": {"version": 1}}
    assert post(core, "thing/property/desired/delete", params)["code"] == 200
    assert desired(core, "power_switch") == {"power_switch": {"value": False, "version": 2}}


def test_desired_values_wait_for_a_device_that_is_offline():
    core = Core(make_thing())
    request = core.platform.desire(DEVICE, {"power_switch": True}, core.at)
    assert not core.publish(request.publication)
    core.connect(1, **login())
    core.say(1, probe.subscribe((f"{OWN}thing/#", 0)))
    assert desired(core, "power_switch") == {"power_switch": {"value": True, "version": 1}}


@pytest.mark.parametrize(
    ("channel", "params"),
    [
        ("get", {}),
        ("get", [1]),
        ("get", [["x"]]),
        ("get", "power_switch"),
        ("delete", []),
        ("delete", {"power_switch": 1}),
        ("delete", {"power_switch": {"version": "1"}}),
        ("delete", {"power_switch": {"version": True}}),
    ],
)
def test_a_malformed_request_for_desired_values_is_2402(channel, params):
    core = thing_device()
    core.platform.desire(DEVICE, {"power_switch": True}, core.at)
    assert post(core, f"thing/property/desired/{channel}", params)["code"] == 2402
    assert "power_switch" in view(core)["desired"]


def test_what_a_thing_model_has_not_is_refused():
    core = thing_device()
    with pytest.raises(NotSupportedError):
        core.platform.command(DEVICE, b"on", core.at)
    with pytest.raises(NotSupportedError):
        core.platform.message(DEVICE, "a", b"")


def test_garbage_comes_on_the_devices_own_topics():
    core = thing_device()
    core.fault(kind="garbage")
    heard = messages(core.hear(1))
    assert len(heard) > 15
    assert all(topic.startswith(OWN) for topic, _ in heard)


def test_requests_that_nobody_answers_give_way_to_newer_ones():
    waiting = Waiting()
    for number in range(MAX_PENDING + 1):
        waiting.add(str(number), Pending(reply_on="t", due=1.0))
    assert waiting.settle("0", "t", 0.0) is Match.UNKNOWN
    assert waiting.settle("1", "t", 0.0) is Match.EXPECTED

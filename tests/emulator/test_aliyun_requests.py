"""What the platform asks of a device, and which answers count."""

import json

import pytest

from agent.emulator.platform import RequestError
from tests.emulator import probe
from tests.emulator.aliyun import (
    DEVICE,
    OWN,
    POST,
    SET,
    THING,
    WITH_SYNC,
    described,
    make_device,
    make_platform,
    say,
    sent,
)

RESPONSE = f"/sys/{OWN}/rrpc/response/"


def invoke(core, name, **values):
    request = core.platform.invoke(DEVICE, name, values, core.at)
    return request.request_id, sent(core, request)


def answer(core, topic, document, **fields):
    """Answer as a device does, and return what the control API learns."""
    core.answers.clear()
    assert say(core, topic, document, **fields) == [], "an answer has no answer"
    return core.answers


def test_a_set_is_sent_and_its_reply_passed_on_and_stored_nowhere():
    core = make_device()
    request = core.platform.control(DEVICE, {"PowerSwitch": 1}, core.at)
    assert not request.is_kept
    message = sent(core, request)
    assert (message.topic, message.qos) == (SET, 1)
    assert json.loads(message.payload) == {
        "method": "thing.service.property.set",
        "id": request.request_id,
        "params": {"PowerSwitch": 1},
        "version": "1.0.0",
    }
    assert request.request_id.isdigit()
    reply = {"id": request.request_id, "code": 200, "data": {"x": 1}, "message": "done"}
    (found,) = answer(core, f"{SET}_reply", reply)
    assert (found.request_id, found.code, found.message) == (request.request_id, 200, "done")
    assert found.output == {"x": 1}
    assert described(core)["properties"] == {}


def test_the_ids_of_requests_differ():
    platform = make_platform()
    ids = {platform.fetch(DEVICE, []).request_id for _ in range(100)}
    assert len(ids) == 100


@pytest.mark.parametrize("reply", [{"code": 200}, {"code": 460, "data": []}, {"code": 100_000}])
def test_a_reply_may_be_short_and_have_a_number_for_its_id(reply):
    core = make_device()
    (found,) = answer(core, f"{SET}_reply", {"id": 12, **reply})
    assert (found.request_id, found.code, found.output) == ("12", reply["code"], {})


@pytest.mark.parametrize(
    "reply",
    [
        *(b"", b"{", b"[]", b"{}"),
        *({"id": "1"}, {"code": 200}, {"id": [], "code": 200}),
        *({"id": "1", "code": "200"}, {"id": "1", "code": True}),
    ],
)
def test_a_reply_without_id_or_code_counts_for_nothing(reply):
    core = make_device()
    assert answer(core, f"{SET}_reply", reply) == []
    assert core.notes[-1].event == "uplink.refused"


def test_properties_can_be_asked_for():
    core = make_device()
    request = core.platform.fetch(DEVICE, ["PowerSwitch", "Current"])
    message = sent(core, request)
    assert message.topic == f"{THING}/service/property/get"
    document = json.loads(message.payload)
    assert document["params"] == ["PowerSwitch", "Current"]
    assert document["method"] == "thing.service.property.get"
    reply = {"id": request.request_id, "code": 200, "data": {"PowerSwitch": 1}}
    (found,) = answer(core, f"{message.topic}_reply", reply)
    assert found.output == {"PowerSwitch": 1}


def test_the_built_in_services_can_be_invoked_by_their_names():
    core = make_device()
    assert invoke(core, "set", PowerSwitch=1)[1].topic == SET
    assert json.loads(invoke(core, "get", Current=0)[1].payload)["params"] == ["Current"]
    assert "PowerSwitch" in json.loads(invoke(core, "get")[1].payload)["params"]


@pytest.mark.parametrize("name", ["ResetEnergy", "NoSuchService"])
def test_an_asynchronous_service_is_called_and_its_reply_passed_on(name):
    core = make_device()
    number, message = invoke(core, name, Hard=1)
    assert (message.topic, message.qos) == (f"{THING}/service/{name}", 1)
    assert json.loads(message.payload) == {
        "method": f"thing.service.{name}",
        "id": number,
        "params": {"Hard": 1},
        "version": "1.0.0",
    }
    (found,) = answer(core, f"{message.topic}_reply", {"id": number, "code": 200, "data": {}})
    assert found.request_id == number


@pytest.mark.parametrize("name", ["", "a/b", "+", "#"])
def test_a_service_whose_name_is_no_level_of_a_topic_is_refused(name):
    with pytest.raises(RequestError):
        make_platform().invoke(DEVICE, name, {}, None)


@pytest.mark.parametrize(
    ("ext", "is_extended"), [("ext=1", True), ("ext=3", True), ("ext=2", False), ("", False)]
)
def test_a_synchronous_service_comes_in_the_form_that_ext_announced(ext, is_extended):
    core = make_device(tsl=WITH_SYNC, extra=f"_ss=1,{ext}")
    number, message = invoke(core, "ReadMeter", Phase=1)
    assert message.qos == 0
    extended = f"/ext/rrpc/{number}{THING}/service/ReadMeter"
    assert message.topic == (extended if is_extended else f"/sys/{OWN}/rrpc/request/{number}")
    document = json.loads(message.payload)
    assert document["method"] == "thing.service.ReadMeter"
    assert document["id"] != number
    reply = {"id": document["id"], "code": 200, "data": {"Current": 1.0}}
    right, wrong = f"{RESPONSE}{number}", extended
    if is_extended:
        right, wrong = wrong, right
    assert answer(core, wrong, reply) == []
    by_reply = answer(core, f"{THING}/service/ReadMeter_reply", reply)
    assert [each.request_id for each in by_reply] == [document["id"]], "which nobody waits for"
    (found,) = answer(core, right, reply)
    assert (found.request_id, found.code, found.output) == (number, 200, {"Current": 1.0})
    assert answer(core, right, reply) == [], "a call is answered once"


def test_the_answer_of_a_call_counts_for_five_seconds_and_at_qos_0_only():
    core = make_device(tsl=WITH_SYNC)
    number, message = invoke(core, "ReadMeter")
    reply = {"id": number, "code": 200, "data": {}}
    packets = core.say(1, probe.publish(message.topic, json.dumps(reply).encode(), qos=1))
    assert packets == [(0x40, b"\x00\x01")]
    assert core.answers == []
    core.wait(5)
    assert len(answer(core, message.topic, reply)) == 1
    number, message = invoke(core, "ReadMeter")
    core.wait(5.1)
    assert answer(core, message.topic, reply | {"id": number}) == []
    assert core.notes[-1].facts["reason"] == "the answer is late"


@pytest.mark.parametrize("reply", [b"", b"[]", b"{}", b'{"code":"200"}'])
def test_a_malformed_answer_of_a_call_counts_for_nothing(reply):
    core = make_device(tsl=WITH_SYNC)
    _, message = invoke(core, "ReadMeter")
    assert answer(core, message.topic, reply) == []


def test_a_hundred_calls_wait_and_the_oldest_gives_way():
    core = make_device(tsl=WITH_SYNC)
    topics = [invoke(core, "ReadMeter")[1].topic for _ in range(101)]
    assert answer(core, topics[0], {"code": 200}) == []
    assert len(answer(core, topics[1], {"code": 200})) == 1


@pytest.mark.parametrize("extra", ["ext=1,_ss=1", "_ss=1"])
def test_a_raw_command_is_answered_with_any_bytes(extra):
    core = make_device(extra=extra)
    request = core.platform.command(DEVICE, b"\x00on", core.at)
    message = sent(core, request)
    assert message.topic == f"/sys/{OWN}/rrpc/request/{request.request_id}"
    assert (message.payload, message.qos) == (b"\x00on", 0)
    (found,) = answer(core, RESPONSE + request.request_id, b"o\xff")
    assert (found.code, found.output) == (200, {"payload": "o\\xff"})


def test_a_raw_command_can_come_on_a_topic_of_the_users_own():
    core = make_device()
    topic = f"/{OWN}/user/calls"
    request = core.platform.command(DEVICE, b"on", core.at, topic=topic)
    message = sent(core, request)
    assert message.topic == f"/ext/rrpc/{request.request_id}{topic}"
    assert answer(core, RESPONSE + request.request_id, b"ok") == []
    (found,) = answer(core, message.topic, b"ok")
    assert found.output == {"payload": "ok"}


@pytest.mark.parametrize("topic", ["/x", f"/{OWN}/user/+", f"/{OWN}/user/1/2/3/4/5", POST])
def test_a_command_or_message_on_a_foreign_topic_is_refused(topic):
    core = make_device()
    with pytest.raises(RequestError):
        core.platform.command(DEVICE, b"", core.at, topic=topic)
    with pytest.raises(RequestError):
        core.platform.message(DEVICE, topic, b"")


def test_a_command_on_an_own_topic_needs_bit_0_of_ext():
    core = make_device(extra="ext=2")
    with pytest.raises(RequestError):
        core.platform.command(DEVICE, b"", core.at, topic=f"/{OWN}/user/x")
    with pytest.raises(RequestError):
        make_platform().command(DEVICE, b"", core.at, topic=f"/{OWN}/user/x")


def test_a_message_of_the_users_own_reaches_a_subscription():
    core = make_device()
    publication = core.platform.message(DEVICE, f"/{OWN}/user/get", b"on")
    assert not core.publish(publication)
    core.say(1, probe.subscribe((f"/{OWN}/user/get", 1)))
    assert core.publish(publication)
    assert probe.read_message(*core.hear(1)[0]).payload == b"on"


@pytest.mark.parametrize(
    ("name", "standing"),
    [("disable", "disabled"), ("enable", "enabled"), ("delete", "deleted")],
)
def test_a_notice_is_sent_and_its_reply_passed_on(name, standing):
    core = make_device()
    request = core.platform.notify(DEVICE, name)
    message = sent(core, request)
    assert message.topic == f"{THING}/{name}"
    document = json.loads(message.payload)
    assert (document["method"], document["params"]) == (f"thing.{name}", {})
    assert described(core)["standing"] == standing
    reply = {"id": request.request_id, "code": 200, "data": {}}
    assert len(answer(core, f"{message.topic}_reply", reply)) == 1
    assert invoke(core, name)[1].topic == message.topic


def test_there_are_three_notices():
    with pytest.raises(RequestError, match="disable, enable, delete"):
        make_platform().notify(DEVICE, "reboot")


def test_a_device_that_is_offline_gets_nothing():
    core = make_device()
    core.lose(1)
    request = core.platform.control(DEVICE, {"PowerSwitch": 1}, core.at)
    assert not core.publish(request.publication)
    assert core.platform.offline_code == 9201


def test_every_sample_of_garbage_is_for_the_device_and_reaches_it():
    core = make_device()
    assert core.fault(kind="garbage") == 1
    heard = [probe.read_message(*packet) for packet in core.hear(1)]
    assert len(heard) == len(core.platform.garbage(DEVICE)) > 20
    assert all(OWN in message.topic for message in heard)


def test_a_page_learns_what_it_can_set_and_invoke():
    shown = described(make_device())
    assert shown["settable"] == {
        "PowerSwitch": {"type": "bool", "on": 1, "off": 0},
        "CountDown": {"type": "other"},
        "CountDownList": {"type": "other"},
        "OverCurrentThreshold": {"type": "number", "min": 0.0, "max": 50.0},
        "LocalTimer": {"type": "other"},
    }
    assert shown["actions"] == ["ResetEnergy"]
    assert (shown["connects"], shown["refusals"], shown["standing"]) == (1, 0, "enabled")
    json.dumps(shown, allow_nan=False)
